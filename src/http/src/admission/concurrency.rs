//! How much of one caller is in progress at the same time: requests, and texts being scored.
//!
//! The texts matter to others: the queue of the model is bounded, and a caller that fills it keeps
//! everybody else out. So the texts that one caller has there at a time have no more bytes than the
//! queue holds tokens. A token of English has four or five bytes, and hardly any text has more
//! tokens than bytes, so that is a quarter of the queue for usual texts, and never more than the
//! whole. Batches are not counted: they wait in a lane of their own.

use super::rate_limits::Caller;
use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::{HttpMessage, HttpRequest};
use heartstrings_core::review::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Counts what each caller has in progress. Clones share the counts.
#[derive(Clone)]
pub struct ConcurrencyLimits {
    counts: Arc<Mutex<HashMap<Caller, Count>>>,
    /// Most requests of a caller; 0 for no limit on them nor on their texts.
    most: u32,
    /// Most bytes of texts of a caller.
    most_text: usize,
}

#[derive(Default)]
struct Count {
    requests: u32,
    text: usize,
}

/// A request in progress; it counts until this is dropped.
pub struct RequestPermit {
    caller: Caller,
    limits: ConcurrencyLimits,
}

/// Texts that are being scored; they count until this is dropped.
pub struct TextPermit {
    bytes: usize,
    // It keeps the caller's count in the map.
    request: Arc<RequestPermit>,
}

impl ConcurrencyLimits {
    /// At most `most` requests of each caller (0 for no limit) with `most_text` bytes of texts.
    pub fn new(most: u32, most_text: usize) -> Self {
        Self { counts: Arc::default(), most, most_text }
    }

    /// Counts a request, or refuses it with 429 when its caller has too many in progress.
    pub fn enter(&self, caller: &Caller) -> Result<Arc<RequestPermit>, Problem> {
        let mut counts = self.counts();
        let count = counts.entry(caller.clone()).or_default();
        if self.most > 0 && count.requests >= self.most {
            let detail = format!(
                "{} requests of yours are being answered, which is the most; wait for one of them \
                 to end",
                count.requests
            );
            return Err(Problem::new(Kind::TooManyRequests, detail).retry_after(1));
        }
        count.requests += 1;
        Ok(Arc::new(RequestPermit { caller: caller.clone(), limits: self.clone() }))
    }

    // Nothing that can panic runs while the lock is held, so a poisoned one holds good numbers.
    fn counts(&self) -> MutexGuard<'_, HashMap<Caller, Count>> {
        self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        let mut counts = self.limits.counts();
        if let Some(count) = counts.get_mut(&self.caller) {
            count.requests -= 1;
            if count.requests == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

/// Counts the texts of a request as being scored, or refuses them with 429 when they and the texts
/// of the same caller that are being scored exceed its share. A single text is always admitted when
/// nothing else of its caller is being scored. A request that the gate did not count has no share.
pub fn admit_texts(request: &HttpRequest, texts: &[Text]) -> Result<Option<TextPermit>, Problem> {
    let Some(permit) = request.extensions().get::<Arc<RequestPermit>>().cloned() else {
        return Ok(None);
    };
    let bytes: usize = texts.iter().map(|text| text.as_str().len()).sum();
    // Many texts of one request are scored some at a time; see `Service::analyze`.
    let at_once = if texts.len() > 1 { permit.limits.most_text / 4 } else { usize::MAX };
    permit.admit(bytes.min(at_once)).map(Some)
}

impl RequestPermit {
    fn admit(self: Arc<Self>, bytes: usize) -> Result<TextPermit, Problem> {
        let ConcurrencyLimits { most, most_text, .. } = self.limits;
        let mut counts = self.limits.counts();
        if let Some(count) = counts.get_mut(&self.caller) {
            if most > 0 && count.text > 0 && count.text + bytes > most_text {
                let detail = format!(
                    "{} bytes of texts of yours are being scored, which leaves no room for {bytes} \
                     more; wait for one of your requests to end, or send them in a batch",
                    count.text
                );
                return Err(Problem::new(Kind::TooManyRequests, detail).retry_after(1));
            }
            count.text += bytes;
        }
        drop(counts);
        Ok(TextPermit { bytes, request: self })
    }
}

impl Drop for TextPermit {
    fn drop(&mut self) {
        let mut counts = self.request.limits.counts();
        if let Some(count) = counts.get_mut(&self.request.caller) {
            count.text -= self.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_enters_as_often_as_it_may_and_again_after_it_left() {
        let limits = ConcurrencyLimits::new(2, 0);
        let caller = Caller::Address(1);
        let first = limits.enter(&caller).ok();
        let second = limits.enter(&caller).ok();
        assert!(first.is_some() && second.is_some() && limits.enter(&caller).is_err());
        assert!(limits.enter(&Caller::Address(2)).is_ok());
        drop(first);
        assert!(limits.enter(&caller).is_ok());
        drop(second);
        assert!(limits.counts().is_empty());
    }

    #[test]
    fn texts_of_a_caller_have_a_share_and_a_single_one_is_never_too_long() {
        let limits = ConcurrencyLimits::new(9, 100);
        let enter = |address| limits.enter(&Caller::Address(address)).ok().unwrap();
        let texts: Vec<_> = (0..5).map(|_| enter(1).admit(25).ok()).collect();
        assert!(texts[..4].iter().all(Option::is_some) && texts[4].is_none());
        assert!(enter(2).admit(1_000).is_ok(), "others have a share of their own");
        drop(texts);
        let long = enter(1).admit(1_000).ok();
        assert!(long.is_some() && enter(1).admit(1).is_err());
        drop(long);
        assert!(limits.counts().is_empty());
        let unlimited = ConcurrencyLimits::new(0, 1);
        let first = unlimited.enter(&Caller::Address(1)).ok().unwrap().admit(9).ok();
        assert!(first.is_some() && unlimited.enter(&Caller::Address(1)).is_ok());
    }
}
