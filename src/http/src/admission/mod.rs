//! Which requests are admitted: who may (gate, access, keys), how often and how much (rates, memory
//! for bodies), and how many at the same time (concurrency).

pub mod access;
pub mod authenticated;
pub mod body_memory;
pub mod concurrency;
pub mod gate;
pub mod rate_limits;
