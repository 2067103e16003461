//! The files of the database: opening them, syncing them, and telling from outside whether they are
//! whole.

pub mod commit_watermark;
pub mod durability;
pub mod lock_release;
pub mod log_scan;
pub mod open;
