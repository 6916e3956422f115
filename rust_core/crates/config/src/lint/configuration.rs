//! What a `.yamllint` file says: which rules, how, and for which files. Files are read through a
//! function of the caller; their texts are checked in [`checked`](super::checked).

use ignore::gitignore::Gitignore;
use thiserror::Error;

use super::checked;
use super::rule::Rule;
use super::setting::Setting;
use crate::finding::Level;

const DEFAULT: &str = include_str!("default.yaml");
const RELAXED: &str = include_str!("relaxed.yaml");

/// Configurations that extend each other.
const EXTENDS: usize = 16;

/// Gives the text of a file that a configuration names, or says why not.
pub type Loader<'a> = &'a mut dyn FnMut(&str) -> Result<String, String>;

/// What is wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}:{line}:{column}: {problem}")]
#[non_exhaustive]
pub struct ConfigurationError {
    /// The configuration, as it was named.
    pub path: String,
    /// From one.
    pub line: usize,
    /// From one, in characters.
    pub column: usize,
    /// What, and the way out.
    pub problem: String,
}

/// Rules and files, as one or more `.yamllint` files say.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub(crate) settings: Vec<Setting>,
    pub(crate) ignored: Option<Gitignore>,
    pub(crate) yaml_files: Option<Gitignore>,
}

impl Default for Configuration {
    /// yamllint's `default`.
    fn default() -> Self {
        Self::built_in(DEFAULT)
    }
}

impl Configuration {
    /// yamllint's `relaxed`.
    #[must_use]
    pub fn relaxed() -> Self {
        Self::built_in(RELAXED)
    }

    fn built_in(text: &str) -> Self {
        let mut none = |path: &str| Err(path.to_owned());
        // A test reads both.
        Self::parse(text, "", &mut none).unwrap_or_else(|_| Self::empty())
    }

    pub(crate) fn empty() -> Self {
        Self {
            settings: Rule::ALL.into_iter().map(Setting::new).collect(),
            ignored: None,
            yaml_files: None,
        }
    }

    /// Reads the text of a `.yamllint` file. The loader is asked for files that `extends` and
    /// `ignore-from-file` name, by what they say.
    ///
    /// # Errors
    /// A text that is no YAML, an unknown rule, option or value, a file that cannot be read.
    pub fn parse(text: &str, path: &str, loader: Loader<'_>) -> Result<Self, ConfigurationError> {
        checked::read(text, path, loader, EXTENDS)
    }

    /// The configuration that `extends` names, when it is no file.
    pub(crate) fn named(name: &str) -> Option<&'static str> {
        match name {
            "default" => Some(DEFAULT),
            "relaxed" => Some(RELAXED),
            _ => None,
        }
    }

    /// Turns a rule on, whatever the files say; with its options as they are.
    pub fn enable(&mut self, rule: Rule, level: Level) {
        if let Some(setting) = self.settings.get_mut(rule as usize) {
            setting.level = Some(level);
        }
    }

    /// Whether the file is not to be looked at; the path is relative to the configuration's.
    #[must_use]
    pub fn is_ignored(&self, path: &str) -> bool {
        matches(self.ignored.as_ref(), path)
    }

    /// Whether a file found in a folder is YAML, by `yaml-files`.
    #[must_use]
    pub fn is_yaml_file(&self, path: &str) -> bool {
        matches(self.yaml_files.as_ref(), path)
    }

    pub(crate) fn setting(&self, rule: Rule) -> &Setting {
        &self.settings[rule as usize]
    }

    /// The level of each rule that applies to the file.
    pub(crate) fn levels(&self, path: &str) -> [Option<Level>; Rule::ALL.len()] {
        Rule::ALL.map(|rule| {
            let setting = self.setting(rule);
            setting
                .level
                .filter(|_| !matches(setting.ignored.as_ref(), path))
        })
    }
}

fn matches(patterns: Option<&Gitignore>, path: &str) -> bool {
    let path = path.strip_prefix("./").unwrap_or(path);
    // An absolute path is none of the patterns' business, and the crate refuses it.
    let path = path.trim_start_matches('/');
    patterns.is_some_and(|patterns| {
        patterns
            .matched_path_or_any_parents(path, false)
            .is_ignore()
    })
}
