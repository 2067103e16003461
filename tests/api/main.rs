//! Black-box tests: the real binary with the real model and a store of its own, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod analyses;
mod answers;
mod bad_requests;
mod batches;
mod browsers;
mod care;
mod commands;
mod damage;
mod documents;
mod exports;
mod golden;
mod helpers;
mod html;
mod import_formats;
mod import_server;
mod imports;
mod keys;
mod lifecycle;
mod limits;
mod lists;
mod metrics;
mod openapi_conformance;
mod overload;
mod people;
mod raw;
mod reviews;
mod scoring;
mod starting;
mod state;
mod stopping;
mod subjects;
mod tls;
mod traces;
mod untidy;
