//! From a text to the windows that the network reads.

mod document;
mod language;
mod tokenizer;
mod windows;

pub use document::prepare;
pub use tokenizer::Tokenizer;
