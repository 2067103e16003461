//! Rate limits: how often one caller may ask, and who counts as one caller.
//!
//! The memory for callers is bounded. Keys are few. Addresses are hashed with a secret into a fixed
//! number of buckets, an IPv6 network of 64 bits as one address: a flood from a million addresses
//! fills the buckets, not the memory, and cannot find out which addresses share a bucket.

use crate::response::problem::Problem;
use crate::response::problem_kind::Kind;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use heartstrings_keys::{Key, KeyName};
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Buckets of addresses.
const BUCKETS: u64 = 1 << 18;
/// Refusals that an address without a good key gets at once, and then one a second.
const REFUSALS: NonZeroU32 = NonZeroU32::new(30).expect("thirty is not zero");

/// What a caller may ask for; 0 stands for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitOptions {
    /// Requests per second, in the long run.
    pub rate: u32,
    /// Requests at once before the rate counts.
    pub burst: u32,
    /// Requests that are being answered at the same time; see [`super::concurrency`].
    pub in_flight: u32,
}

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// The owner of a key.
    Key(KeyName),
    /// One of the addresses in a bucket.
    Address(u32),
}

type Rates =
    RateLimiter<Caller, DashMapStateStore<Caller>, DefaultClock, StateInformationMiddleware>;

/// The counters. Clones share them.
#[derive(Clone)]
pub struct RateLimits {
    rates: Option<Arc<Rates>>,
    refusals: Arc<Rates>,
    secret: RandomState,
    clock: DefaultClock,
}

impl RateLimits {
    /// Counters at zero.
    pub fn new(options: &LimitOptions) -> Self {
        let rates = NonZeroU32::new(options.rate).map(|rate| {
            let burst = NonZeroU32::new(options.burst).unwrap_or(rate);
            limiter(Quota::per_second(rate).allow_burst(burst))
        });
        let second = const { NonZeroU32::new(1).expect("one is not zero") };
        Self {
            rates,
            refusals: limiter(Quota::per_second(second).allow_burst(REFUSALS)),
            secret: RandomState::new(),
            clock: DefaultClock::default(),
        }
    }

    /// The caller that a request is counted for.
    pub fn caller(&self, key: Option<&Key>, address: Option<IpAddr>) -> Caller {
        match key {
            Some(key) => Caller::Key(key.name.clone()),
            None => {
                let bucket = self.secret.hash_one(network(address)) % BUCKETS;
                Caller::Address(u32::try_from(bucket).unwrap_or_default())
            }
        }
    }

    /// Counts a request, or refuses it with 429. The second value says how much is left when there is
    /// a limit.
    pub fn count(&self, caller: &Caller) -> (Result<(), Problem>, Option<Left>) {
        let Some(rates) = &self.rates else { return (Ok(()), None) };
        let (outcome, left) = self.check(rates, caller);
        (outcome, Some(left))
    }

    /// Counts a 401. A caller that guesses keys gets 429 instead after a while; a valid key is let in
    /// all the same.
    pub fn count_refusal(&self, caller: &Caller) -> Result<(), Problem> {
        self.check(&self.refusals, caller).0
    }

    fn check(&self, rates: &Rates, caller: &Caller) -> (Result<(), Problem>, Left) {
        match rates.check_key(caller) {
            Ok(state) => (Ok(()), Left::of(&state)),
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now()).as_secs() + 1;
                let detail = format!("too many requests in a short time; wait for {wait} s");
                let problem = Problem::new(Kind::TooManyRequests, detail).retry_after(wait);
                (Err(problem), Left { remaining: 0, quota: refused.quota() })
            }
        }
    }

    /// Forgets callers whose quota is full again.
    pub fn forget_quiet(&self) {
        for rates in self.rates.iter().chain([&self.refusals]) {
            rates.retain_recent();
            rates.shrink_to_fit();
        }
    }
}

fn limiter(quota: Quota) -> Arc<Rates> {
    Arc::new(RateLimiter::dashmap(quota).with_middleware())
}

/// The address, or the network that one customer of a provider has.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address {
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.into(),
            None => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        },
        Some(address) => address,
        None => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// How much a caller has left.
pub struct Left {
    remaining: u32,
    quota: Quota,
}

impl Left {
    fn of(state: &StateSnapshot) -> Self {
        Self { remaining: state.remaining_burst_capacity(), quota: state.quota() }
    }

    /// Adds `RateLimit` and `RateLimit-Policy`, after draft-ietf-httpapi-ratelimit-headers-10:
    /// the quota `q` comes back within `w` seconds; `r` are left, and all are in `t` seconds.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        let burst = self.quota.burst_size().get();
        let seconds = |requests: u32| {
            (self.quota.replenish_interval() * requests).as_secs_f64().ceil().max(1.0)
        };
        let window = seconds(burst);
        let reset = seconds(burst.saturating_sub(self.remaining));
        let policy = format!("\"caller\";q={burst};w={window}");
        let state = format!("\"caller\";r={};t={reset}", self.remaining);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(rate: u32, burst: u32) -> RateLimits {
        RateLimits::new(&LimitOptions { rate, burst, in_flight: 0 })
    }

    #[test]
    fn an_ipv6_network_is_one_caller_and_what_is_kept_is_bounded() {
        let limits = limits(1, 1);
        let caller = |text: &str| limits.caller(None, Some(text.parse().unwrap()));
        assert_eq!(caller("2001:db8::1"), caller("2001:db8::ffff:2"));
        assert_eq!(caller("::ffff:10.0.0.1"), caller("10.0.0.1"));
        for number in 0..1_000_000_u32 {
            let caller = limits.caller(None, Some(IpAddr::from(number.to_be_bytes())));
            let Caller::Address(bucket) = caller else { panic!("{caller:?}") };
            assert!(u64::from(bucket) < BUCKETS);
        }
    }

    #[test]
    fn the_headers_say_what_is_left() {
        let limits = limits(2, 4);
        let left = limits.count(&Caller::Address(1)).1.unwrap();
        let mut headers = HeaderMap::new();
        left.add_to(&mut headers);
        assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"caller\";q=4;w=2");
        assert_eq!(headers.get("ratelimit").unwrap(), "\"caller\";r=3;t=1");
    }
}
