//! For fuzz tests: work that grows with its input, and not faster.
//!
//! What is measured is the time that the processor spends on this very thread, so other processes
//! hardly change it. What is compared is one size with another on the same machine, never a
//! size with a number of seconds.

use proptest::prelude::{ProptestConfig, Strategy};
use proptest::test_runner::{TestCaseError, TestRunner};
use rustix::time::{ClockId, clock_gettime};
use std::cell::Cell;
use std::fmt::Debug;
use std::time::Duration;

/// Bytes of the small input.
const SMALL: usize = 4 << 10;
/// How many times as large the large one is.
const FACTOR: usize = 16;
/// How many times as long the large one may take. Linear work takes 16 times as long, quadratic
/// work 256 times; caches and the allocator are in between.
const MOST: f64 = 64.0;
/// How often a pair is measured before it counts as too slow.
const RUNS: usize = 7;
/// Each input has 64 KiB, so there is one where other fuzz tests have so many.
const RARER: u32 = 1_000;

/// Takes units from a strategy and does the work on many copies of each, and on sixteen times as
/// many. Panics when that takes far more than sixteen times as long; prints the worst case.
///
/// `unit` says what is copied of a value, for strategies that give more than that.
pub fn assert_linear<S: Strategy>(
    strategy: S,
    unit: impl Fn(&S::Value) -> &str,
    work: impl Fn(&S::Value, &str),
) where
    S::Value: Debug,
{
    let mut config = ProptestConfig::default();
    // There is no file to keep failures in: time is not the same the next day.
    config.failure_persistence = None;
    config.cases = (config.cases / RARER).max(8);
    let (cases, worst) = (config.cases, Cell::new(0.0_f64));
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        let ratio = ratio(unit(&value), |input| work(&value, input));
        worst.set(worst.get().max(ratio));
        if ratio <= MOST {
            return Ok(());
        }
        Err(TestCaseError::fail(format!("{FACTOR} times as many take {ratio:.0} times as long")))
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    println!("{cases} units: {FACTOR} times as many take at most {:.1} times as long", worst.get());
}

/// How many times as long the work takes on the large input. The shortest of some runs counts.
fn ratio(unit: &str, work: impl Fn(&str)) -> f64 {
    let copies = SMALL.div_ceil(unit.len().max(1));
    let inputs = [unit.repeat(copies), unit.repeat(copies * FACTOR)];
    let (mut least, mut ratio) = ([Duration::MAX; 2], f64::MAX);
    for _ in 0..RUNS {
        for (least, input) in least.iter_mut().zip(&inputs) {
            let before = spent();
            work(input);
            *least = (*least).min(spent().saturating_sub(before));
        }
        ratio = least[1].as_secs_f64() / least[0].as_secs_f64().max(1e-9);
        if ratio <= MOST {
            break;
        }
    }
    ratio
}

/// Time that the processor has spent on this thread.
fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[test]
    fn a_search_from_every_place_is_told_from_one_search() {
        let once = |text: &str| {
            black_box(text.matches('b').count());
        };
        assert!(ratio("a", once) <= MOST);
        let from_every_place = |text: &str| {
            let found = (0..text.len()).filter(|place| text[*place..].contains('b')).count();
            black_box(found);
        };
        assert!(ratio("a", from_every_place) > MOST);
    }
}
