//! Which files a check is of: those that are named, and in folders those that git would know and
//! whose names say YAML or JSON.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

/// What a file's name says of its form; everything else is read as YAML, which JSON is too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A stream of YAML documents.
    Yaml,
    /// One JSON value.
    Json,
    /// A JSON value on each line.
    JsonLines,
}

impl Form {
    /// By the ending of the name, after one of compression; `None` for other endings.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name
            .strip_suffix(".gz")
            .or_else(|| name.strip_suffix(".zst"))
            .unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// The files of the paths, folders searched: in the order of the paths, sorted within each. What
/// cannot be searched comes with the reason.
#[must_use]
pub fn files(paths: Vec<PathBuf>) -> Vec<Result<PathBuf, (PathBuf, String)>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(Ok(path));
            continue;
        }
        // A folder without .git has rules of the same name for the same reason.
        let walk = WalkBuilder::new(&path)
            .require_git(false)
            .sort_by_file_path(Path::cmp)
            .build();
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    if Form::of(entry.path()).is_some() {
                        found.push(Ok(entry.into_path()));
                    }
                }
                Ok(_) => {}
                Err(error) => found.push(Err((path.clone(), error.to_string().to_lowercase()))),
            }
        }
    }
    found
}
