//! The only room that knows libtorch.

mod card;

pub use card::Card;
