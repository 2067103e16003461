//! Summaries: of a subject, of all, of some side by side, and over time.

pub mod all;
pub mod compare;
pub mod subject;
pub mod timeline;
