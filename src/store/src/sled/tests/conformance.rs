//! What every store promises, tried with sled.

use super::Folder;

crate::store_conformance!(Folder);
