//! The life of the service behind the server: loading, serving, stopping.

use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use heartstrings_service::Service;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// The service, once it is ready. The server answers before: loading a model and a database
/// takes time, and a supervisor wants to know that the process lives.
#[derive(Clone, Default)]
pub struct Lifecycle {
    service: Arc<OnceLock<Service>>,
    stopping: Arc<AtomicBool>,
    /// How many requests are being answered.
    active: watch::Sender<usize>,
}

/// A request that is being answered; it counts as such until this is dropped.
pub struct ActiveRequest(watch::Sender<usize>);

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Lifecycle {
    /// Makes the service available. Later calls change nothing.
    pub fn set_service(&self, service: Service) {
        let _ = self.service.set(service);
    }

    /// Refuses new requests from now on.
    pub fn set_stopping(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether new requests are refused.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Counts a request as being answered, or fails because the service is stopping.
    pub fn begin(&self) -> Result<ActiveRequest, Problem> {
        // It is counted before the check, so that `finished` waits for every request that was let in.
        self.active.send_modify(|count| *count += 1);
        let request = ActiveRequest(self.active.clone());
        if self.is_stopping() {
            let detail = "the service is stopping; send the request to another instance, or again \
                          in a moment";
            return Err(Problem::new(Kind::Stopping, detail).retry_after(2));
        }
        Ok(request)
    }

    /// Waits until no request is being answered.
    pub async fn finished(&self) {
        // The sender lives as long as we do, so waiting for it cannot fail.
        let _ = self.active.subscribe().wait_for(|count| *count == 0).await;
    }

    /// The service, or why it is not there.
    pub fn service(&self) -> Result<Service, Problem> {
        self.service.get().cloned().ok_or_else(|| {
            let detail = "the model and the store are being loaded; try again in a moment";
            Problem::new(Kind::NotReady, detail).retry_after(1)
        })
    }
}

/// Extracts the service from a request, or answers 503.
pub struct Running(pub Service);

impl FromRequest for Running {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lifecycle = request.app_data::<web::Data<Lifecycle>>();
        let missing = || Problem::internal("the server was started without a `Lifecycle`");
        ready(lifecycle.ok_or_else(missing).and_then(|lifecycle| lifecycle.service()).map(Running))
    }
}
