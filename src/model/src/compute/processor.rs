//! The features of this machine's processor that decide how the network computes.

/// Vendor of a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// Intel.
    Intel,
    /// AMD.
    Amd,
    /// Another vendor, or unknown.
    Other,
}

/// Features of a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Its vendor.
    pub vendor: Vendor,
    /// 256-bit vectors, integers included, and fused multiply-add (AVX2 and FMA).
    pub avx2: bool,
    /// 512-bit vectors (AVX-512F).
    pub avx512: bool,
    /// bfloat16 instructions on 512-bit vectors.
    pub avx512_bf16: bool,
    /// A matrix unit for bfloat16.
    pub amx_bf16: bool,
}

impl Features {
    /// Features of this machine. None on other systems than Linux.
    pub fn here() -> Self {
        Self::read(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
    }

    /// Features listed in a text like `/proc/cpuinfo`. It lists only what the system lets processes use. It
    /// also lists AMX, which the standard library cannot detect yet.
    fn read(cpuinfo: &str) -> Self {
        let value = |key: &str| {
            let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
            fields.into_iter().find(|(name, _)| name.trim() == key).map_or("", |(_, value)| value)
        };
        let has = |flag| value("flags").split_ascii_whitespace().any(|word| word == flag);
        let vendor = match value("vendor_id").trim() {
            "GenuineIntel" => Vendor::Intel,
            "AuthenticAMD" => Vendor::Amd,
            _ => Vendor::Other,
        };
        Self {
            vendor,
            avx2: has("avx2") && has("fma"),
            avx512: has("avx512f"),
            avx512_bf16: has("avx512_bf16"),
            amx_bf16: has("amx_bf16"),
        }
    }

    /// Whether the kernels of `integer` multiply 16-bit integers faster than libtorch multiplies fp32.
    ///
    /// AVX2 multiplies 32 bytes at a time, so twice as many integers as fp32 numbers. With 512-bit
    /// vectors fp32 is as fast; there is no integer kernel of that width, and no measurement.
    pub fn is_fast_in_int16(self) -> bool {
        self.avx2 && !self.avx512
    }

    /// Whether it multiplies bfloat16 faster than fp32.
    ///
    /// AMX is faster by far. AVX512-BF16 is faster on AMD (Zen 4 and later: 1.7 times). On an Intel
    /// processor with AVX512-BF16 and without AMX, bfloat16 reached 155 × 10⁹ operations per second and fp32
    /// 300 × 10⁹. Without either, bfloat16 is emulated and far slower.
    pub fn is_fast_in_bf16(self) -> bool {
        self.amx_bf16 || (self.vendor == Vendor::Amd && self.avx512_bf16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const XEON: &str = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\n\
        flags\t\t: fpu fma avx2 avx512f avx512_bf16 amx_bf16 amx_tile\n\
        processor\t: 1\nvendor_id\t: GenuineIntel\nflags\t\t: fpu\n";

    #[test]
    fn features_are_read_as_linux_writes_them() {
        let features = Features::read(XEON);
        let nothing = Features {
            vendor: Vendor::Other,
            avx2: false,
            avx512: false,
            avx512_bf16: false,
            amx_bf16: false,
        };
        let expected = Features {
            vendor: Vendor::Intel,
            avx2: true,
            avx512: true,
            avx512_bf16: true,
            amx_bf16: true,
        };
        assert_eq!(features, expected);
        let zen_3 = "vendor_id\t: AuthenticAMD\nflags\t\t: fpu fma avx2 not_avx512_bf16\n";
        let expected = Features { vendor: Vendor::Amd, avx2: true, ..nothing };
        assert_eq!(Features::read(zen_3), expected);
        assert_eq!(Features::read(""), nothing);
        // An ARM processor: `Features` instead of `flags`, and no vendor.
        assert_eq!(Features::read("processor\t: 0\nFeatures\t: fp asimd bf16\n"), nothing);
    }

    #[test]
    fn bf16_is_for_processors_that_are_faster_in_it() {
        let fast = |vendor, avx512_bf16, amx_bf16| {
            Features { vendor, avx2: true, avx512: avx512_bf16, avx512_bf16, amx_bf16 }
                .is_fast_in_bf16()
        };
        assert!(fast(Vendor::Intel, true, true), "Sapphire Rapids");
        assert!(!fast(Vendor::Intel, true, false), "Cooper Lake, or AMX hidden by a hypervisor");
        assert!(!fast(Vendor::Intel, false, false), "Ice Lake");
        assert!(fast(Vendor::Amd, true, false), "Zen 4");
        assert!(!fast(Vendor::Amd, false, false), "Zen 3");
        assert!(!fast(Vendor::Other, true, false), "not measured");
        assert!(!fast(Vendor::Other, false, false));
    }

    #[test]
    fn int16_is_for_processors_with_256_bit_vectors() {
        let zen_3 = Features::read("vendor_id\t: AuthenticAMD\nflags\t\t: fpu fma avx2\n");
        assert!(zen_3.is_fast_in_int16());
        assert!(!Features { avx512: true, ..zen_3 }.is_fast_in_int16());
        assert!(!Features::read("flags\t\t: fpu avx2\n").is_fast_in_int16());
    }
}
