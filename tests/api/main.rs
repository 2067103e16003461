//! Black-box tests: the real binary with the real model and a store of its own, over HTTP.

mod analyses;
mod bad_requests;
mod documents;
mod helpers;
mod lifecycle;
mod reviews;
mod subjects;
