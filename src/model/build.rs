//! Compiles the C++ code and sets the link arguments of this crate's tests.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    for name in ["LIBTORCH", "LIBTORCH_LIB", "LIBTORCH_INCLUDE", "LIBTORCH_CXX11_ABI"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    compile_packing();
    compile_kernel();
    link();
}

/// Compiles `src/compute/packing.cpp` against the headers that torch-sys finds, in the same way.
fn compile_packing() {
    let source = "src/compute/packing.cpp";
    println!("cargo:rerun-if-changed={source}");
    let root = ["LIBTORCH_INCLUDE", "LIBTORCH"].into_iter().find_map(env::var_os);
    let root = root.expect("LIBTORCH is not set; run `make setup`, or set it to your own libtorch");
    let include = Path::new(&root).join("include");
    let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".into());
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false)
        .include(include.join("torch/csrc/api/include"))
        .include(include)
        .define("_GLIBCXX_USE_CXX11_ABI", abi.as_str())
        .file(source)
        .compile("heartstrings_packing");
}

/// Compiles the C++ code of `src/compute/integer` for AVX2, optimised in every profile. It is not called on a
/// processor without AVX2.
fn compile_kernel() {
    let folder = "src/compute/integer";
    println!("cargo:rerun-if-changed={folder}");
    let mut build = cc::Build::new();
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64") {
        build.flag("-mavx2").flag("-mfma");
    }
    let sources = ["kernel.cpp", "attention.cpp"].map(|name| format!("{folder}/{name}"));
    build.cpp(true).std("c++17").opt_level(3).files(sources).compile("heartstrings_kernel");
}

fn link() {
    // A build finds libtorch in the folder that it was linked from, an installed binary in
    // lib/heartstrings beside its own folder.
    let folders = [env::var_os("LIBTORCH_LIB"), env::var_os("LIBTORCH")];
    if let Some(folder) = folders.into_iter().flatten().next() {
        let lib = PathBuf::from(folder).join("lib");
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib/heartstrings");
    // MKL inside libtorch looks this function up; src/compute/process_setup.rs says why.
    println!("cargo:rustc-link-arg=-Wl,--export-dynamic-symbol=mkl_serv_intel_cpu_true");
}
