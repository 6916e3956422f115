//! Values by their paths: read, queried and changed in the text itself.
//!
//! [`Reader`] finds the node of a path by the events alone, without a tree. [`set`] changes the
//! bytes of one node and nothing else. A query builds a tree of the documents.

mod create;
mod delete;
mod diff;
mod edit;
mod error;
mod follow;
mod locate;
mod node;
mod path;
mod print;
mod query;
mod reader;
mod replace;
mod set;
mod tree;
mod value;
mod verify;

pub use edit::{Action, Parents, Request};
pub use error::AccessError;
pub use node::{Kind, Node};
pub use path::{Path, PathError, Step};
pub use print::{Form, Got, get};
pub(crate) use query::next_tree;
pub use query::{Hit, query};
pub use reader::{Format, MergeKeys, Reader};
pub use replace::Original;
pub use set::{Changed, set};
pub(crate) use tree::{Mark, Tree};
pub use value::ValueType;
