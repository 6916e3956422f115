//! Lints a file: `cargo run --release -p config --example lint -- FILE [CONFIGURATION]` prints the
//! findings; with `--speed` before them, the best of several runs instead; with `--fix` the text;
//! with `--folder` FILE is a folder, whose files stand as a first column.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::io::Write;
use std::time::Instant;

use config::lint::{Configuration, fix, lint};

const RUNS: usize = 9;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mode = arguments
        .first()
        .filter(|one| one.starts_with("--"))
        .cloned()
        .unwrap_or_default();
    if !mode.is_empty() {
        arguments.remove(0);
    }
    let text = std::fs::read(&arguments[0]).unwrap_or_default();
    let mut read = |path: &str| std::fs::read_to_string(path).map_err(|error| error.to_string());
    let configuration = match arguments.get(1) {
        Some(path) => {
            let text = read(path).unwrap();
            Configuration::parse(&text, path, &mut read).unwrap_or_else(|error| panic!("{error}"))
        }
        None => Configuration::default(),
    };
    match mode.as_str() {
        "--speed" => speed(&text, &configuration, &arguments[0]),
        "--fix" => std::io::stdout()
            .write_all(&fix(&text, &configuration, &arguments[0]))
            .unwrap(),
        "--folder" => {
            for entry in std::fs::read_dir(&arguments[0]).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let text = std::fs::read(&path).unwrap();
                show(&text, &configuration, &name, &format!("{name}\t"));
            }
        }
        _ => show(&text, &configuration, &arguments[0], ""),
    }
}

fn show(text: &[u8], configuration: &Configuration, path: &str, before: &str) {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for finding in lint(text, configuration, path) {
        let (line, column) = (finding.start.line, finding.start.column);
        let level = format!("{:?}", finding.level).to_lowercase();
        let message = finding.message.replace('\\', "\\\\").replace('\n', "\\n");
        let rule = finding.rule;
        writeln!(out, "{before}{line}\t{column}\t{level}\t{rule}\t{message}").unwrap();
    }
}

#[allow(clippy::cast_precision_loss)]
fn speed(text: &[u8], configuration: &Configuration, path: &str) {
    let run = || {
        let start = Instant::now();
        let count = lint(text, configuration, path).len();
        (start.elapsed(), count)
    };
    let (time, count) = (0..RUNS).map(|_| run()).min().unwrap();
    let rate = text.len() as f64 / 1e6 / time.as_secs_f64();
    println!("{rate:.0} MB/s, {time:?}, {count} findings");
}
