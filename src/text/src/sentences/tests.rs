use super::*;
use proptest::prelude::*;

fn pieces(text: &str) -> Vec<&str> {
    split(text).into_iter().map(|range| &text[range]).collect()
}

/// development.txt has a text a line, with "|" between its sentences.
#[test]
fn sentences_are_found_as_people_type_them() {
    let mut wrong = String::new();
    for line in include_str!("development.txt").lines() {
        if line.is_empty() || line.starts_with("##") {
            continue;
        }
        let line = line.replace("\\n", "\n");
        let text = line.replace('|', "");
        let expected: Vec<&str> = line.split('|').map(str::trim).collect();
        if pieces(&text) != expected {
            wrong += &format!("{line:?} is cut into {:?}\n", pieces(&text));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

proptest! {
    #[test]
    fn fuzz_sentences(
        pieces in proptest::collection::vec(
            prop_oneof![
                any::<String>(),
                "[.!?…)\"'“” \n\r\u{85}\u{2029}aJ1(•:*-]{0,9}",
                "(Mr|e\\.g|J|No|p\\.m|etc)\\. ?",
                "[😭❤\u{fe0f}\u{200d}:)D]{0,4}",
            ],
            0..20,
        )
    ) {
        let text = pieces.concat();
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        let sentences = split(&text);
        prop_assert!(sentences.is_sorted_by(|one, next| one.end <= next.start));
        let covered: usize = sentences.iter().map(|range| letters(&text[range.clone()])).sum();
        prop_assert_eq!(covered, letters(&text));
    }
}

#[test]
fn fuzz_time_of_sentences() {
    let units =
        "([.!?…)(\"' \n\r\u{85}\u{a0}\u{301}\u{200d}aJ1•:-]|\\PC|(Mr|e\\.g|J|No) ?|😭){1,6}";
    heartstrings_testing::growth::assert_linear(units, String::as_str, |_, text| drop(split(text)));
}
