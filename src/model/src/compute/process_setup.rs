//! Settings of the process without which libtorch is slow on a CPU.
//!
//! They are calls into C, hence the `unsafe` code.
#![allow(unsafe_code)]

use std::ffi::c_int;

/// Tells Intel's MKL, which is linked into libtorch, that it may use its fast kernels.
///
/// MKL calls a function of this name to ask whether it runs on an Intel processor, and takes a slow path
/// if not. The executable exports this one (see `build.rs`), which
/// the dynamic linker finds first. On an Intel processor the answer is the same as MKL's own.
#[unsafe(no_mangle)]
pub extern "C" fn mkl_serv_intel_cpu_true() -> c_int {
    1
}

/// Sets up the memory allocator for libtorch. Call it once, before any thread starts.
///
/// By default glibc returns large blocks to the kernel as soon as they are freed, and gets them again,
/// zeroed page by page, for the next forward. Keeping them makes long batches several times as
/// fast; in exchange the resident set stays at its peak.
pub fn prepare_process() {
    // The linker drops the function unless something refers to it.
    std::hint::black_box(mkl_serv_intel_cpu_true as extern "C" fn() -> c_int);
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two integers, and no other thread exists yet.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

/// Lets libtorch use `threads` threads within one operation that is called from the current thread.
pub fn set_thread_count(threads: usize) {
    tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
}
