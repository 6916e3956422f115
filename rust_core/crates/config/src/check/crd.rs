//! Kubernetes custom resource definitions (`apiextensions.k8s.io/v1`): structural schemas as JSON
//! Schema, and the rules that JSON Schema cannot say.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use thiserror::Error;

use super::validate::{GO_PATTERN, Validator, raw, shown};
use super::{Raw, rule_documents};
use crate::limits::Limits;
use crate::similar::nearest;
use crate::tree::{Document, Node};

/// Why there are no definitions to check with. Line and column are 0 where there is no place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct DefinitionsError {
    /// The file.
    pub path: PathBuf,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

struct Definition {
    validator: Validator,
    /// As it stands in the definition, at this place.
    schema: Value,
    prefix: String,
    /// Rules in CEL, which only a server judges.
    unjudged: u64,
}

/// The definitions of several files, by `apiVersion` and `kind`.
#[derive(Default)]
pub struct Definitions {
    kinds: HashMap<(String, String), Definition>,
}

impl Definitions {
    /// Reads all definitions of the files; documents of other kinds are passed over.
    ///
    /// # Errors
    /// For files that cannot be read or hold no definition, and for schemas that are none.
    pub fn from_files(paths: &[PathBuf]) -> Result<Self, DefinitionsError> {
        let mut found = Self::default();
        for path in paths {
            let before = found.kinds.len();
            let documents =
                rule_documents(path, &Limits::default()).map_err(|(line, column, message)| {
                    DefinitionsError {
                        path: path.clone(),
                        line,
                        column,
                        message,
                    }
                })?;
            for document in &documents {
                found.add(path, &document.value)?;
            }
            if found.kinds.len() == before {
                return Err(failure(
                    path,
                    "no CustomResourceDefinition of version v1 in it".into(),
                ));
            }
        }
        Ok(found)
    }

    fn add(&mut self, path: &Path, document: &Value) -> Result<(), DefinitionsError> {
        let is_definition = document["kind"] == "CustomResourceDefinition"
            && document["apiVersion"] == "apiextensions.k8s.io/v1";
        let spec = &document["spec"];
        if !is_definition {
            return Ok(());
        }
        let group = spec["group"].as_str().unwrap_or_default();
        let kind = spec["names"]["kind"].as_str().unwrap_or_default();
        let versions = spec["versions"].as_array().map_or(&[][..], Vec::as_slice);
        for (number, version) in versions.iter().enumerate() {
            let schema = &version["schema"]["openAPIV3Schema"];
            if !schema.is_object() {
                continue;
            }
            let name = version["name"].as_str().unwrap_or_default();
            let mut unjudged = 0;
            let converted = converted(schema, Part::Root, &mut unjudged);
            let prefix = format!("/spec/versions/{number}/schema/openAPIV3Schema");
            let draft = Some(jsonschema::Draft::Draft4);
            let validator =
                Validator::compile(converted, draft, prefix.clone()).map_err(|error| {
                    failure(path, format!("schema of {kind} {group}/{name}: {error}"))
                })?;
            let definition = Definition {
                validator,
                schema: schema.clone(),
                prefix,
                unjudged,
            };
            self.kinds
                .insert((format!("{group}/{name}"), kind.to_owned()), definition);
        }
        Ok(())
    }

    /// What is wrong with a document, and how many rules were not judged; an error with its kind
    /// when there is no definition of it.
    pub(super) fn check(&self, document: &Document) -> Result<(Vec<Raw>, u64), String> {
        let word = |name: &str| {
            let value = document.value.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let key = (word("apiVersion"), word("kind"));
        let Some(definition) = self.kinds.get(&key) else {
            return self.unknown(document, &key);
        };
        let mut raws = definition.validator.check(document);
        lists(
            &definition.schema,
            &document.value,
            &document.root,
            &definition.prefix,
            &mut raws,
        );
        Ok((raws, definition.unjudged))
    }

    /// A kind of a known group, mistyped, is a mistake; others belong to somebody else.
    fn unknown(
        &self,
        document: &Document,
        (version, kind): &(String, String),
    ) -> Result<(Vec<Raw>, u64), String> {
        let group = version.split('/').next().unwrap_or_default();
        let of_group: Vec<&(String, String)> = self
            .kinds
            .keys()
            .filter(|(known, _)| known.split('/').next() == Some(group) && version.contains('/'))
            .collect();
        if of_group.is_empty() {
            let name = if kind.is_empty() { "no kind" } else { kind };
            let version = if version.is_empty() {
                "no apiVersion"
            } else {
                version
            };
            return Err(format!("{name} ({version})"));
        }
        let is_version = of_group.iter().any(|(_, known)| known == kind);
        let (field, message) = if is_version {
            let message = format!("the definitions have no version `{version}` of `{kind}`");
            ("apiVersion", message)
        } else {
            (
                "kind",
                format!("the definitions of `{group}` have no kind `{kind}`"),
            )
        };
        let span = document
            .root
            .child(field)
            .map_or(document.root.span, |node| node.span);
        let mut found = raw(message, span, format!("/{field}"), String::new());
        let near = if is_version {
            nearest(version, of_group.iter().map(|(known, _)| known.as_str()))
        } else {
            nearest(kind, of_group.iter().map(|(_, known)| known.as_str()))
        };
        found.hint = near.map(|near| format!("did you mean `{near}`?"));
        Ok((vec![found], 0))
    }
}

fn failure(path: &Path, message: String) -> DefinitionsError {
    DefinitionsError {
        path: path.to_owned(),
        line: 0,
        column: 0,
        message,
    }
}

/// Where in a structural schema a part stands.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Root,
    Inner,
}

/// A structural schema as JSON Schema draft 4, whose meaning of `exclusiveMinimum` OpenAPI 3.0 has.
/// The depth is that of the document it came from, which is limited.
fn converted(schema: &Value, part: Part, unjudged: &mut u64) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    let mut made = Map::new();
    for (name, value) in fields {
        match name.as_str() {
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let inner = properties
                    .map(|(key, value)| (key.clone(), converted(value, Part::Inner, unjudged)));
                made.insert(name.clone(), Value::Object(inner.collect()));
            }
            "items" | "additionalProperties" => {
                made.insert(name.clone(), converted(value, Part::Inner, unjudged));
            }
            "pattern" => {
                made.insert(GO_PATTERN.into(), value.clone());
            }
            "x-kubernetes-validations" => {
                *unjudged += value.as_array().map_or(0, |rules| rules.len() as u64);
            }
            // They describe and change nothing, and would only cost time.
            "description" | "default" | "example" | "externalDocs" => {}
            _ => {
                made.insert(name.clone(), value.clone());
            }
        }
    }
    let is_true = |name: &str| fields.get(name) == Some(&Value::Bool(true));
    if is_true("x-kubernetes-int-or-string") {
        // Definitions say it once more with `anyOf`, for readers who do not know the extension.
        made.remove("anyOf");
        made.insert("type".into(), json!(["integer", "string"]));
    }
    let is_object = fields.get("type").and_then(Value::as_str) == Some("object");
    if part == Part::Root || is_true("x-kubernetes-embedded-resource") {
        add_resource(&mut made);
    }
    let is_open = is_true("x-kubernetes-preserve-unknown-fields")
        || fields.contains_key("additionalProperties");
    if is_object && !is_open {
        // A server drops fields that it does not know, and says nothing of them.
        made.entry("properties").or_insert_with(|| json!({}));
        made.insert("additionalProperties".into(), Value::Bool(false));
    }
    if is_true("nullable") {
        add_null(&mut made);
    }
    Value::Object(made)
}

/// What every resource has.
fn add_resource(schema: &mut Map<String, Value>) {
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties
            .entry("apiVersion")
            .or_insert_with(|| json!({"type": "string"}));
        properties
            .entry("kind")
            .or_insert_with(|| json!({"type": "string"}));
        properties.insert("metadata".into(), metadata());
    }
    let required = schema.entry("required").or_insert_with(|| json!([]));
    if let Some(required) = required.as_array_mut() {
        for name in ["apiVersion", "kind"] {
            if !required.iter().any(|known| known == name) {
                required.push(name.into());
            }
        }
    }
}

/// What a person writes of `ObjectMeta`; the rest is the server's.
fn metadata() -> Value {
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "generateName": {"type": "string"},
            "namespace": {"type": "string"},
            "labels": texts,
            "annotations": texts,
            "finalizers": {"type": "array", "items": {"type": "string"}},
        },
    })
}

fn add_null(schema: &mut Map<String, Value>) {
    if let Some(kind) = schema.get_mut("type") {
        let mut kinds = kind
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![kind.clone()]);
        kinds.push("null".into());
        *kind = Value::Array(kinds);
    }
    if let Some(options) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        options.push(Value::Null);
    }
}

/// Lists that are sets, or maps by some of their fields, have no entry twice.
fn lists(schema: &Value, value: &Value, node: &Node, path: &str, raws: &mut Vec<Raw>) {
    let mut steps = vec![(schema, value, node, String::new(), path.to_owned())];
    while let Some((schema, value, node, instance, path)) = steps.pop() {
        match value {
            Value::Array(items) => {
                list(schema, items, node, &instance, &path, raws);
                for (number, item) in items.iter().enumerate() {
                    if let Some(inner) = node.child(&number.to_string()) {
                        let place = (format!("{instance}/{number}"), format!("{path}/items"));
                        steps.push((&schema["items"], item, inner, place.0, place.1));
                    }
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    let known = &schema["properties"][name.as_str()];
                    let (inner_schema, part) = if known.is_null() {
                        (
                            &schema["additionalProperties"],
                            "additionalProperties".to_owned(),
                        )
                    } else {
                        (known, format!("properties/{name}"))
                    };
                    if let (true, Some(inner)) = (inner_schema.is_object(), node.child(name)) {
                        let place = (format!("{instance}/{name}"), format!("{path}/{part}"));
                        steps.push((inner_schema, field, inner, place.0, place.1));
                    }
                }
            }
            _ => {}
        }
    }
}

fn list(
    schema: &Value,
    items: &[Value],
    node: &Node,
    instance: &str,
    path: &str,
    raws: &mut Vec<Raw>,
) {
    let kind = schema["x-kubernetes-list-type"]
        .as_str()
        .unwrap_or_default();
    let keys: Vec<&str> = schema["x-kubernetes-list-map-keys"]
        .as_array()
        .map_or(&[][..], Vec::as_slice)
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if kind != "set" && (kind != "map" || keys.is_empty()) {
        return;
    }
    let mut seen = HashSet::new();
    for (number, item) in items.iter().enumerate() {
        let (identity, told) = if kind == "set" {
            (item.to_string(), shown(item))
        } else {
            let values: Vec<&Value> = keys
                .iter()
                .map(|key| {
                    item.get(*key)
                        .unwrap_or(&schema["items"]["properties"][*key]["default"])
                })
                .collect();
            let told: Vec<String> = keys
                .iter()
                .zip(&values)
                .map(|(key, value)| format!("{key} {}", shown(value)))
                .collect();
            (format!("{values:?}"), told.join(", "))
        };
        if !seen.insert(identity)
            && let Some(entry) = node.child(&number.to_string())
        {
            let message = format!("a second entry with {told} in this list");
            let (instance, path) = (
                format!("{instance}/{number}"),
                format!("{path}/x-kubernetes-list-type"),
            );
            raws.push(raw(message, entry.span, instance, path));
        }
    }
}
