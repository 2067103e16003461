//! A response body that keeps something alive until the body has been sent.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body with a guard, which is dropped when the body has been sent or the client is gone.
pub struct GuardedBody<T> {
    body: BoxBody,
    _guard: T,
}

impl<T: Unpin + 'static> GuardedBody<T> {
    /// Ties a guard to a body.
    pub fn boxed(body: BoxBody, guard: T) -> BoxBody {
        BoxBody::new(Self { body, _guard: guard })
    }
}

impl<T: Unpin> MessageBody for GuardedBody<T> {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
