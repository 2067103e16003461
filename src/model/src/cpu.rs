//! Two settings of the process without which libtorch is slow on a CPU.
//!
//! Both are calls into C, hence the `unsafe` code.
#![allow(unsafe_code)]

use std::ffi::c_int;

/// Tells Intel's MKL, which is linked into libtorch, that it may use its fast kernels.
///
/// MKL asks this function of itself whether it runs on an Intel processor and takes a slow path
/// when it does not. The executable exports a function of the same name (see `build.rs`), which
/// the dynamic linker finds first. On an Intel processor the answer is the same as before.
#[unsafe(no_mangle)]
pub extern "C" fn mkl_serv_intel_cpu_true() -> c_int {
    1
}

/// Sets up memory for libtorch. To be called once, before any thread is started.
///
/// glibc gives large blocks back to the kernel as soon as they are freed and takes them again,
/// zeroed page by page, for the next forward. Keeping them makes long batches several times as
/// fast; the price is a resident set that stays at its peak.
pub fn prepare_process() {
    // The function must be referenced from somewhere, or the linker leaves it out.
    std::hint::black_box(mkl_serv_intel_cpu_true as extern "C" fn() -> c_int);
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two integers and is called before other threads exist.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}

/// Lets libtorch use `threads` threads within one operation called from this very thread.
pub fn set_thread_count(threads: usize) {
    tch::set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX));
}
