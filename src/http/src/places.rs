//! How much of one caller is being answered at the same time: requests, and texts with the model.
//!
//! The texts are what counts for others: the queue of the model is bounded, and whoever fills it
//! keeps everybody else out. So the texts that one caller has there at a time have no more bytes
//! than the queue holds tokens. A token of English has four or five bytes, and hardly any text has
//! more tokens than bytes, so that is a quarter of the queue as people write, and never more than
//! the whole. What comes in batches is not counted: it waits in a row of its own.

use super::limits::Caller;
use super::problem::{Kind, Problem};
use actix_web::{HttpMessage, HttpRequest};
use heartstrings_core::review::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Who is being answered. Clones share it.
#[derive(Clone)]
pub struct Places {
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

/// A request that is being answered; it counts until this is dropped.
pub struct Place {
    caller: Caller,
    places: Places,
}

/// Texts of a caller that are with the model; they count until this is dropped.
pub struct Texts {
    bytes: usize,
    // It keeps the caller's count in the map.
    place: Arc<Place>,
}

impl Places {
    /// Room for `most` requests of each caller (0 for any number) with `most_text` bytes of texts.
    pub fn new(most: u32, most_text: usize) -> Self {
        Self { counts: Arc::default(), most, most_text }
    }

    /// Lets a request in, or refuses it because too many of the same caller are being answered.
    pub fn enter(&self, caller: &Caller) -> Result<Arc<Place>, Problem> {
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
        Ok(Arc::new(Place { caller: caller.clone(), places: self.clone() }))
    }

    // Nothing that can panic runs while the lock is held, so a poisoned one holds good numbers.
    fn counts(&self) -> MutexGuard<'_, HashMap<Caller, Count>> {
        self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.places.counts();
        if let Some(count) = counts.get_mut(&self.caller) {
            count.requests -= 1;
            if count.requests == 0 {
                counts.remove(&self.caller);
            }
        }
    }
}

/// Counts the texts of a request as being with the model, or refuses them because others of the same
/// caller are there. One text is never too long, when it is the only one. A request that the gate
/// did not count has no share to keep to.
pub fn take_texts(request: &HttpRequest, texts: &[Text]) -> Result<Option<Texts>, Problem> {
    let Some(place) = request.extensions().get::<Arc<Place>>().cloned() else { return Ok(None) };
    let bytes: usize = texts.iter().map(|text| text.as_str().len()).sum();
    // Many texts of one request are scored some at a time; see `Service::analyze`.
    let at_once = if texts.len() > 1 { place.places.most_text / 4 } else { usize::MAX };
    place.take(bytes.min(at_once)).map(Some)
}

impl Place {
    fn take(self: Arc<Self>, bytes: usize) -> Result<Texts, Problem> {
        let Places { most, most_text, .. } = self.places;
        let mut counts = self.places.counts();
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
        Ok(Texts { bytes, place: self })
    }
}

impl Drop for Texts {
    fn drop(&mut self) {
        let mut counts = self.place.places.counts();
        if let Some(count) = counts.get_mut(&self.place.caller) {
            count.text -= self.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_enters_as_often_as_it_may_and_again_after_it_left() {
        let places = Places::new(2, 0);
        let caller = Caller::Address(1);
        let first = places.enter(&caller).ok();
        let second = places.enter(&caller).ok();
        assert!(first.is_some() && second.is_some() && places.enter(&caller).is_err());
        assert!(places.enter(&Caller::Address(2)).is_ok());
        drop(first);
        assert!(places.enter(&caller).is_ok());
        drop(second);
        assert!(places.counts().is_empty());
    }

    #[test]
    fn texts_of_a_caller_have_a_share_and_a_single_one_is_never_too_long() {
        let places = Places::new(9, 100);
        let enter = |address| places.enter(&Caller::Address(address)).ok().unwrap();
        let texts: Vec<_> = (0..5).map(|_| enter(1).take(25).ok()).collect();
        assert!(texts[..4].iter().all(Option::is_some) && texts[4].is_none());
        assert!(enter(2).take(1_000).is_ok(), "others have a share of their own");
        drop(texts);
        let long = enter(1).take(1_000).ok();
        assert!(long.is_some() && enter(1).take(1).is_err());
        drop(long);
        assert!(places.counts().is_empty());
        let unlimited = Places::new(0, 1);
        let first = unlimited.enter(&Caller::Address(1)).ok().unwrap().take(9).ok();
        assert!(first.is_some() && unlimited.enter(&Caller::Address(1)).is_ok());
    }
}
