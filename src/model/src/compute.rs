//! What the forward runs on and in which number format: as asked for, and as settled.

use super::config::ModelError;
use super::processor::Features;
use std::fmt;
use std::str::FromStr;
use tch::Kind;

/// Number format of the forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// What the processor is fastest in: `bf16`, `int16` or `fp32`.
    #[default]
    Auto,
    /// 32-bit floating point.
    Fp32,
    /// bfloat16: half the memory traffic, agrees with fp32 to a cosine of 0.9998.
    Bf16,
    /// Linear layers and attention in integers of 16 bits, everything else in fp32. Nearer to fp32 than bfloat16 is.
    Int16,
}

/// What the forward runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// `cuda` where libtorch can use it, `cpu` elsewhere.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// The first graphics card that libtorch finds.
    Cuda,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compute {
    /// Number format.
    pub precision: Precision,
    /// What the forward runs on.
    pub device: Device,
}

impl From<Precision> for Compute {
    fn from(precision: Precision) -> Self {
        Self { precision, device: Device::Auto }
    }
}

impl Compute {
    /// What is used on this machine: nothing in it is `Auto`.
    ///
    /// # Errors
    /// When CUDA is asked for and this libtorch or this machine has none.
    pub fn resolve(self) -> Result<Self, ModelError> {
        self.settle(tch::Cuda::is_available(), Features::here())
    }

    fn settle(self, has_cuda: bool, features: Features) -> Result<Self, ModelError> {
        let device = match self.device {
            Device::Auto if has_cuda => Device::Cuda,
            Device::Auto => Device::Cpu,
            chosen => chosen,
        };
        if device == Device::Cuda && !has_cuda {
            let why = "this libtorch finds no CUDA. Build with LIBTORCH pointing at one for CUDA, \
                       on a machine with a card of NVIDIA's and its driver, or use --device cpu";
            return Err(ModelError::Unsupported(why.into()));
        }
        let precision = match self.precision {
            // libtorch does not tell through tch whether a card multiplies bfloat16 in hardware;
            // one that does not emulates it. Whoever knows theirs asks for it.
            Precision::Auto if device == Device::Cuda => Precision::Fp32,
            Precision::Auto if features.is_fast_in_bf16() => Precision::Bf16,
            Precision::Auto if features.is_fast_in_int16() => Precision::Int16,
            Precision::Auto => Precision::Fp32,
            chosen => chosen,
        };
        if precision == Precision::Int16 && (device == Device::Cuda || !features.avx2) {
            let why = "int16 is for processors with AVX2; use --precision auto";
            return Err(ModelError::Unsupported(why.into()));
        }
        Ok(Self { precision, device })
    }

    pub(super) fn kind(self) -> Kind {
        match self.precision {
            Precision::Bf16 => Kind::BFloat16,
            Precision::Fp32 | Precision::Int16 | Precision::Auto => Kind::Float,
        }
    }

    pub(super) fn place(self) -> tch::Device {
        match self.device {
            Device::Cuda => tch::Device::Cuda(0),
            Device::Cpu | Device::Auto => tch::Device::Cpu,
        }
    }
}

impl FromStr for Precision {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "auto" => Ok(Precision::Auto),
            "fp32" => Ok(Precision::Fp32),
            "bf16" => Ok(Precision::Bf16),
            "int16" => Ok(Precision::Int16),
            other => Err(format!("{other:?} is not a precision; use auto, fp32, bf16 or int16")),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::Auto => "auto",
            Precision::Fp32 => "fp32",
            Precision::Bf16 => "bf16",
            Precision::Int16 => "int16",
        })
    }
}

impl FromStr for Device {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "auto" => Ok(Device::Auto),
            "cpu" => Ok(Device::Cpu),
            "cuda" => Ok(Device::Cuda),
            other => Err(format!("{other:?} is not a device; use auto, cpu or cuda")),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Device::Auto => "auto",
            Device::Cpu => "cpu",
            Device::Cuda => "cuda",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::processor::Maker;
    use super::*;

    const ZEN_3: Features = Features {
        maker: Maker::Amd,
        avx2: true,
        avx512: false,
        avx512_bf16: false,
        amx_bf16: false,
    };
    const ZEN_5: Features = Features { avx512: true, avx512_bf16: true, ..ZEN_3 };
    const OLD: Features = Features { avx2: false, ..ZEN_3 };

    fn settled(precision: Precision, device: Device, has_cuda: bool, on: Features) -> String {
        let settled = Compute { precision, device }.settle(has_cuda, on);
        settled.map_or_else(|why| why.to_string(), |c| format!("{} {}", c.device, c.precision))
    }

    #[test]
    fn auto_takes_what_the_machine_is_fast_in() {
        let auto = |has_cuda, on| settled(Precision::Auto, Device::Auto, has_cuda, on);
        assert_eq!(auto(false, ZEN_5), "cpu bf16");
        assert_eq!(auto(false, ZEN_3), "cpu int16");
        assert_eq!(auto(false, OLD), "cpu fp32");
        assert_eq!(auto(true, ZEN_3), "cuda fp32");
        assert_eq!(auto(true, ZEN_5), "cuda fp32");
    }

    #[test]
    fn a_setting_forces_any() {
        let forced = |precision, device, on| settled(precision, device, true, on);
        assert_eq!(forced(Precision::Bf16, Device::Cpu, ZEN_3), "cpu bf16");
        assert_eq!(forced(Precision::Fp32, Device::Cpu, ZEN_5), "cpu fp32");
        assert_eq!(forced(Precision::Int16, Device::Cpu, ZEN_5), "cpu int16");
        assert_eq!(forced(Precision::Auto, Device::Cpu, ZEN_5), "cpu bf16");
        assert_eq!(forced(Precision::Bf16, Device::Cuda, ZEN_3), "cuda bf16");
    }

    #[test]
    fn int16_that_is_not_there_is_refused_with_what_to_do() {
        for (device, on) in [(Device::Cpu, OLD), (Device::Cuda, ZEN_3)] {
            let refused = settled(Precision::Int16, device, true, on);
            assert!(refused.contains("--precision auto"), "{refused}");
        }
    }

    #[test]
    fn cuda_that_is_not_there_is_refused_with_what_to_do() {
        let refused = settled(Precision::Auto, Device::Cuda, false, ZEN_5);
        assert!(refused.contains("--device cpu"), "{refused}");
    }
}
