//! From a configuration's tree to settings, with errors that say where and what was meant.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use regex::Regex;

use super::configuration::{Configuration, ConfigurationError, Loader};
use super::node::{self, Content, Node};
use super::rule::{Kind, Rule};
use super::setting::{Setting, Value};
use crate::error::Position;
use crate::finding::Level;
use crate::resolve::{Integer, Resolved, Schema, resolve};
use crate::similar;

type Checked<T> = Result<T, ConfigurationError>;

/// One configuration text; makes its errors.
struct Text<'t> {
    text: &'t str,
    path: &'t str,
}

const GLOBAL: &[&str] = &[
    "extends",
    "rules",
    "ignore",
    "ignore-from-file",
    "yaml-files",
    "locale",
];
const IN_RULE: &[&str] = &["level", "ignore", "ignore-from-file"];

pub(crate) fn read(
    text: &str,
    path: &str,
    loader: Loader<'_>,
    depth: usize,
) -> Checked<Configuration> {
    let file = Text { text, path };
    let Some(root) = node::read(text, path)? else {
        return Err(file.error(0, "the configuration is empty: write `extends: default`"));
    };
    let entries = file.mapping(&root, "the configuration")?;
    for (key, _) in entries {
        file.known(key, GLOBAL, "global option")?;
    }
    let mut configuration = if let Some(node) = root.get("extends") {
        file.extends(node, loader, depth)?
    } else {
        let usual = ["*.yaml", "*.yml", ".yamllint"].into_iter();
        let mut configuration = Configuration::empty();
        configuration.yaml_files = Some(file.patterns(usual, root.offset)?);
        configuration
    };
    if let Some(ignored) = file.ignored(&root, loader)? {
        configuration.ignored = Some(ignored);
    }
    if let Some(node) = root.get("yaml-files") {
        let words = file.list(node, "yaml-files")?;
        configuration.yaml_files = Some(file.patterns(words.into_iter(), node.offset)?);
    }
    if let Some(node) = root.get("locale") {
        let name = node.text().unwrap_or("");
        if !matches!(name, "C" | "POSIX" | "C.UTF-8") {
            let problem = format!(
                "locale `{name}` is not supported: keys are ordered by code point; write `C.UTF-8` or leave it out"
            );
            return Err(file.error(node.offset, problem));
        }
    }
    if let Some(rules) = root.get("rules") {
        for (key, value) in file.mapping(rules, "`rules`")? {
            file.rule(&mut configuration, key, value, loader)?;
        }
    }
    Ok(configuration)
}

impl Text<'_> {
    fn error(&self, offset: usize, problem: impl Into<String>) -> ConfigurationError {
        let position = Position::of(self.text, offset);
        ConfigurationError {
            path: self.path.to_owned(),
            line: position.line,
            column: position.column,
            problem: problem.into(),
        }
    }

    fn mapping<'n>(&self, node: &'n Node, what: &str) -> Checked<&'n [(Node, Node)]> {
        match &node.content {
            Content::Mapping(entries) => Ok(entries),
            _ => Err(self.error(node.offset, format!("{what} must be a mapping"))),
        }
    }

    /// The key, which must be one of these.
    fn known<'n>(&self, key: &'n Node, known: &[&str], what: &str) -> Checked<&'n str> {
        let name = key.text().unwrap_or("");
        if known.contains(&name) {
            return Ok(name);
        }
        let hint = nearest(name, known);
        Err(self.error(key.offset, format!("no such {what}: `{name}`{hint}")))
    }

    fn extends(&self, node: &Node, loader: Loader<'_>, depth: usize) -> Checked<Configuration> {
        let Some(name) = node.text() else {
            return Err(self.error(
                node.offset,
                "`extends` takes `default`, `relaxed` or a path",
            ));
        };
        if depth == 0 {
            return Err(self.error(
                node.offset,
                "too many configurations extend each other: is it a circle?",
            ));
        }
        if let Some(text) = Configuration::named(name) {
            return read(text, name, loader, depth - 1);
        }
        let text = self.load(name, node.offset, loader)?;
        read(&text, name, loader, depth - 1)
    }

    fn load(&self, path: &str, offset: usize, loader: Loader<'_>) -> Checked<String> {
        loader(path).map_err(|problem| {
            let hint = nearest(path, &["default", "relaxed"]);
            self.error(offset, format!("cannot read `{path}`: {problem}{hint}"))
        })
    }

    /// A list of words, or one text with a word on each line.
    fn list<'n>(&self, node: &'n Node, name: &str) -> Checked<Vec<&'n str>> {
        let words: Option<Vec<_>> = match &node.content {
            Content::Scalar(text, _) => Some(text.lines().collect()),
            Content::Sequence(items) => items.iter().map(Node::text).collect(),
            Content::Mapping(_) => None,
        };
        words.ok_or_else(|| self.error(node.offset, format!("`{name}` takes a list of patterns")))
    }

    fn patterns<'w>(
        &self,
        words: impl Iterator<Item = &'w str>,
        offset: usize,
    ) -> Checked<Gitignore> {
        let mut builder = GitignoreBuilder::new("");
        let mut problem = None;
        for word in words {
            if let Err(error) = builder.add_line(None, word) {
                problem = Some(error);
            }
        }
        let built = builder.build();
        match (problem, built) {
            (None, Ok(patterns)) => Ok(patterns),
            (Some(error), _) | (None, Err(error)) => {
                Err(self.error(offset, format!("wrong pattern: {error}")))
            }
        }
    }

    /// `ignore` or `ignore-from-file` of the whole configuration or of a rule.
    fn ignored(&self, node: &Node, loader: Loader<'_>) -> Checked<Option<Gitignore>> {
        let direct = node.get("ignore");
        let Some(from) = node.get("ignore-from-file") else {
            let Some(direct) = direct else {
                return Ok(None);
            };
            let words = self.list(direct, "ignore")?;
            return self.patterns(words.into_iter(), direct.offset).map(Some);
        };
        if direct.is_some() {
            let problem = "`ignore` and `ignore-from-file` cannot both be given";
            return Err(self.error(from.offset, problem));
        }
        let mut texts = Vec::new();
        for path in self.list(from, "ignore-from-file")? {
            texts.push(self.load(path, from.offset, loader)?);
        }
        let words = texts.iter().flat_map(|text| text.lines());
        self.patterns(words, from.offset).map(Some)
    }

    fn rule(
        &self,
        configuration: &mut Configuration,
        key: &Node,
        value: &Node,
        loader: Loader<'_>,
    ) -> Checked<()> {
        let names = Rule::ALL.map(Rule::name);
        let name = self.known(key, &names, "rule")?;
        let Some(rule) = Rule::from_name(name) else {
            return Ok(());
        };
        let setting = &mut configuration.settings[rule as usize];
        if let Content::Scalar(text, is_plain) = &value.content {
            match (text.as_str(), is_plain) {
                ("enable", _) | ("true", true) => {
                    setting.level.get_or_insert(Level::Error);
                }
                ("disable", _) | ("false", true) => *setting = Setting::new(rule),
                _ => {
                    let hint = nearest(text, &["enable", "disable"]);
                    let problem =
                        format!("rule `{name}` takes `enable`, `disable` or a mapping{hint}");
                    return Err(self.error(value.offset, problem));
                }
            }
            return Ok(());
        }
        setting.level.get_or_insert(Level::Error);
        if let Some(ignored) = self.ignored(value, loader)? {
            setting.ignored = Some(ignored);
        }
        self.options(rule, setting, value)
    }

    fn options(&self, rule: Rule, setting: &mut Setting, node: &Node) -> Checked<()> {
        let entries = rule.options();
        let mut names: Vec<&str> = entries.iter().map(|entry| entry.0).collect();
        names.extend_from_slice(IN_RULE);
        let what = format!("option of rule `{}`", rule.name());
        for (key, value) in self.mapping(node, &format!("rule `{}`", rule.name()))? {
            let name = self.known(key, &names, &what)?;
            if name == "level" {
                setting.level = Some(self.level(value)?);
            } else if let Some(entry) = entries.iter().find(|entry| entry.0 == name) {
                setting.set(name, self.value(value, name, entry.1)?);
            }
        }
        let is_required = rule == Rule::QuotedStrings && setting.bool("required");
        if is_required && !setting.patterns("extra-required").is_empty() {
            let problem = "`extra-required` says nothing with `required: true`: write `required: false` or `only-when-needed`";
            return Err(self.error(node.offset, problem));
        }
        Ok(())
    }

    fn level(&self, node: &Node) -> Checked<Level> {
        match node.text() {
            Some("error") => Ok(Level::Error),
            Some("warning") => Ok(Level::Warning),
            text => {
                let hint = nearest(text.unwrap_or(""), &["error", "warning"]);
                Err(self.error(
                    node.offset,
                    format!("`level` takes `error` or `warning`{hint}"),
                ))
            }
        }
    }

    fn value(&self, node: &Node, name: &str, kind: Kind) -> Checked<Value> {
        let scalar = match &node.content {
            Content::Scalar(text, true) => resolve(text, Schema::Yaml11),
            _ => Resolved::Text,
        };
        let text = node.text().unwrap_or("");
        let words: &'static [&'static str] = match kind {
            Kind::BoolOr(words) | Kind::IntOr(words) | Kind::Choice(words) => words,
            _ => &[],
        };
        match (kind, scalar) {
            (Kind::Bool | Kind::BoolOr(_), Resolved::Bool(value)) => return Ok(Value::Bool(value)),
            (Kind::Int | Kind::IntOr(_), Resolved::Integer(Integer::Small(value))) => {
                return Ok(Value::Int(value));
            }
            (Kind::Words(known), _) => return self.words(node, name, known),
            (Kind::Patterns, _) => return self.expressions(node, name),
            _ => {}
        }
        if let Some(word) = words.iter().find(|word| **word == text) {
            return Ok(Value::Word(word));
        }
        let hint = nearest(text, words);
        let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let wanted = match kind {
            Kind::Bool => "true or false".to_owned(),
            Kind::Int => "a whole number".to_owned(),
            Kind::BoolOr(_) => format!("true, false, {}", listed.join(", ")),
            Kind::IntOr(_) => format!("a whole number or {}", listed.join(", ")),
            _ => listed.join(", "),
        };
        Err(self.error(node.offset, format!("`{name}` takes {wanted}{hint}")))
    }

    fn items<'n>(&self, node: &'n Node, name: &str) -> Checked<&'n [Node]> {
        match &node.content {
            Content::Sequence(items) => Ok(items),
            _ => Err(self.error(node.offset, format!("`{name}` takes a list"))),
        }
    }

    fn words(&self, node: &Node, name: &str, known: &'static [&'static str]) -> Checked<Value> {
        let mut words = Vec::new();
        for item in self.items(node, name)? {
            let text = self.known(item, known, &format!("value of `{name}`"))?;
            words.extend(known.iter().find(|word| **word == text));
        }
        Ok(Value::Words(words))
    }

    fn expressions(&self, node: &Node, name: &str) -> Checked<Value> {
        let mut expressions = Vec::new();
        for item in self.items(node, name)? {
            let text = item.text().unwrap_or("");
            let built = Regex::new(text).map_err(|_| {
                let problem = format!(
                    "`{name}`: `{text}` is no regular expression without look-around and back-references"
                );
                self.error(item.offset, problem)
            })?;
            expressions.push(built);
        }
        Ok(Value::Patterns(expressions))
    }
}

/// "did you mean", when one of the names is near.
fn nearest(name: &str, known: &[&str]) -> String {
    let best = similar::nearest(name, known.iter().copied());
    best.map_or_else(String::new, |one| format!("; did you mean `{one}`?"))
}
