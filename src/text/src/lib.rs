//! What happens to a text before a tokenizer sees it: its normal form, its sentences, its language.
//!
//! [`Reading::of`] does the first two in one step and keeps the way back to the stored text.

pub mod language;
pub mod normal_form;
mod reading;
pub mod sentences;

pub use normal_form::{OffsetMap, has_anything_to_read};
pub use reading::Reading;
