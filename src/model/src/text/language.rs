//! The language of a text, and whether it is supported.

use heartstrings_core::analysis::Warning;
use heartstrings_inference::Language;
use whatlang::Script;

/// Fewest letters with which the detector's result counts.
const MIN_LETTERS: usize = 24;

/// The language of `text`: the one that the client `stated`, or else the detected one.
///
/// A text counts as unsupported only when that is certain: it is written in a script that none of
/// the `supported` languages uses, or it has at least 24 letters and the detector's result is
/// reliable. A stated language is always accepted, supported or not.
pub fn detect(text: &str, stated: Option<&str>, supported: &[String]) -> Language {
    let is_supported = |tag: &str| {
        let primary = tag.split('-').next().unwrap_or(tag);
        supported.iter().any(|s| s == primary)
    };
    if let Some(tag) = stated {
        let warning = (!is_supported(tag)).then_some(Warning::LanguageNotSupported);
        return Language { tag: tag.to_owned(), warning };
    }
    // Markup, digits and emoji are no evidence of a language.
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let unknown = Language { tag: "und".into(), warning: None };
    let Some(info) = whatlang::detect(text) else { return unknown };
    let tag = tag_of(info.lang());
    let enough = letters >= MIN_LETTERS;
    // The detector often calls everyday English unreliable. Its best guess is good enough for the tag.
    if enough && is_supported(tag) {
        return Language { tag: tag.to_owned(), warning: None };
    }
    let foreign_script = letters > 0 && !uses_latin(info.script());
    let sure = foreign_script || (enough && info.is_reliable());
    if !sure {
        return unknown;
    }
    let warning = (!is_supported(tag)).then_some(Warning::LanguageNotSupported);
    Language { tag: tag.to_owned(), warning }
}

/// All languages of the models so far use the Latin script.
fn uses_latin(script: Script) -> bool {
    script == Script::Latin
}

/// The shortest ISO 639 code, as BCP 47 requires; the detector gives three-letter codes.
fn tag_of(lang: whatlang::Lang) -> &'static str {
    use whatlang::Lang::*;
    match lang {
        Eng => "en",
        Rus => "ru",
        Cmn => "zh",
        Spa => "es",
        Por => "pt",
        Ita => "it",
        Ben => "bn",
        Fra => "fr",
        Deu => "de",
        Ukr => "uk",
        Kat => "ka",
        Ara => "ar",
        Hin => "hi",
        Jpn => "ja",
        Heb => "he",
        Yid => "yi",
        Pol => "pl",
        Amh => "am",
        Jav => "jv",
        Kor => "ko",
        Nob => "nb",
        Dan => "da",
        Swe => "sv",
        Fin => "fi",
        Tur => "tr",
        Nld => "nl",
        Hun => "hu",
        Ces => "cs",
        Ell => "el",
        Bul => "bg",
        Bel => "be",
        Mar => "mr",
        Kan => "kn",
        Ron => "ro",
        Slv => "sl",
        Hrv => "hr",
        Srp => "sr",
        Mkd => "mk",
        Lit => "lt",
        Lav => "lv",
        Est => "et",
        Tam => "ta",
        Vie => "vi",
        Urd => "ur",
        Tha => "th",
        Guj => "gu",
        Uzb => "uz",
        Pan => "pa",
        Aze => "az",
        Ind => "id",
        Tel => "te",
        Pes => "fa",
        Mal => "ml",
        Ori => "or",
        Mya => "my",
        Nep => "ne",
        Sin => "si",
        Khm => "km",
        Tuk => "tk",
        Aka => "ak",
        Zul => "zu",
        Sna => "sn",
        Afr => "af",
        Lat => "la",
        Slk => "sk",
        Cat => "ca",
        Tgl => "tl",
        Hye => "hy",
        Epo => "eo",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str, stated: Option<&str>) -> Language {
        detect(text, stated, &["en".to_owned()])
    }

    #[test]
    fn english_and_undetectable_texts_get_no_warning() {
        let text = "I laughed, I cried, and then I called my father to tell him about it.";
        assert_eq!(language(text, None), Language { tag: "en".into(), warning: None });
        for doubtful in ["ok", "👍👍👍", "10/10", "Nice!", "...", "😭😭"] {
            assert_eq!(language(doubtful, None).warning, None, "{doubtful}");
        }
    }

    #[test]
    fn another_script_or_a_reliable_detection_warns() {
        let korean = "7번방의 선물, 정말 많이 울었어요";
        assert_eq!(language(korean, None).tag, "ko");
        assert_eq!(language(korean, None).warning, Some(Warning::LanguageNotSupported));
        let german = "Der Film hat mich sehr berührt und ich habe am Ende geweint, wunderbar.";
        assert_eq!(language(german, None).warning, Some(Warning::LanguageNotSupported));
    }

    #[test]
    fn a_stated_language_is_accepted() {
        assert_eq!(language("Der Film hat mich sehr berührt", Some("en-US")).warning, None);
        assert_eq!(language("Very good", Some("de")).warning, Some(Warning::LanguageNotSupported));
    }
}
