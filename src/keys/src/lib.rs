//! API keys: their roles, the file of their hashes, and the keys of a running service.
//!
//! A key is 256 random bits, and only its SHA-256 is kept. A memory-hard hash such as Argon2 makes
//! guessing *passwords* slow, since people choose them from a few billion; one of 2^256 keys cannot be
//! guessed, however fast the hash is. A slow hash would only let strangers use up the processor.

mod file;
mod ring;

pub use file::{KeysError, create, list, revoke};
pub use ring::KeyRing;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;

/// The first characters of every key, by which people and secret scanners recognise one.
pub const PREFIX: &str = "hs_";
/// Largest number of keys: each request is compared with all of them.
pub const MOST_KEYS: usize = 1_000;

/// What a key may do. Each role includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads reviews and aggregates, and has texts analyzed.
    Read,
    /// Also creates, replaces and deletes reviews.
    Write,
    /// Also exports everything and deletes subjects.
    Admin,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Read => "read",
            Role::Write => "write",
            Role::Admin => "admin",
        })
    }
}

/// Name of a key: 1 to 64 characters of `[A-Za-z0-9._-]`, which are safe in a log line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(String);

impl FromStr for KeyName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if (1..=64).contains(&name.len()) && name.chars().all(fits) {
            return Ok(Self(name.to_owned()));
        }
        Err(format!("{name:?} is not a name; use 1 to 64 of A-Z a-z 0-9 . _ -"))
    }
}

impl TryFrom<String> for KeyName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key in plain text. It has no `Debug` and no `Display`, so that it cannot get into a log.
pub struct Secret(String);

impl Secret {
    /// A new key of 256 bits from the system's source of randomness.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn random() -> Result<Self, KeysError> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).map_err(|error| KeysError::Random(error.to_string()))?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits))))
    }

    /// The characters of the key, for its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// SHA-256 of a key; in the file 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of a key in plain text.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Whether two hashes are equal, compared in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl TryFrom<String> for KeyHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err("a hash has 64 hexadecimal digits".into());
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16)
                .map_err(|_| "a hash has 64 hexadecimal digits")?;
        }
        Ok(Self(bytes))
    }
}

impl From<KeyHash> for String {
    fn from(hash: KeyHash) -> Self {
        hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A key as the file holds it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name; unique in a file.
    pub name: KeyName,
    /// What it may do.
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
    /// The hash of the key.
    pub sha256: KeyHash,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_and_known_by_their_hash() {
        let (one, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), PREFIX.len() + 43, "256 bits in base64");
        let kept = String::from(KeyHash::of(one.expose()));
        let read = KeyHash::try_from(kept).unwrap();
        assert!(read.matches(&KeyHash::of(one.expose())));
        assert!(!read.matches(&KeyHash::of(other.expose())));
    }

    #[test]
    fn the_hash_is_sha_256() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(String::from(KeyHash::of("abc")), known);
        for bad in ["", "ba78", &"g".repeat(64), &"é".repeat(32)] {
            assert!(KeyHash::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_cannot_break_a_line_of_the_log() {
        assert!("shop-frontend_2.eu".parse::<KeyName>().is_ok());
        for bad in ["", "a b", "a\nb", "ü", &"x".repeat(65)] {
            assert!(bad.parse::<KeyName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_larger_role_may_do_what_smaller_ones_may() {
        assert!(Role::Admin > Role::Write && Role::Write > Role::Read);
    }
}
