//! Six-decimal fixed point.
//!
//! Every number that the model gives is rounded to a millionth the moment it leaves the model.
//! From there on it is an integer: what is stored, what is summed and what a client reads are
//! the same value, and taking a review out of a sum restores the sum to the last digit.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many units make one: values are kept in millionths.
pub const UNITS: i64 = 1_000_000;

/// A number in millionths. JSON shows it as a number with at most six decimals; the store keeps
/// the integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed(i32);

impl Fixed {
    /// Nothing.
    pub const ZERO: Fixed = Fixed(0);
    /// One whole.
    pub const ONE: Fixed = Fixed(UNITS as i32);

    /// From a count of millionths.
    pub const fn from_micros(micros: i32) -> Self {
        Fixed(micros)
    }

    /// Rounds to the nearest millionth. Values beyond ±2147 are clamped and NaN becomes zero:
    /// neither can come out of a probability or a score.
    pub fn from_f64(value: f64) -> Self {
        // A float-to-integer `as` saturates and sends NaN to zero.
        Fixed((value * UNITS as f64).round() as i32)
    }

    /// The count of millionths.
    pub const fn micros(self) -> i32 {
        self.0
    }

    /// The nearest floating-point number.
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / UNITS as f64
    }
}

impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_f64(self.to_f64())
        } else {
            serializer.serialize_i32(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            f64::deserialize(deserializer).map(Fixed::from_f64)
        } else {
            i32::deserialize(deserializer).map(Fixed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_shows_at_most_six_decimals_and_reads_back_the_same() {
        for micros in [-1_000_000, -1, 0, 1, 333_333, 830_000, 1_000_000, 4_500_000] {
            let value = Fixed::from_micros(micros);
            let json = serde_json::to_string(&value).unwrap();
            assert!(json.len() <= 9, "{json}");
            assert_eq!(serde_json::from_str::<Fixed>(&json).unwrap(), value);
        }
        assert_eq!(serde_json::to_string(&Fixed::from_micros(830_000)).unwrap(), "0.83");
    }

    #[test]
    fn rounds_to_nearest_and_survives_nonsense() {
        assert_eq!(Fixed::from_f64(0.000_000_6).micros(), 1);
        assert_eq!(Fixed::from_f64(-0.000_000_6).micros(), -1);
        assert_eq!(Fixed::from_f64(f64::NAN), Fixed::ZERO);
        assert_eq!(Fixed::from_f64(f64::INFINITY).micros(), i32::MAX);
    }
}
