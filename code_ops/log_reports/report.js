// Sorting of tables, and all details open on paper. Without it the page says the same.
"use strict";

const key = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
};

const byNumber = (left, right) => Number(left) - Number(right);
const byText = (left, right) => left.localeCompare(right);

const sort = (table, heading, headings) => {
  const column = headings.indexOf(heading);
  const isFirst = !heading.hasAttribute("aria-sort");
  const isNumber = heading.dataset.by === "number";
  const compare = isNumber ? byNumber : byText;
  const isDown = isFirst ? isNumber : heading.getAttribute("aria-sort") === "ascending";
  const body = table.tBodies[0];
  const rows = [...body.rows].sort((left, right) => {
    const order = compare(key(left, column), key(right, column));
    return isDown ? -order : order;
  });
  body.append(...rows);
  for (const other of headings) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", isDown ? "descending" : "ascending");
};

for (const table of document.querySelectorAll("table")) {
  const headings = [...table.tHead.rows[0].cells];
  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading, headings));
    heading.append(button);
  }
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
