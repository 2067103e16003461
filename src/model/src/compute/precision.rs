//! Device and number format of the forward: as requested, and as resolved for this machine.

use super::processor::Features;
use crate::error::ModelError;
use std::fmt;
use std::str::FromStr;
use tch::Kind;

/// Number format of the forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// The format in which the processor is fastest: `bf16`, `int16` or `fp32`.
    #[default]
    Auto,
    /// 32-bit floating point.
    Fp32,
    /// bfloat16: half the memory traffic, agrees with fp32 to a cosine of 0.9998.
    Bf16,
    /// Linear layers and attention in 16-bit integers, everything else in fp32. More exact than bfloat16.
    Int16,
}

/// Device of the forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// `cuda` where libtorch can use it, `cpu` elsewhere.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first graphics card that libtorch finds.
    Cuda,
}

/// A device and a number format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compute {
    /// Number format.
    pub precision: Precision,
    /// Device of the forward.
    pub device: Device,
}

impl From<Precision> for Compute {
    fn from(precision: Precision) -> Self {
        Self { precision, device: Device::Auto }
    }
}

impl Compute {
    /// Replaces `Auto` by what is best on this machine.
    ///
    /// # Errors
    /// When CUDA is requested and this libtorch or this machine has none, or int16 and the processor has no AVX2.
    pub fn resolve(self) -> Result<Self, ModelError> {
        self.resolve_for(tch::Cuda::is_available(), Features::here())
    }

    fn resolve_for(self, has_cuda: bool, features: Features) -> Result<Self, ModelError> {
        let device = match self.device {
            Device::Auto if has_cuda => Device::Cuda,
            Device::Auto => Device::Cpu,
            chosen => chosen,
        };
        if device == Device::Cuda && !has_cuda {
            let why = "this libtorch finds no CUDA. Build with LIBTORCH pointing at one for CUDA, \
                       on a machine with an NVIDIA card and its driver, or use --device cpu";
            return Err(ModelError::Unsupported(why.into()));
        }
        let precision = match self.precision {
            // tch does not tell whether a graphics card multiplies bfloat16 in hardware; a card that does not
            // emulates it slowly. An operator who knows the card can request bf16.
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

    /// Kind of the tensors between the layers. Tensors of int16 layers are in fp32.
    pub fn kind(self) -> Kind {
        match self.precision {
            Precision::Bf16 => Kind::BFloat16,
            Precision::Fp32 | Precision::Int16 | Precision::Auto => Kind::Float,
        }
    }

    /// The device in libtorch's terms.
    pub fn torch_device(self) -> tch::Device {
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
    use super::super::processor::Vendor;
    use super::*;

    const ZEN_3: Features = Features {
        vendor: Vendor::Amd,
        avx2: true,
        avx512: false,
        avx512_bf16: false,
        amx_bf16: false,
    };
    const ZEN_5: Features = Features { avx512: true, avx512_bf16: true, ..ZEN_3 };
    const OLD: Features = Features { avx2: false, ..ZEN_3 };

    fn resolved(precision: Precision, device: Device, has_cuda: bool, on: Features) -> String {
        let resolved = Compute { precision, device }.resolve_for(has_cuda, on);
        resolved.map_or_else(|why| why.to_string(), |c| format!("{} {}", c.device, c.precision))
    }

    #[test]
    fn auto_takes_the_format_in_which_the_machine_is_fast() {
        let auto = |has_cuda, on| resolved(Precision::Auto, Device::Auto, has_cuda, on);
        assert_eq!(auto(false, ZEN_5), "cpu bf16");
        assert_eq!(auto(false, ZEN_3), "cpu int16");
        assert_eq!(auto(false, OLD), "cpu fp32");
        assert_eq!(auto(true, ZEN_3), "cuda fp32");
        assert_eq!(auto(true, ZEN_5), "cuda fp32");
    }

    #[test]
    fn a_setting_forces_any() {
        let forced = |precision, device, on| resolved(precision, device, true, on);
        assert_eq!(forced(Precision::Bf16, Device::Cpu, ZEN_3), "cpu bf16");
        assert_eq!(forced(Precision::Fp32, Device::Cpu, ZEN_5), "cpu fp32");
        assert_eq!(forced(Precision::Int16, Device::Cpu, ZEN_5), "cpu int16");
        assert_eq!(forced(Precision::Auto, Device::Cpu, ZEN_5), "cpu bf16");
        assert_eq!(forced(Precision::Bf16, Device::Cuda, ZEN_3), "cuda bf16");
    }

    #[test]
    fn int16_without_avx2_is_refused_with_what_to_do() {
        for (device, on) in [(Device::Cpu, OLD), (Device::Cuda, ZEN_3)] {
            let refused = resolved(Precision::Int16, device, true, on);
            assert!(refused.contains("--precision auto"), "{refused}");
        }
    }

    #[test]
    fn cuda_without_a_card_is_refused_with_what_to_do() {
        let refused = resolved(Precision::Auto, Device::Cuda, false, ZEN_5);
        assert!(refused.contains("--device cpu"), "{refused}");
    }
}
