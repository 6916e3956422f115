//! Which documents of two streams belong together.

use std::collections::HashMap;
use std::hash::RandomState;

use serde_json::Value;

use super::node::Node;

/// Two documents, or one that has no other.
pub(super) struct Pair {
    pub(super) old: Option<usize>,
    pub(super) new: Option<usize>,
    /// What it is called, if anything.
    pub(super) name: Option<String>,
}

/// Documents of Kubernetes go by group, kind, namespace and name, then by kind and equal content;
/// others by their order.
pub(super) fn pair(old: &[Node<'_>], new: &[Node<'_>], state: &RandomState) -> Vec<Pair> {
    let mut found: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (number, document) in new.iter().enumerate() {
        if let Some(identity) = Identity::of(document) {
            places.entry(identity.key()).or_insert(number);
        }
    }
    let mut left = Vec::new();
    let mut taken = vec![false; new.len()];
    for (number, document) in old.iter().enumerate() {
        let place = Identity::of(document).and_then(|identity| places.remove(&identity.key()));
        match place {
            Some(place) => {
                taken[place] = true;
                found.push((Some(number), Some(place)));
            }
            None => left.push(number),
        }
    }
    let free = (0..new.len()).filter(|place| !taken[*place]);
    // What kind a document is and what is in it, its name apart; nothing for others.
    let nature =
        |document: &Node<'_>| Identity::of(document).map(|one| one.nature(document, state));
    let mut natures: HashMap<_, Vec<usize>> = HashMap::new();
    for place in free.rev() {
        let nature = nature(&new[place]);
        natures.entry(nature).or_default().push(place);
    }
    for number in left {
        let place = natures.get_mut(&nature(&old[number])).and_then(Vec::pop);
        found.push((Some(number), place));
    }
    found.sort_unstable();
    let mut free: Vec<usize> = natures.into_values().flatten().collect();
    free.sort_unstable();
    found.extend(free.into_iter().map(|place| (None, Some(place))));
    let is_one = old.len() <= 1 && new.len() <= 1;
    let named = found.into_iter().map(|(old_place, new_place)| {
        let document = old_place.map(|number| &old[number]);
        let document = document.or(new_place.map(|number| &new[number]));
        let number = old_place.or(new_place).unwrap_or(0) + 1;
        let name = document
            .and_then(Identity::of)
            .map(|identity| identity.name());
        Pair {
            old: old_place,
            new: new_place,
            name: name.or_else(|| (!is_one).then(|| format!("document {number}"))),
        }
    });
    named.collect()
}

struct Identity<'t> {
    version: &'t str,
    kind: &'t str,
    namespace: &'t str,
    name: &'t str,
}

impl<'t> Identity<'t> {
    fn of(document: &Node<'t>) -> Option<Self> {
        let text = |value: &'t Value, key: &str| value.get(key).and_then(Value::as_str);
        let metadata = document.value.get("metadata")?;
        Some(Self {
            version: text(document.value, "apiVersion")?,
            kind: text(document.value, "kind")?,
            namespace: text(metadata, "namespace").unwrap_or(""),
            name: text(metadata, "name")?,
        })
    }

    /// A group may have several versions of one kind.
    fn group(&self) -> &'t str {
        self.version.rsplit_once('/').map_or("", |(group, _)| group)
    }

    fn key(&self) -> String {
        [self.group(), self.kind, self.namespace, self.name].join("\0")
    }

    fn name(&self) -> String {
        let slash = if self.namespace.is_empty() { "" } else { "/" };
        let Self {
            version,
            kind,
            namespace,
            name,
        } = self;
        format!("{version} {kind} {namespace}{slash}{name}")
    }

    /// The kind, and a hash of everything but the name.
    fn nature(&self, document: &Node<'_>, state: &RandomState) -> (String, u64, u64) {
        let rest = document.hash_without(&["metadata"], state);
        let metadata = document.get("metadata");
        let metadata = metadata.map_or(0, |node| node.hash_without(&["name", "namespace"], state));
        ([self.group(), self.kind].join("\0"), rest, metadata)
    }
}
