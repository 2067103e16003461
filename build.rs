//! Link arguments of the binary, its tests and benchmarks.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for name in ["LIBTORCH", "LIBTORCH_LIB"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    // A build finds libtorch where it was linked from; an installed binary in
    // lib/heartstrings beside its own folder.
    let folders = [env::var_os("LIBTORCH_LIB"), env::var_os("LIBTORCH")];
    if let Some(folder) = folders.into_iter().flatten().next() {
        let lib = PathBuf::from(folder).join("lib");
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib/heartstrings");
    // MKL inside libtorch looks this function up; src/model/src/compute/process_setup.rs says why.
    println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol=mkl_serv_intel_cpu_true");
}
