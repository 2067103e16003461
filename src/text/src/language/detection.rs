//! Which language a text is written in, and whether that is sure.
//!
//! lingua reads Latin letters: of the detectors that were measured it is the one that tells
//! reviews of a few words apart. Other scripts are told by whatlang, whose answer there is mostly the
//! script itself. docs/decisions/0032-text-before-the-tokenizer.md has the figures.

use lingua::{Language, LanguageDetector, LanguageDetectorBuilder};
use std::sync::LazyLock;

/// Fewest Latin letters for a detector's word to count.
const LETTERS: usize = 8;
/// Fewest words, likewise: two may be a dish or a title.
const WORDS: usize = 3;
/// Letters from which on a text without any common English word needs less proof.
const SOME_LETTERS: usize = 20;
/// Most that the supported languages may get of the probability, in a text of some letters...
const MOST: f64 = 0.15;
/// ...as a share of what the likeliest language gets;
const MOST_OF_BEST: f64 = 0.3;
/// and in a short text, or one with a common word of English;
const MOST_IN_DOUBT: f64 = 0.02;
/// and in one where such words are frequent.
const MOST_WITH_ENGLISH: f64 = 0.001;
/// Share of the common words of English among all from which on they are frequent.
const FREQUENT: f64 = 0.15;
/// Most letters of a text that are looked at, in each of three places.
const SAMPLE: usize = 300;

/// Common words of English that hardly any language in Latin letters shares.
const ENGLISH: [&str; 40] = [
    "the", "and", "of", "with", "this", "they", "that", "have", "my", "you", "it", "not", "are",
    "i", "i'm", "it's", "don't", "from", "which", "were", "been", "your", "their", "there", "what",
    "when", "but", "just", "very", "would", "because", "never", "again", "really", "these",
    "about", "loved", "great", "good", "movie",
];

static LATIN: LazyLock<LanguageDetector> = LazyLock::new(|| {
    use Language::*;
    LanguageDetectorBuilder::from_languages(&[
        English, Spanish, Dutch, Italian, German, French, Portuguese, Swedish, Danish, Bokmal,
        Croatian, Slovak, Swahili, Catalan, Basque, Polish, Finnish, Czech, Hungarian, Romanian,
        Indonesian, Turkish, Vietnamese,
    ])
    .build()
});

/// What can be told of a text's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// BCP 47 tag; `und` when nothing is certain.
    pub tag: String,
    /// Whether the text is surely in none of the supported languages.
    pub is_unsupported: bool,
}

/// Tells the language of a text. `supported` are the languages that the model reads, as codes of
/// ISO 639-1.
///
/// When in doubt a text counts as supported: of few letters, with common English words, or where
/// a supported language is not far behind the likeliest one. The work is bounded: of a long text
/// three places are read.
pub fn detect(text: &str, supported: &[String]) -> Detected {
    let words = words(text);
    let letters = words.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic());
    let (mut latin, mut other) = (0_usize, 0_usize);
    for c in letters {
        match is_latin(c) {
            true => latin += 1,
            // A Chinese or Korean character says as much as two letters.
            false if matches!(c, '\u{1100}'..) => other += 2,
            false => other += 1,
        }
    }
    let sample = words.join(" ");
    if other > 1 && other > latin {
        return of_script(&sample, supported);
    }
    if latin < LETTERS || words.len() < WORDS {
        return Detected { tag: "und".to_owned(), is_unsupported: false };
    }
    of_latin(&sample, &words, latin, supported)
}

fn of_script(sample: &str, supported: &[String]) -> Detected {
    let code = whatlang::detect_lang(sample).map(|lang| lang.code());
    let tag = match code {
        None => "und".to_owned(),
        Some("cmn") => "zh".to_owned(),
        Some("pes") => "fa".to_owned(),
        Some(code) => super::parse_tag(code).ok().flatten().unwrap_or_else(|| "und".to_owned()),
    };
    let is_unsupported = !supported.contains(&tag);
    Detected { tag, is_unsupported }
}

fn of_latin(sample: &str, words: &[&str], letters: usize, supported: &[String]) -> Detected {
    let ranking = LATIN.compute_language_confidence_values(sample);
    let Some((best, most)) = ranking.first() else {
        return Detected { tag: "und".to_owned(), is_unsupported: false };
    };
    let code = |language: &Language| language.iso_code_639_1().to_string().to_lowercase();
    let is_supported = |language: &Language| supported.contains(&code(language));
    let rest = ranking.iter().filter(|(language, _)| is_supported(language));
    let supported_most = rest.map(|(_, probability)| *probability).fold(0.0, f64::max);
    let has_english = supported.iter().any(|code| code == "en");
    let english = match has_english {
        true => words.iter().filter(|word| is_english(word)).count() as f64 / words.len() as f64,
        false => 0.0,
    };
    let is_unsupported = !is_supported(best)
        && supported_most
            < match english {
                share if share >= FREQUENT => MOST_WITH_ENGLISH,
                share if share > 0.0 || letters < SOME_LETTERS => MOST_IN_DOUBT,
                _ => MOST.min(MOST_OF_BEST * most),
            };
    let tag = match is_supported(best) {
        _ if is_unsupported => code(best),
        true => code(best),
        false if english >= FREQUENT => "en".to_owned(),
        false => "und".to_owned(),
    };
    Detected { tag, is_unsupported }
}

fn is_english(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphabetic());
    ENGLISH.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The words of a text, or of three places of a long one. Addresses, mentions and hashtags are
/// of no language.
fn words(text: &str) -> Vec<&str> {
    let places: &[(usize, usize)] = match text.len() {
        length if length <= 3 * SAMPLE => &[(0, 1)],
        _ => &[(0, 2), (1, 2), (2, 2)],
    };
    let mut words = Vec::new();
    for (place, of) in places {
        let start = place * text.len().saturating_sub(SAMPLE) / of;
        let end = if places.len() == 1 { text.len() } else { start + SAMPLE };
        let piece = &text[char_boundary(text, start)..char_boundary(text, end)];
        let is_language = |word: &&str| !word.contains(['@', '#', '/', '\u{fffd}']);
        words.extend(piece.split_whitespace().filter(is_language));
    }
    words
}

/// The first boundary of a character at `index` or after it.
fn char_boundary(text: &str, index: usize) -> usize {
    (index..text.len()).find(|place| text.is_char_boundary(*place)).unwrap_or(text.len())
}

fn is_latin(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{2af}'
        | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Detected {
        detect(text, &["en".to_owned()])
    }

    #[test]
    fn english_counts_and_so_does_what_nobody_can_tell() {
        for text in [
            "I laughed, I cried, and then I called my father to tell him about it.",
            "It is great and I would buy it again.",
        ] {
            assert_eq!(of(text), Detected { tag: "en".to_owned(), is_unsupported: false });
        }
        for text in [
            "ok",
            "👍👍👍",
            "10/10",
            "Nice!",
            "...",
            "😭😭",
            "",
            "Thx !",
            "Great phone.",
            "skip dessert",
            "dont buy!!",
            "Loved Penélope Cruz in Volver",
            "soooo goooood",
            "LOL",
            "Crème brûlée",
            "Best chocolate croissants EVER!!!!",
            "La La Land",
            "5 stars",
            "α",
            "I don ' t do clam dip",
            "Meh",
            "AWFUL HOTEL",
            "Yummy ramen",
            "Very disappointed",
            "pho and banh mi were great",
        ] {
            assert!(!of(text).is_unsupported, "{text} is {:?}", of(text));
        }
    }

    #[test]
    fn other_languages_are_told() {
        for (text, tag) in [
            ("7번방의 선물, 정말 많이 울었어요", "ko"),
            ("Sehr gutes Produkt, gerne wieder.", "de"),
            ("Der Film hat mich sehr berührt und ich habe am Ende geweint, wunderbar.", "de"),
            (
                "La habitación estaba muy sucia y el personal fue bastante antipático con nosotros.",
                "es",
            ),
            (
                "De kamer was vies en het personeel onvriendelijk, wij komen hier niet meer terug.",
                "nl",
            ),
            (
                "La camera era sporca e il personale scortese, non torneremo mai più in questo albergo.",
                "it",
            ),
            ("Très bon produit, je le recommande vivement.", "fr"),
            ("Muito bom, recomendo a todos os meus amigos.", "pt"),
            ("Rummet var smutsigt och personalen otrevlig.", "sv"),
            ("Bardzo dobry produkt, polecam wszystkim.", "pl"),
            ("Çok güzel bir film, herkese tavsiye ederim.", "tr"),
            ("Kamarnya kotor dan pelayanannya sangat lambat.", "id"),
            ("Sản phẩm rất tốt, giao hàng nhanh.", "vi"),
            ("Отличный фильм, очень понравился", "ru"),
            ("とても良い商品でした。", "ja"),
            ("质量很好，下次还会再来。", "zh"),
            ("فيلم رائع جدا أنصح به", "ar"),
            ("สินค้าดีมาก ส่งเร็ว", "th"),
            ("Εξαιρετική ταινία", "el"),
            ("बहुत अच्छी फिल्म है", "hi"),
        ] {
            assert_eq!(of(text), Detected { tag: tag.to_owned(), is_unsupported: true }, "{text}");
        }
    }

    #[test]
    fn supported_languages_are_the_models() {
        let supported = ["en", "de"].map(str::to_owned);
        let found = detect("Sehr gutes Produkt, gerne wieder.", &supported);
        assert_eq!(found, Detected { tag: "de".to_owned(), is_unsupported: false });
    }

    #[test]
    fn fuzz_time_of_detection() {
        let units = "([a-z]{1,5} ?|é|\\PC|정|[.!@#/]){1,6}";
        heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| {
            drop(of(text))
        });
    }
}
