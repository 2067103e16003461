use super::*;

fn read(sentence: &str) -> String {
    let mut draft = super::super::Draft::new(sentence);
    draft.apply(&edits(sentence), &mut []);
    draft.text
}

#[test]
fn ratings_are_what_their_numbers_say() {
    let [one, two, _, four, five] = PHRASES.map(Option::unwrap_or_default);
    for (sentence, expected) in [
        ("10/10", five.to_owned()),
        ("10/10.", format!("{five}.")),
        ("0/10", one.to_owned()),
        ("5/5 would buy again", format!("{five} would buy again")),
        ("I give it 2/10", format!("I give it {one}")),
        ("I give it 2/10.", format!("I give it {one}.")),
        ("I give it a 4/10, sorry", format!("I give it a {two}, sorry")),
        ("Solid 8/10!", format!("Solid {four}!")),
        ("8.5/10", five.to_owned()),
        ("7,5 / 10", four.to_owned()),
        ("95/100 from me", format!("{five} from me")),
        ("★☆☆☆☆", one.to_owned()),
        ("★★☆☆☆ Meh", format!("{two} Meh")),
        ("★★★★★Great", format!("{five} Great")),
        ("⭐⭐⭐⭐⭐", five.to_owned()),
        ("⭐️⭐️⭐️⭐️", four.to_owned()),
        ("★ ★ ★ ★ ☆", four.to_owned()),
        ("★★★★½", five.to_owned()),
        ("⭐", one.to_owned()),
        ("one star", one.to_owned()),
        ("One star because of the staff", format!("{one} because of the staff")),
        ("five stars", five.to_owned()),
        ("5 stars!!", format!("{five}!!")),
        ("2 stars from me", format!("{two} from me")),
        ("zero stars", one.to_owned()),
        ("Would give 0 stars", format!("Would give {one}")),
        ("Half a star", one.to_owned()),
        ("four and a half stars", five.to_owned()),
        ("4 out of 5", four.to_owned()),
        ("4 out of 5 stars", four.to_owned()),
        ("4 stars out of 5", four.to_owned()),
        ("ten out of ten", five.to_owned()),
        ("one out of ten", one.to_owned()),
        ("five star service", format!("{five} service")),
        ("less than one star", format!("less than {one}")),
        ("11/10 would recommend", format!("{five} would recommend")),
        ("A+ service", format!("{five} service")),
        ("Seller: A+++", format!("Seller: {five}")),
        ("9/10 would watch again", format!("{five} would watch again")),
        ("It is a 10/10 film", format!("It is a {five} film")),
        ("2 out of 10, and that is kind", format!("{one}, and that is kind")),
    ] {
        assert_eq!(read(sentence), expected, "{sentence}");
    }
}

#[test]
fn other_numbers_stay() {
    for sentence in [
        "3/5",
        "It gets 3/5",
        "5/10",
        "6/10",
        "3 stars",
        "three stars out of five",
        "3 out of 5 stars",
        "★★★☆☆",
        "9/11",
        "24/7",
        "1/2 cup",
        "4/10/2021",
        "10/10/2020",
        "2021/5/5",
        "Ordered on 5/5",
        "Bought 4/10, came 4/15",
        "Arrived 5/10",
        "3/4 of the pages",
        "9/10 times it fails to start",
        "4 out of 5 people disagree",
        "nine out of ten dentists",
        "4/5 days of use",
        "a four star hotel",
        "the 5-star hotel next door",
        "one-star reviews are wrong",
        "the two stars have chemistry",
        "I took one star off",
        "minus one star for the noise",
        "4-5 stars",
        "Star Wars",
        "one of ten",
        "1 of 5",
        "$5/10 pieces",
        "Energy class A+",
        "blood type A+",
        "version 2.5/10.1",
        "☆",
        "★ Great ★",
        "page 5/10",
        "size 8/10",
        "They have 5 starters",
        "more than 2 stars",
        "1/10th of the price",
    ] {
        assert_eq!(read(sentence), sentence);
    }
}
