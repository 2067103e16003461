//! Subjects: list, remove, show what stands out.

pub mod delete;
pub mod highlights;
pub mod list;
