//! Threads that share the operations of one forward.
//!
//! An idle thread helps a busy one: it takes parts of its operations, which follow each other within a few
//! hundred microseconds, and spins in between. To wake a sleeping thread takes as long as a part of a short
//! text. For that reason libtorch's own threads (OpenMP) gave no speed-up: with one more thread for
//! each worker there are more threads than cores, and then they sleep between any two operations.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::{hint, thread};

/// Most threads that share one operation, the owner included. More add little for a few hundred tokens.
pub const MAX_POOL_THREADS: usize = 4;
/// Number of times a helper polls for a part before it yields the core: a few microseconds.
const POLLS_BEFORE_YIELD: u32 = 200;
/// Bounds of the parts of a range, in sixteenths of it. Parts are taken from the last one on and get
/// smaller. So a thread whose core is slow for a while, as in a virtual machine, does not delay
/// the others with a large part at the end.
const BOUNDS: [usize; 9] = [0, 1, 2, 3, 4, 6, 8, 12, 16];

/// Runs one part of an operation, given the operation's data and the number of the part.
pub type PartFn = unsafe extern "C" fn(*const c_void, c_int);

/// The helpers of one computing thread, the owner, and the operation that they share.
#[derive(Default)]
pub struct HelperPool {
    /// Lower half: parts of the current operation that no thread has taken yet. Upper half: a number
    /// that changes with each operation.
    left: AtomicU64,
    /// Parts of the current operation that are done.
    done: AtomicUsize,
    current: UnsafeCell<Option<(PartFn, *const c_void)>>,
    helpers: AtomicUsize,
    is_closed: AtomicBool,
}

// SAFETY: the owner writes `current` only while no part is left or running. A helper reads it only after
// it has taken a part, which counts as running until the helper adds it to `done`. The pointer in
// it is used only by parts, within the call of `run` that it was passed to.
unsafe impl Send for HelperPool {}
// SAFETY: as above.
unsafe impl Sync for HelperPool {}

impl HelperPool {
    /// Number of threads that help at this moment.
    pub fn helpers(&self) -> usize {
        self.helpers.load(Ordering::Relaxed)
    }

    /// Accepts helpers again after [`Self::close`].
    pub fn open(&self) {
        self.is_closed.store(false, Ordering::Release);
    }

    /// Makes the helpers leave, each after the part that it is running.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// Makes the calling thread a helper until [`Self::close`], or until `leave` returns true. `leave` is called
    /// now and then while there is no part to run.
    pub fn help(&self, leave: impl Fn() -> bool) {
        self.helpers.fetch_add(1, Ordering::AcqRel);
        let mut polls = 0;
        loop {
            if self.run_part() {
                polls = 0;
                continue;
            }
            if self.is_closed.load(Ordering::Acquire) {
                break;
            }
            polls += 1;
            if polls % POLLS_BEFORE_YIELD != 0 {
                hint::spin_loop();
            } else if leave() {
                break;
            } else {
                thread::yield_now();
            }
        }
        self.helpers.fetch_sub(1, Ordering::AcqRel);
    }

    /// Runs all parts of an operation on this thread and its helpers, and returns when all are done. Only
    /// the owner calls this.
    ///
    /// # Safety
    /// `part_fn` may be called with `data` and each number below `parts`, on any thread and
    /// concurrently, until this returns.
    pub unsafe fn run(&self, part_fn: PartFn, data: *const c_void, parts: c_int) {
        if self.helpers() == 0 || parts < 2 {
            // SAFETY: as promised.
            (0..parts).for_each(|part| unsafe { part_fn(data, part) });
            return;
        }
        // SAFETY: all parts of the previous operation are done.
        unsafe { *self.current.get() = Some((part_fn, data)) };
        self.done.store(0, Ordering::Relaxed);
        let number = self.left.load(Ordering::Relaxed) >> 32;
        let left = (number.wrapping_add(1) << 32) | parts as u64;
        self.left.store(left, Ordering::Release);
        while self.run_part() {}
        let mut polls = 0;
        while self.done.load(Ordering::Acquire) < parts as usize {
            polls += 1;
            // A helper may have lost its core in the middle of its part.
            if polls % POLLS_BEFORE_YIELD == 0 { thread::yield_now() } else { hint::spin_loop() }
        }
    }

    /// Calls `operation` with each number below `parts`, as [`Self::run`] does. If a part panics, the panic
    /// resumes on the calling thread once all parts are done.
    pub fn for_each(&self, parts: usize, operation: impl Fn(usize) + Sync) {
        let shared = Shared { operation, panic: Mutex::new(None) };
        // SAFETY: `shared` outlives the call, all threads may read it, and the function is made for its type.
        unsafe { self.run(part_fn(&shared), std::ptr::from_ref(&shared).cast(), parts as c_int) };
        if let Some(panic) = shared.panic.into_inner().unwrap_or_else(PoisonError::into_inner) {
            resume_unwind(panic);
        }
    }

    /// Calls `operation` with ranges that together hold each number below `count` once, and returns when all are
    /// done. A panic in it resumes on the calling thread.
    pub fn for_each_range(&self, count: usize, operation: impl Fn(Range<usize>) + Sync) {
        if self.helpers() == 0 {
            return operation(0..count);
        }
        let bound = |number: usize| BOUNDS[number] * count / BOUNDS[BOUNDS.len() - 1];
        self.for_each(BOUNDS.len() - 1, |part| operation(bound(part)..bound(part + 1)));
    }

    /// Takes a part and runs it, if one is left. Returns whether one was left.
    fn run_part(&self) -> bool {
        let left = self.left.load(Ordering::Acquire);
        let part = left & u64::from(u32::MAX);
        if part == 0 {
            return false;
        }
        let taken = self.left.compare_exchange(left, left - 1, Ordering::AcqRel, Ordering::Relaxed);
        if taken.is_ok() {
            // SAFETY: this thread has taken the part, so the operation is not done and is not replaced yet.
            if let Some((part_fn, data)) = unsafe { *self.current.get() } {
                // SAFETY: the caller of `run` promised it.
                unsafe { part_fn(data, part as c_int - 1) };
            }
            self.done.fetch_add(1, Ordering::Release);
        }
        true
    }
}

/// A safe operation, and the first panic in it, which must not leave a function with the C calling convention.
struct Shared<F> {
    operation: F,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// The function that runs a part of such an operation, given a pointer to it.
fn part_fn<F: Fn(usize) + Sync>(_: &Shared<F>) -> PartFn {
    unsafe extern "C" fn part<F: Fn(usize) + Sync>(data: *const c_void, part: c_int) {
        // SAFETY: `for_each` passes a pointer to this type.
        let shared = unsafe { &*data.cast::<Shared<F>>() };
        let done = catch_unwind(AssertUnwindSafe(|| (shared.operation)(part as usize)));
        if let Err(panic) = done {
            shared.panic.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(panic);
        }
    }
    part::<F>
}

/// Calls `run` with a pool of `helpers` threads, all of which help already, and returns its result. The helpers
/// leave even when it panics, or a failing test would not end.
pub fn with_helpers<T>(helpers: usize, run: impl FnOnce(&HelperPool) -> T) -> T {
    let pool = HelperPool::default();
    let done = thread::scope(|scope| {
        (0..helpers).for_each(|_| drop(scope.spawn(|| pool.help(|| false))));
        while pool.helpers() < helpers {
            thread::yield_now();
        }
        let done = catch_unwind(AssertUnwindSafe(|| run(&pool)));
        pool.close();
        done
    });
    assert_eq!(pool.helpers(), 0);
    done.unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_resumes_on_the_calling_thread() {
        with_helpers(1, |pool| {
            for bad in 0..4 {
                let done = AtomicUsize::new(0);
                let shared = catch_unwind(AssertUnwindSafe(|| {
                    pool.for_each(4, |part| {
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

    /// Adds one to the count of the part.
    unsafe extern "C" fn count(data: *const c_void, part: c_int) {
        // SAFETY: the test below passes this array.
        let counts = unsafe { &*data.cast::<[AtomicUsize; 4]>() };
        counts[part as usize].fetch_add(1, Ordering::Relaxed);
    }

    #[test]
    fn each_part_runs_once() {
        for helpers in [0, 1, 3] {
            let counts: [AtomicUsize; 4] = Default::default();
            with_helpers(helpers, |pool| {
                for round in 1..=2_000 {
                    // SAFETY: the array outlives the call, and there are four parts.
                    unsafe { pool.run(count, std::ptr::from_ref(&counts).cast(), 4) };
                    let done = counts.each_ref().map(|count| count.load(Ordering::Relaxed));
                    assert_eq!(done, [round; 4], "{helpers} helpers");
                }
            });
        }
    }

    #[test]
    fn each_number_is_in_one_range() {
        for helpers in [0, 3] {
            with_helpers(helpers, |pool| {
                for count in [0, 1, 3, 12, 24, 100] {
                    let counts: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                    pool.for_each_range(count, |range| {
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
    fn a_helper_leaves_when_asked_to() {
        let pool = HelperPool::default();
        pool.help(|| true);
        assert_eq!(pool.helpers(), 0);
    }
}
