//! Events as a hash, to tell whether a text still says what another one said.

use std::hash::{Hash, Hasher};

use crate::event::{Event, Properties};

/// All of an event but where it stands, and whether a collection is a block: one that gets its
/// first entry, or loses its last, changes that.
pub(crate) fn hash_event(event: &Event<'_>, hasher: &mut impl Hasher) {
    std::mem::discriminant(event).hash(hasher);
    match event {
        Event::DocumentStart {
            explicit,
            version,
            tags,
        } => {
            (explicit, tags).hash(hasher);
            version
                .map(|version| (version.major, version.minor))
                .hash(hasher);
        }
        Event::DocumentEnd { explicit } => explicit.hash(hasher),
        Event::MappingStart { properties, .. } | Event::SequenceStart { properties, .. } => {
            hash_properties(properties, hasher);
        }
        Event::Scalar {
            value,
            properties,
            style,
        } => {
            value.hash(hasher);
            std::mem::discriminant(style).hash(hasher);
            hash_properties(properties, hasher);
        }
        Event::Alias { name } => name.hash(hasher),
        _ => {}
    }
}

fn hash_properties(properties: &Properties<'_>, hasher: &mut impl Hasher) {
    properties.anchor.hash(hasher);
    properties.tag.map(|tag| tag.resolved()).hash(hasher);
}
