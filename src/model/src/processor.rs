//! What this machine's processor can do, as far as it decides how the network computes.

/// Who made a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Intel.
    Intel,
    /// AMD.
    Amd,
    /// Somebody else, or nobody that the system knows of.
    Other,
}

/// The features of a processor that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Who made it.
    pub maker: Maker,
    /// It has vectors of 256 bits, of integers too, and multiplies and adds numbers in one step.
    pub avx2: bool,
    /// It has vectors of 512 bits.
    pub avx512: bool,
    /// It has instructions for bfloat16 on vectors of 512 bits.
    pub avx512_bf16: bool,
    /// It has a matrix unit for bfloat16.
    pub amx_bf16: bool,
}

impl Features {
    /// Those of this machine. Where Linux does not tell, none.
    pub fn here() -> Self {
        Self::read(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default())
    }

    /// Those in a text like `/proc/cpuinfo`. It names only what the system lets processes use,
    /// and AMX, which the standard library cannot ask for yet.
    fn read(cpuinfo: &str) -> Self {
        let value = |key: &str| {
            let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
            fields.into_iter().find(|(name, _)| name.trim() == key).map_or("", |(_, value)| value)
        };
        let has = |flag| value("flags").split_ascii_whitespace().any(|word| word == flag);
        let maker = match value("vendor_id").trim() {
            "GenuineIntel" => Maker::Intel,
            "AuthenticAMD" => Maker::Amd,
            _ => Maker::Other,
        };
        Self {
            maker,
            avx2: has("avx2") && has("fma"),
            avx512: has("avx512f"),
            avx512_bf16: has("avx512_bf16"),
            amx_bf16: has("amx_bf16"),
        }
    }

    /// Whether it multiplies integers of 16 bits faster than fp32, with what `integer` has for it.
    ///
    /// Of both, AVX2 multiplies 32 bytes at a time, and so twice as many of these. With vectors of 512
    /// bits fp32 is as fast, and there is no code for integers of that width, nor has anyone measured it.
    pub fn is_fast_in_int16(self) -> bool {
        self.avx2 && !self.avx512
    }

    /// Whether it multiplies bfloat16 faster than fp32.
    ///
    /// AMX does, by far. Vectors of bfloat16 do on AMD (Zen 4 and later: 1.7 times). On an Intel
    /// processor with them and without AMX bfloat16 reached 155 10⁹ operations a second and fp32
    /// 300. Without either, bfloat16 is emulated and far slower.
    pub fn is_fast_in_bf16(self) -> bool {
        self.amx_bf16 || (self.maker == Maker::Amd && self.avx512_bf16)
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
            maker: Maker::Other,
            avx2: false,
            avx512: false,
            avx512_bf16: false,
            amx_bf16: false,
        };
        let expected = Features {
            maker: Maker::Intel,
            avx2: true,
            avx512: true,
            avx512_bf16: true,
            amx_bf16: true,
        };
        assert_eq!(features, expected);
        let zen_3 = "vendor_id\t: AuthenticAMD\nflags\t\t: fpu fma avx2 not_avx512_bf16\n";
        let expected = Features { maker: Maker::Amd, avx2: true, ..nothing };
        assert_eq!(Features::read(zen_3), expected);
        assert_eq!(Features::read(""), nothing);
        // An ARM processor: `Features` in the place of `flags`, and no maker.
        assert_eq!(Features::read("processor\t: 0\nFeatures\t: fp asimd bf16\n"), nothing);
    }

    #[test]
    fn bf16_is_for_processors_that_are_faster_in_it() {
        let fast = |maker, avx512_bf16, amx_bf16| {
            Features { maker, avx2: true, avx512: avx512_bf16, avx512_bf16, amx_bf16 }
                .is_fast_in_bf16()
        };
        assert!(fast(Maker::Intel, true, true), "Sapphire Rapids");
        assert!(!fast(Maker::Intel, true, false), "Cooper Lake, or AMX hidden by a hypervisor");
        assert!(!fast(Maker::Intel, false, false), "Ice Lake");
        assert!(fast(Maker::Amd, true, false), "Zen 4");
        assert!(!fast(Maker::Amd, false, false), "Zen 3");
        assert!(!fast(Maker::Other, true, false), "nobody has measured it");
        assert!(!fast(Maker::Other, false, false));
    }

    #[test]
    fn int16_is_for_processors_with_vectors_of_256_bits() {
        let zen_3 = Features::read("vendor_id\t: AuthenticAMD\nflags\t\t: fpu fma avx2\n");
        assert!(zen_3.is_fast_in_int16());
        assert!(!Features { avx512: true, ..zen_3 }.is_fast_in_int16());
        assert!(!Features::read("flags\t\t: fpu avx2\n").is_fast_in_int16());
    }
}
