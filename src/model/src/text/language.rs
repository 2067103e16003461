//! The language of a text: the one that the client states, or else the detected one.

use heartstrings_core::analysis::Warning;
use heartstrings_inference::Language;
use heartstrings_text::language::{self, parse_tag};

/// The language of `text`, given in its normal form. `stated` is the client's tag, which is always accepted but for
/// `und`, and `supported` lists the languages of the model as ISO 639-1 codes. Reviews of earlier releases may
/// state tags in other spellings, such as `eng`.
pub fn of(text: &str, stated: Option<&str>, supported: &[String]) -> Language {
    let stated = stated.and_then(|tag| parse_tag(tag).unwrap_or_else(|_| Some(tag.to_owned())));
    let Some(tag) = stated else {
        let found = language::detect(text, supported);
        let warning = found.is_unsupported.then_some(Warning::LanguageNotSupported);
        return Language { tag: found.tag, warning };
    };
    let primary = tag.split('-').next().unwrap_or(&tag);
    let is_supported = supported.iter().any(|known| known == primary);
    let warning = (!is_supported).then_some(Warning::LanguageNotSupported);
    Language { tag, warning }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str, stated: Option<&str>) -> Language {
        of(text, stated, &["en".to_owned()])
    }

    #[test]
    fn english_and_doubtful_texts_get_no_warning() {
        let text = "I laughed, I cried, and then I called my father to tell him about it.";
        assert_eq!(language(text, None), Language { tag: "en".into(), warning: None });
        for doubtful in ["ok", "👍👍👍", "10/10", "Nice!", "...", "😭😭"] {
            assert_eq!(language(doubtful, None).warning, None, "{doubtful}");
        }
    }

    #[test]
    fn other_languages_get_a_warning() {
        for (text, tag) in [
            ("7번방의 선물, 정말 많이 울었어요", "ko"),
            ("Der Film hat mich sehr berührt und ich habe am Ende geweint, wunderbar.", "de"),
            ("De kamer was vies en het personeel onvriendelijk.", "nl"),
        ] {
            let found = language(text, None);
            assert_eq!(found.tag, tag, "{text}");
            assert_eq!(found.warning, Some(Warning::LanguageNotSupported), "{text}");
        }
    }

    #[test]
    fn a_stated_language_is_accepted() {
        assert_eq!(language("Der Film hat mich sehr berührt", Some("en-US")).warning, None);
        assert_eq!(language("Muy bien, gracias a todos", Some("eng")).tag, "en");
        assert_eq!(language("Der Film hat mich sehr berührt", Some("und")).tag, "de");
        let german = language("Very good", Some("de"));
        assert_eq!(german.warning, Some(Warning::LanguageNotSupported));
    }
}
