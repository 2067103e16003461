//! The language of a text, and whether it is supported.

use heartstrings_core::analysis::Warning;
use heartstrings_inference::Language;
use heartstrings_text::language::parse_tag;

/// The language of `text`: the one that the client `stated`, or else the detected one.
///
/// A text counts as unsupported only when that is certain. A stated language is always accepted, supported or
/// not; `und` asks for detection. Reviews of earlier releases may state tags in other spellings, such as `eng`.
pub fn detect(text: &str, stated: Option<&str>, supported: &[String]) -> Language {
    let stated = stated.and_then(|tag| parse_tag(tag).unwrap_or_else(|_| Some(tag.to_owned())));
    let (tag, is_unsupported) = match stated {
        Some(tag) => {
            let primary = tag.split('-').next().unwrap_or(&tag);
            let is_unsupported = !supported.iter().any(|known| known == primary);
            (tag, is_unsupported)
        }
        None => {
            let detected = heartstrings_text::language::detect(text, supported);
            (detected.tag, detected.is_unsupported)
        }
    };
    Language { tag, warning: is_unsupported.then_some(Warning::LanguageNotSupported) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str, stated: Option<&str>) -> Language {
        detect(text, stated, &["en".to_owned()])
    }

    #[test]
    fn what_is_not_stated_is_detected() {
        let dutch = "De kamer was vies en het personeel onvriendelijk.";
        for stated in [None, Some("und")] {
            let found = language(dutch, stated);
            assert_eq!(found.tag, "nl");
            assert_eq!(found.warning, Some(Warning::LanguageNotSupported));
        }
        assert_eq!(language("10/10", None), Language { tag: "und".into(), warning: None });
    }

    #[test]
    fn a_stated_language_is_accepted() {
        let german = "Der Film hat mich sehr berührt";
        for english in ["en", "en-US", "eng"] {
            assert_eq!(language(german, Some(english)).warning, None);
        }
        assert_eq!(language("Very good", Some("de")).warning, Some(Warning::LanguageNotSupported));
    }
}
