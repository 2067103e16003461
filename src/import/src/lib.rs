//! Files of reviews as people have them, read into drafts.
//!
//! [`Input`] opens a file or standard input: compression, encoding, format and the details of a CSV
//! are guessed, shown by [`Input::shape`] and settable by [`Reading`]. A [`Mapping`] says which
//! column holds what; [`Mapping::guess`] makes one from the header and the first rows. A [`Plan`]
//! turns each row into an [`Import`] (a draft with an id) or a [`Refused`] row with its reasons.
//! Nothing here stores or scores anything.

mod convert;
mod guess;
mod input;
mod mapping;
mod plan;
mod read;
mod record;
mod stream;

#[cfg(test)]
mod fuzz;

pub use convert::dates::DateReading;
pub use convert::ratings::Scale;
pub use input::{Encoding, Format, Input, OpenError, Quotes, Reading, Shape, encoding};
pub use mapping::{Mapping, MappingError, Source};
pub use plan::{Import, Plan, PlanError, PlanOptions};
pub use read::{SAFE_HEADER, safe_cell};
pub use record::{ReadError, Record, Refused};
