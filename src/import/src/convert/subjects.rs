//! Names of things as people write them, made into subjects.
//!
//! The rule: a name that is allowed as it stands is taken as it stands, without white space around
//! it. Of another one each run of characters that are not allowed becomes one hyphen, the result is
//! cut to 100 characters, and `~` and eight hexadecimal digits of the SHA-256 of the whole name are
//! added, so that two names never become one subject. The name itself is kept with the review. This
//! is the only place that knows the rule; what is allowed, the crate `core` says.

use heartstrings_core::review::Subject;
use sha2::{Digest, Sha256};

/// Most characters that are kept of a name that is not allowed.
const KEPT_CHARS: usize = 100;

/// A subject for a name, and the name when it is another one.
pub fn subject_of(name: &str) -> (String, Option<String>) {
    let name = name.trim();
    if name.parse::<Subject>().is_ok() {
        return (name.to_owned(), None);
    }
    let mut subject = String::new();
    for c in name.chars() {
        if c.to_string().parse::<Subject>().is_ok() {
            subject.push(c);
        } else if !subject.ends_with('-') {
            subject.push('-');
        }
    }
    let kept: String = subject.trim_matches('-').chars().take(KEPT_CHARS).collect();
    let digest = Sha256::digest(name);
    let digits: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    let subject = if kept.is_empty() { digits } else { format!("{kept}~{digits}") };
    (subject, Some(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_allowed_stays() {
        assert_eq!(subject_of(" sku:4711 "), ("sku:4711".into(), None));
    }

    #[test]
    fn what_is_not_allowed_is_kept_beside_it() {
        let (subject, name) = subject_of("AC/DC: Let There Be Rock / Live");
        assert!(subject.starts_with("AC-DC:"), "{subject}");
        assert_eq!(name.as_deref(), Some("AC/DC: Let There Be Rock / Live"));
        assert_ne!(subject_of("a/b").0, subject_of("a\\b").0);
        assert_ne!(subject_of("///").0, subject_of("//").0);
    }

    proptest! {
        #[test]
        fn fuzz_subjects(name in "\\PC{0,300}x|[a-z /\\\\]{0,9}x") {
            let (subject, original) = subject_of(&name);
            prop_assert!(subject.parse::<Subject>().is_ok(), "{name:?} became {subject:?}");
            prop_assert_eq!(original.is_none(), subject == name.trim());
        }
    }
}
