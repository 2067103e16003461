//! Which language a text is written in, and whether that is sure.

use heartstrings_core::analysis::Warning;
use heartstrings_inference::Language;
use whatlang::Script;

/// Fewest letters for a detector's word to count.
const LETTERS: usize = 24;

/// Says what language `text` is in: what the client `stated`, else what can be told from it.
///
/// A text counts as unsupported only when that is sure: it is written in a script that none of
/// the supported languages uses, or it has at least 24 letters and the detector calls itself
/// reliable. A client that states a supported language is believed, and one that states another
/// is believed too.
pub fn of(text: &str, stated: Option<&str>, supported: &[String]) -> Language {
    let is_supported = |tag: &str| {
        let primary = tag.split('-').next().unwrap_or(tag);
        supported.iter().any(|s| s == primary)
    };
    if let Some(tag) = stated {
        let warning = (!is_supported(tag)).then_some(Warning::LanguageNotSupported);
        return Language { tag: tag.to_owned(), warning };
    }
    // Markup characters, digits and emoji say nothing about language.
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let unknown = Language { tag: "und".into(), warning: None };
    let Some(info) = whatlang::detect(text) else { return unknown };
    let tag = tag_of(info.lang());
    let enough = letters >= LETTERS;
    // The detector is shy with everyday English; what it would guess is good enough for the tag.
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

/// All languages that models have been made for so far are written in Latin letters.
fn uses_latin(script: Script) -> bool {
    script == Script::Latin
}

/// The shortest ISO 639 code, as BCP 47 wants it; the detector knows three-letter codes only.
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
        of(text, stated, &["en".to_owned()])
    }

    #[test]
    fn english_counts_and_so_does_what_nobody_can_tell() {
        let text = "I laughed, I cried, and then I called my father to tell him about it.";
        assert_eq!(language(text, None), Language { tag: "en".into(), warning: None });
        for doubtful in ["ok", "👍👍👍", "10/10", "Nice!", "...", "😭😭"] {
            assert_eq!(language(doubtful, None).warning, None, "{doubtful}");
        }
    }

    #[test]
    fn another_script_or_a_sure_detector_warns() {
        let korean = "7번방의 선물, 정말 많이 울었어요";
        assert_eq!(language(korean, None).tag, "ko");
        assert_eq!(language(korean, None).warning, Some(Warning::LanguageNotSupported));
        let german = "Der Film hat mich sehr berührt und ich habe am Ende geweint, wunderbar.";
        assert_eq!(language(german, None).warning, Some(Warning::LanguageNotSupported));
    }

    #[test]
    fn the_client_is_believed() {
        assert_eq!(language("Der Film hat mich sehr berührt", Some("en-US")).warning, None);
        assert_eq!(language("Very good", Some("de")).warning, Some(Warning::LanguageNotSupported));
    }
}
