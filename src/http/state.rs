//! What all handlers share.

use super::problem::{Kind, Problem};
use crate::service::Service;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The service, once it is ready. The server answers before: loading a model and a database
/// takes time, and a supervisor wants to know that the process lives.
#[derive(Clone, Default)]
pub struct State {
    service: Arc<OnceLock<Service>>,
    stopping: Arc<AtomicBool>,
}

impl State {
    /// Makes the service available. Later calls change nothing.
    pub fn set_service(&self, service: Service) {
        let _ = self.service.set(service);
    }

    /// Refuses new work from now on.
    pub fn set_stopping(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// The service, or why it is not there.
    pub fn service(&self) -> Result<Service, Problem> {
        if self.stopping.load(Ordering::Acquire) {
            let detail = "the service is stopping; send the request to another instance, or again \
                          in a moment";
            return Err(Problem::new(Kind::Stopping, detail).retry_after(2));
        }
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
        let state = request.app_data::<web::Data<State>>();
        let missing = || Problem::new(Kind::Internal, "the server was put together wrongly");
        ready(state.ok_or_else(missing).and_then(|state| state.service()).map(Running))
    }
}
