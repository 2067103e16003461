//! Threads that share the multiplications of one forward.
//!
//! A thread that has nothing to do helps one that has: it takes parts of its multiplications, which
//! follow each other by a few hundred microseconds, and looks out for the next one in between
//! without going to sleep. To wake a thread that sleeps takes as long as a part of a short text
//! does, which is why libtorch's own threads for this (OpenMP's) brought nothing: with one in reserve for
//! each worker there are more of them than cores, and then they sleep between any two operations.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{hint, thread};

/// Most threads that share one multiplication: more add little to a few hundred tokens.
pub const MOST_CORES: usize = 4;
/// How often a helper looks for a part before it lets others have the core for a moment: some
/// microseconds.
const LOOKS: u32 = 200;
/// Where things that threads share are cut, in sixteenths of them. Parts are taken from the last one on and get
/// smaller, so that a thread whose core is slower for a while, as those of virtual machines are, does not keep
/// the others waiting for a large one.
const CUTS: [usize; 9] = [0, 1, 2, 3, 4, 6, 8, 12, 16];

/// Does one part of a work.
pub type Work = unsafe extern "C" fn(*const c_void, c_int);

/// A thread that computes, and those that help it.
#[derive(Default)]
pub struct HelperPool {
    /// Parts of the current work that nobody has taken yet in the lower half, and above it a number
    /// that changes with each work.
    left: AtomicU64,
    /// Parts of the current work that are done.
    done: AtomicUsize,
    current: UnsafeCell<Option<(Work, *const c_void)>>,
    helpers: AtomicUsize,
    is_dismissed: AtomicBool,
}

// SAFETY: `current` is written by the thread that computes while no part is left or being done, and read
// by one that has taken a part, which is being done until it counts itself in `done`. The pointer in
// it is followed only by parts, within the call of `run` that it was given to.
unsafe impl Send for HelperPool {}
// SAFETY: as above.
unsafe impl Sync for HelperPool {}

impl HelperPool {
    /// How many help.
    pub fn helpers(&self) -> usize {
        self.helpers.load(Ordering::Relaxed)
    }

    /// Lets helpers come, after [`Self::dismiss`].
    pub fn gather(&self) {
        self.is_dismissed.store(false, Ordering::Release);
    }

    /// Sends the helpers away, once each has done the part that it is at.
    pub fn dismiss(&self) {
        self.is_dismissed.store(true, Ordering::Release);
    }

    /// Helps until [`Self::dismiss`], or until `leave`, which is asked whenever there is nothing to do.
    pub fn help(&self, leave: impl Fn() -> bool) {
        self.helpers.fetch_add(1, Ordering::AcqRel);
        let mut looks = 0;
        loop {
            if self.do_part() {
                looks = 0;
                continue;
            }
            if self.is_dismissed.load(Ordering::Acquire) {
                break;
            }
            looks += 1;
            if looks % LOOKS != 0 {
                hint::spin_loop();
            } else if leave() {
                break;
            } else {
                thread::yield_now();
            }
        }
        self.helpers.fetch_sub(1, Ordering::AcqRel);
    }

    /// Does all parts of a work, with those who help, and comes back when all are done. Only one thread
    /// calls this.
    ///
    /// # Safety
    /// `work` may be called with `data` and each number below `parts`, on any thread and at the same
    /// time, until this comes back.
    pub unsafe fn run(&self, work: Work, data: *const c_void, parts: c_int) {
        if self.helpers() == 0 || parts < 2 {
            // SAFETY: as promised.
            (0..parts).for_each(|part| unsafe { work(data, part) });
            return;
        }
        // SAFETY: no part is left of the work before, and all are done.
        unsafe { *self.current.get() = Some((work, data)) };
        self.done.store(0, Ordering::Relaxed);
        let number = self.left.load(Ordering::Relaxed) >> 32;
        let left = (number.wrapping_add(1) << 32) | parts as u64;
        self.left.store(left, Ordering::Release);
        while self.do_part() {}
        let mut looks = 0;
        while self.done.load(Ordering::Acquire) < parts as usize {
            looks += 1;
            // A helper may have lost its core in the middle of its part.
            if looks % LOOKS == 0 { thread::yield_now() } else { hint::spin_loop() }
        }
    }

    /// As [`Self::run`], for what is safe. A panic in a part goes on here, once all parts are done.
    pub fn each(&self, parts: usize, work: impl Fn(usize) + Sync) {
        let shared = Shared { work, panic: Mutex::new(None) };
        // SAFETY: `Shared` outlives the call and may be read by all threads, and this is its own function.
        unsafe { self.run(do_shared(&shared), std::ptr::from_ref(&shared).cast(), parts as c_int) };
        if let Some(panic) = shared.panic.into_inner().unwrap_or_else(PoisonError::into_inner) {
            resume_unwind(panic);
        }
    }

    /// Does `work` with ranges of so many things that together hold each of them once, and comes back when all are
    /// done. A panic in it goes on here.
    pub fn share(&self, things: usize, work: impl Fn(Range<usize>) + Sync) {
        if self.helpers() == 0 {
            return work(0..things);
        }
        let cut = |number: usize| CUTS[number] * things / CUTS[CUTS.len() - 1];
        self.each(CUTS.len() - 1, |part| work(cut(part)..cut(part + 1)));
    }

    /// Takes a part, if one is left, and does it.
    fn do_part(&self) -> bool {
        let left = self.left.load(Ordering::Acquire);
        let part = left & u64::from(u32::MAX);
        if part == 0 {
            return false;
        }
        let taken = self.left.compare_exchange(left, left - 1, Ordering::AcqRel, Ordering::Relaxed);
        if taken.is_ok() {
            // SAFETY: the part is ours, so the work is not done, and it is not replaced before.
            if let Some((work, data)) = unsafe { *self.current.get() } {
                // SAFETY: whoever called `run` promised it.
                unsafe { work(data, part as c_int - 1) };
            }
            self.done.fetch_add(1, Ordering::Release);
        }
        true
    }
}

/// A safe work, and the first panic in it: it must not leave a function of C.
struct Shared<F> {
    work: F,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// The function that does a part of such a work, given a pointer to it.
fn do_shared<F: Fn(usize) + Sync>(_: &Shared<F>) -> Work {
    unsafe extern "C" fn part<F: Fn(usize) + Sync>(data: *const c_void, part: c_int) {
        // SAFETY: `each` gives it this.
        let shared = unsafe { &*data.cast::<Shared<F>>() };
        let done = catch_unwind(AssertUnwindSafe(|| (shared.work)(part as usize)));
        if let Err(panic) = done {
            shared.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
        }
    }
    part::<F>
}

/// What comes of a work with so many helpers, all of whom are there when it begins. They are sent away even when
/// it panics, or a test that fails would not end.
pub fn with_helpers<T>(helpers: usize, work: impl FnOnce(&HelperPool) -> T) -> T {
    let team = HelperPool::default();
    let done = thread::scope(|scope| {
        (0..helpers).for_each(|_| drop(scope.spawn(|| team.help(|| false))));
        while team.helpers() < helpers {
            thread::yield_now();
        }
        let done = catch_unwind(AssertUnwindSafe(|| work(&team)));
        team.dismiss();
        done
    });
    assert_eq!(team.helpers(), 0);
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_to_who_shared_the_work() {
        with_helpers(1, |team| {
            for bad in 0..4 {
                let done = AtomicUsize::new(0);
                let shared = catch_unwind(AssertUnwindSafe(|| {
                    team.each(4, |part| {
                        assert!(part != bad, "part {part} fails");
                        done.fetch_add(1, Ordering::Relaxed);
                    });
                }));
                let panic = shared.expect_err("it panics");
                let text = panic.downcast_ref::<String>().expect("a message");
                assert_eq!(*text, format!("part {bad} fails"));
                assert_eq!(done.into_inner(), 3);
            }
        });
    }

    /// Adds one to the number that it is given, for the part.
    unsafe extern "C" fn count(data: *const c_void, part: c_int) {
        // SAFETY: the tests below give it this array.
        let counts = unsafe { &*data.cast::<[AtomicUsize; 4]>() };
        counts[part as usize].fetch_add(1, Ordering::Relaxed);
    }

    #[test]
    fn each_part_is_done_once() {
        for helpers in [0, 1, 3] {
            let counts: [AtomicUsize; 4] = Default::default();
            with_helpers(helpers, |team| {
                for round in 1..=2_000 {
                    // SAFETY: the array outlives the call, and parts are four.
                    unsafe { team.run(count, std::ptr::from_ref(&counts).cast(), 4) };
                    let done = counts.each_ref().map(|count| count.load(Ordering::Relaxed));
                    assert_eq!(done, [round; 4], "{helpers} helpers");
                }
            });
        }
    }

    #[test]
    fn each_thing_is_in_one_range() {
        for helpers in [0, 3] {
            with_helpers(helpers, |team| {
                for things in [0, 1, 3, 12, 24, 100] {
                    let counts: Vec<_> = (0..things).map(|_| AtomicUsize::new(0)).collect();
                    team.share(things, |range| {
                        for count in &counts[range] {
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                    assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
                }
            });
        }
    }

    #[test]
    fn who_has_something_else_to_do_leaves() {
        let team = HelperPool::default();
        team.help(|| true);
        assert_eq!(team.helpers(), 0);
    }
}
