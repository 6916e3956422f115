//! Values by their paths: read, queried and changed in the text itself.
//!
//! [`Reader`] finds the node of a path by the events alone, without a tree. [`set`] changes the
//! bytes of one node and nothing else. A query builds a tree of the documents.

mod diff;
mod edit;
mod error;
mod follow;
mod locate;
mod path;
mod print;
mod query;
mod replace;
mod set;
mod similar;
mod tree;
mod value;
mod verify;

pub use edit::{Parents, Request};
pub use error::AccessError;
pub use follow::{Kind, Node};
pub use locate::{Format, MergeKeys, Reader};
pub use path::{Path, PathError, Step};
pub use print::{Form, Got, get};
pub use query::{Hit, query};
pub use replace::Original;
pub use set::{Changed, set};
pub use value::ValueType;
