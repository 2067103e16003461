//! Language tags as clients write them.

use oxilangtag::LanguageTag;

/// ISO 639-2 codes for bibliographies, where they differ from those of ISO 639-3, and the latter.
const BIBLIOGRAPHIC: [(&str, &str); 20] = [
    ("alb", "sqi"),
    ("arm", "hye"),
    ("baq", "eus"),
    ("bur", "mya"),
    ("chi", "zho"),
    ("cze", "ces"),
    ("dut", "nld"),
    ("fre", "fra"),
    ("geo", "kat"),
    ("ger", "deu"),
    ("gre", "ell"),
    ("ice", "isl"),
    ("mac", "mkd"),
    ("mao", "mri"),
    ("may", "msa"),
    ("per", "fas"),
    ("rum", "ron"),
    ("slo", "slk"),
    ("tib", "bod"),
    ("wel", "cym"),
];

/// Why a language tag was refused; the message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Low lines between the parts, as locales of operating systems have them.
    #[error("{written:?} is not a language tag; write {meant:?}, with a hyphen")]
    LowLine {
        /// What was sent.
        written: String,
        /// The tag that it would be with hyphens.
        meant: String,
    },
    /// Not of the shape that BCP 47 gives to tags.
    #[error("{0:?} is not a language tag; write it like en or pt-BR")]
    Malformed(String),
    /// The first part is no code of ISO 639.
    #[error(
        "{0:?} does not begin with a language of ISO 639; write it like en or pt-BR, or leave it out \
         to have the language detected"
    )]
    Unknown(String),
}

/// Reads the tag of a language (BCP 47) in its usual spelling; nothing for "und", which asks for
/// detection.
///
/// Codes of three letters become those of two where there are any, as BCP 47 wants it: "eng" and
/// "ENG" are "en", "ger" is "de".
pub fn parse_tag(written: &str) -> Result<Option<String>, TagError> {
    let malformed = || TagError::Malformed(written.to_owned());
    if written.contains('_') {
        let meant = parse_tag(&written.replace('_', "-")).ok().flatten().ok_or_else(malformed)?;
        return Err(TagError::LowLine { written: written.to_owned(), meant });
    }
    let tag = LanguageTag::parse_and_normalize(written).map_err(|_| malformed())?;
    let primary = tag.primary_language();
    if primary == "und" {
        return Ok(None);
    }
    let code = match BIBLIOGRAPHIC.iter().find(|(code, _)| *code == primary) {
        Some((_, code)) => *code,
        None => primary,
    };
    // Of both kinds of codes; those of four letters and more are none.
    let language = isolang::Language::from_639_3(code)
        .or_else(|| isolang::Language::from_639_1(code))
        .ok_or_else(|| TagError::Unknown(written.to_owned()))?;
    let shortest = language.to_639_1().unwrap_or(language.to_639_3());
    let rest = tag.as_str().get(primary.len()..).unwrap_or_default();
    Ok(Some(format!("{shortest}{rest}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_one_spelling() {
        for (written, tag) in [
            ("en", "en"),
            ("EN", "en"),
            ("eng", "en"),
            ("en-us", "en-US"),
            ("eng-GB", "en-GB"),
            ("pt-br", "pt-BR"),
            ("ger", "de"),
            ("deu", "de"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("yue", "yue"),
            ("cmn", "cmn"),
            ("haw", "haw"),
            ("sr-Latn", "sr-Latn"),
        ] {
            assert_eq!(parse_tag(written), Ok(Some(tag.to_owned())), "{written}");
        }
        for written in ["und", "UND", "und-US"] {
            assert_eq!(parse_tag(written), Ok(None), "{written}");
        }
    }

    #[test]
    fn messages_say_what_to_write() {
        assert!(parse_tag("en_US").unwrap_err().to_string().contains("\"en-US\""));
        assert!(parse_tag("eng_gb").unwrap_err().to_string().contains("\"en-GB\""));
        for written in ["xx", "qqq", "english", "klingon", "zz-US"] {
            assert_eq!(parse_tag(written), Err(TagError::Unknown(written.to_owned())));
        }
        for written in ["", "e", "-", "en-", "en US", "de--AT", "日本", "_", "en-US-"] {
            assert_eq!(parse_tag(written), Err(TagError::Malformed(written.to_owned())));
        }
    }
}
