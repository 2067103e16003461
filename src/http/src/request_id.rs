//! The id of the request that the current task serves.

tokio::task_local! {
    static CURRENT: String;
}

/// Runs a future under a request id.
pub async fn scope<F: Future>(id: String, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

/// Id of the request that the current task serves; empty outside of one.
pub fn current() -> String {
    CURRENT.try_with(String::clone).unwrap_or_default()
}
