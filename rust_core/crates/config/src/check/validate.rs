//! JSON Schema, draft 4 to 2020-12, by the crate `jsonschema`; its errors in this project's words,
//! each at its place in the text. Nothing is fetched.

use std::path::Path;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Keyword, ValidationError};
use regex::Regex;
use serde_json::Value;
use thiserror::Error;

use super::{Raw, rule_documents};
use crate::event::Span;
use crate::limits::Limits;
use crate::similar::nearest;
use crate::tree::{Document, Node};

/// Of values, in a message.
const SHOWN_CHARACTERS: usize = 60;
const ENUM_SHOWN: usize = 12;
/// Of one document: more is a wrong schema, or a wrong document.
const MOST_ERRORS: usize = 1_000;

/// Why there is no schema to check with. Line and column are 0 where there is no place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct SchemaError {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// A `pattern` in the syntax of Go's regular expressions, which is that of the crate `regex`:
/// JSON Schema's own is another one.
pub(super) const GO_PATTERN: &str = "x-go-pattern";

struct GoPattern(Regex);

impl GoPattern {
    fn compile<'s>(value: &'s Value) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'s>> {
        let regex = Regex::new(value.as_str().unwrap_or_default());
        match regex {
            Ok(regex) => Ok(Box::new(Self(regex))),
            Err(_) => Err(ValidationError::schema(
                "a pattern is no regular expression",
            )),
        }
    }
}

impl<'i> Keyword<'i> for GoPattern {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        let value = shown(instance);
        let pattern = short(self.0.as_str());
        let message = format!("{value} does not match the pattern `{pattern}`");
        Err(ValidationError::custom(message))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_str().is_none_or(|text| self.0.is_match(text))
    }
}

/// A schema that is ready.
pub struct Validator {
    schema: Value,
    compiled: jsonschema::Validator,
    /// What stands before the paths of the schema.
    prefix: String,
}

impl Validator {
    /// Reads a schema from a file in YAML or JSON.
    ///
    /// # Errors
    /// When it cannot be read, is no schema, or refers to something outside itself.
    pub fn from_file(path: &Path) -> Result<Self, SchemaError> {
        let documents =
            rule_documents(path, &Limits::default()).map_err(|(line, column, message)| {
                SchemaError {
                    line,
                    column,
                    message,
                }
            })?;
        let [document] = documents.as_slice() else {
            let count = documents.len();
            return Err(SchemaError {
                line: 0,
                column: 0,
                message: format!("expected one document with the schema, found {count}"),
            });
        };
        Self::compile(document.value.clone(), None, String::new()).map_err(|error| {
            let place = error.instance_path().as_str();
            let at = if place.is_empty() {
                String::new()
            } else {
                format!("at {place}: ")
            };
            let (line, column) = (0, 0);
            let message = format!("{at}{}", told_of_schema(&error));
            SchemaError {
                line,
                column,
                message,
            }
        })
    }

    pub(super) fn compile(
        schema: Value,
        draft: Option<jsonschema::Draft>,
        prefix: String,
    ) -> Result<Self, ValidationError<'static>> {
        let mut options = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true);
        if let Some(draft) = draft {
            options = options.with_draft(draft);
        }
        options = options.with_keyword(GO_PATTERN, |_, value, _| GoPattern::compile(value));
        let compiled = options.build(&schema)?;
        Ok(Self {
            schema,
            compiled,
            prefix,
        })
    }

    pub(super) fn check(&self, document: &Document) -> Vec<Raw> {
        let errors = self.compiled.iter_errors(&document.value);
        let mut raws = Vec::new();
        for error in errors.take(MOST_ERRORS) {
            self.tell(&error, document, &mut raws);
        }
        raws
    }

    fn tell(&self, error: &ValidationError<'_>, document: &Document, raws: &mut Vec<Raw>) {
        let instance_path = error.instance_path().as_str().to_owned();
        let schema_path = format!("{}{}", self.prefix, error.schema_path().as_str());
        let schema_path = schema_path.replace(GO_PATTERN, "pattern");
        let node = find(&document.root, &instance_path);
        let mut push = |message, span, hint| {
            raws.push(Raw {
                rule: "schema",
                message,
                span,
                hint,
                paths: Some((instance_path.clone(), schema_path.clone())),
            });
        };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known = self.properties(error.schema_path().as_str());
                for name in unexpected {
                    let span = node.child(name).and_then(|child| child.key);
                    let hint = nearest(name, known.iter().map(String::as_str))
                        .map(|near| format!("did you mean `{near}`?"));
                    let message = format!("unknown field `{}`", short(name));
                    push(message, span.unwrap_or(node.span), hint);
                }
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let message = format!("field `{}` is missing", short(name));
                push(message, node.key.unwrap_or(node.span), None);
            }
            ValidationErrorKind::Enum { options } => {
                let (message, hint) = not_one_of(error.instance(), options);
                push(message, node.span, hint);
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                let hint = nearest_branch(context);
                let message = format!("{} fits none of the forms allowed", shown(error.instance()));
                push(message, node.span, hint);
            }
            kind => push(told(kind, error), node.span, None),
        }
    }

    /// The names that stand beside the keyword which refused another one.
    fn properties(&self, schema_path: &str) -> Vec<String> {
        let parent = schema_path
            .rsplit_once('/')
            .map_or("", |(parent, _)| parent);
        let properties = self
            .schema
            .pointer(parent)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object);
        properties.map_or_else(Vec::new, |properties| properties.keys().cloned().collect())
    }
}

fn find<'n>(root: &'n Node, pointer: &str) -> &'n Node {
    let mut node = root;
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match node.child(&part) {
            Some(child) => node = child,
            None => break,
        }
    }
    node
}

fn told(kind: &ValidationErrorKind, error: &ValidationError<'_>) -> String {
    let value = shown(error.instance());
    match kind {
        ValidationErrorKind::Type { kind } => {
            let wanted = match kind {
                TypeKind::Single(one) => one.to_string(),
                TypeKind::Multiple(several) => {
                    let names: Vec<String> = several.iter().map(|one| one.to_string()).collect();
                    names.join(" or ")
                }
            };
            let found = error.instance();
            if found.is_array() || found.is_object() {
                format!("expected {wanted}, found {value}")
            } else {
                format!("expected {wanted}, found {} {value}", kind_of(found))
            }
        }
        ValidationErrorKind::Constant { expected_value } => {
            format!("expected {}, found {value}", shown(expected_value))
        }
        ValidationErrorKind::Pattern { pattern } => {
            format!("{value} does not match the pattern `{}`", short(pattern))
        }
        ValidationErrorKind::Format { format } => format!("{value} is no {format}"),
        ValidationErrorKind::Custom { message, .. } => message.clone(),
        ValidationErrorKind::FalseSchema => format!("{value} is not allowed here"),
        ValidationErrorKind::UniqueItems => "two entries are the same".to_owned(),
        _ => {
            let text = error.to_string();
            let mut characters = text.chars();
            let first: String = characters
                .next()
                .into_iter()
                .flat_map(char::to_lowercase)
                .collect();
            short_by(&(first + characters.as_str()), 200)
        }
    }
}

fn told_of_schema(error: &ValidationError<'_>) -> String {
    let text = error.to_string();
    match error.kind() {
        ValidationErrorKind::Referencing(_) => {
            // Its message has the reference in quotes.
            let reference = text.split('\'').nth(1).unwrap_or(&text);
            let reference = short_by(reference, 200);
            format!("`$ref` to `{reference}` leads outside the schema, and nothing is fetched")
        }
        _ => format!("this is no JSON Schema: {}", short_by(&text, 200)),
    }
}

fn not_one_of(value: &Value, options: &Value) -> (String, Option<String>) {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    let mut names: Vec<String> = options.iter().take(ENUM_SHOWN).map(shown).collect();
    if options.len() > ENUM_SHOWN {
        names.push(format!("{} more", options.len() - ENUM_SHOWN));
    }
    let hint = value.as_str().and_then(|word| {
        nearest(word, options.iter().filter_map(Value::as_str))
            .map(|near| format!("did you mean `{near}`?"))
    });
    let message = format!("{} is not one of {}", shown(value), names.join(", "));
    (message, hint)
}

/// What the form that fits best lacks: the one with the fewest errors, the deepest of them.
fn nearest_branch(context: &[Vec<ValidationError<'static>>]) -> Option<String> {
    let branch = context
        .iter()
        .filter(|errors| !errors.is_empty())
        .min_by_key(|errors| {
            let depth = errors
                .iter()
                .map(|error| error.instance_path().as_str().matches('/').count())
                .max();
            (usize::MAX - depth.unwrap_or(0), errors.len())
        })?;
    let error = branch.first()?;
    let message = match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!(
                "field `{}` is missing",
                short(property.as_str().unwrap_or_default())
            )
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!(
                "unknown field `{}`",
                short(unexpected.first().map_or("", |name| name))
            )
        }
        ValidationErrorKind::Enum { options } => not_one_of(error.instance(), options).0,
        kind => told(kind, error),
    };
    let path = error.instance_path().as_str();
    Some(if path.is_empty() {
        format!("nearest: {message}")
    } else {
        format!("nearest, at {path}: {message}")
    })
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A scalar in backticks; a collection by its size.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "`null`".to_owned(),
        Value::String(text) => format!("`{}`", short(text)),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) => format!("a mapping of {}", fields.len()),
        other => format!("`{other}`"),
    }
}

fn short(text: &str) -> String {
    short_by(text, SHOWN_CHARACTERS)
}

fn short_by(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A finding of our own beside those of a schema.
pub(super) fn raw(message: String, span: Span, instance: String, schema: String) -> Raw {
    Raw {
        rule: "schema",
        message,
        span,
        hint: None,
        paths: Some((instance, schema)),
    }
}
