"""Numbers as people read them: counts, shares, sizes and durations."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def number(count: int) -> str:
    """With a comma at the thousands."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 port``, ``2,000 ports``; ``many`` where an s is not enough."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A part is never shown as nothing, nor as all."""
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}" if share >= 0.1 else f"{max(share, 0.0001):.2%}"


def duration(seconds: float) -> str:
    """In the largest unit that it has two of: ``119s``, ``26m``, ``1.5d``."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g}{unit}"
    return f"{seconds:.0f}s"


def three_digits(value: float) -> str:
    """All that means something in percentiles that are within 1 %."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def binary_size(count: int) -> str:
    """``4.1 KiB``."""
    size = float(count)
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            break
        size /= 1024
    return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
