use super::*;
use crate::input::{Input, Reading};
use crate::record::ReadError;
use std::io::Cursor;

fn now() -> Timestamp {
    "2024-02-01T12:00:00Z".parse().unwrap()
}

fn given(text: &str) -> Mapping {
    Mapping { text: text.parse().ok(), ..Mapping::default() }
}

/// Everything in a file, as drafts and refused rows.
fn run(
    name: &str,
    bytes: impl Into<Vec<u8>>,
    given: Mapping,
    options: &PlanOptions,
) -> (Vec<ReviewDraft>, Vec<Refused>) {
    let mut input = Input::read(name, Cursor::new(bytes.into()), &Reading::default()).unwrap();
    let sample: Vec<_> = input.sample().collect();
    let mapping = Mapping::guess(given, input.columns(), &sample, options).unwrap();
    let plan = Plan::new(mapping, options, &sample).unwrap();
    let (mut drafts, mut refused) = (Vec::new(), Vec::new());
    for record in input.by_ref() {
        let import = record.map_err(|error| match error {
            ReadError::Row(refused) => refused,
            ReadError::File(why) => panic!("{why}"),
        });
        match import.and_then(|record| plan.import(record, now())) {
            Ok(import) => drafts.push(import.draft),
            Err(row) => refused.push(row),
        }
    }
    (drafts, refused)
}

const HEADER: &str = "review,movie_title,stars,posted\n";

#[test]
fn good_rows_become_drafts_and_bad_ones_say_why() {
    let text = "Good.,AC/DC Live,4,2013-02-01\n\
        ,film,4,2013-02-01\n\
        Fine.,film,9,2013-02-01\n\
        Fine.,film,,32.13.2013\n\
        Fine.,film,x,yesterday\n\
        Fine.,film,n/a,2030-01-01\n\
        Fine.,,5,\n\
        \"Two\nlines.\",film,,\n"
        .to_owned();
    // Enough of the usual for the scale to be known.
    let many: String = (0..200).map(|n| format!("Number {n}.,film,3,2013-02-01\n")).collect();
    let (drafts, refused) =
        run("a.csv", format!("{HEADER}{text}{many}"), Mapping::default(), &PlanOptions::default());
    assert_eq!(drafts.len(), 202);
    assert_eq!(drafts[0].rating, Some(4.0));
    assert_eq!(drafts[0].written_at.as_deref(), Some("2013-02-01T00:00:00Z"));
    assert_eq!(drafts[0].metadata["subject_name"], "AC/DC Live");
    assert_eq!((drafts[1].text.as_str(), drafts[1].rating), ("Two\nlines.", None));
    let told: Vec<_> = refused.iter().map(|row| (row.line, row.reasons.join("; "))).collect();
    let expected = [
        (3, "text: the text is empty"),
        (4, "off the scale 1..5"),
        (5, "is not a date"),
        (6, "is not a rating"),
        (7, "more than a day in the future"),
        (8, "subject: the subject is empty"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((line, reasons), (expected_line, words)) in told.iter().zip(expected) {
        assert!(*line == expected_line && reasons.contains(words), "{line}: {reasons}");
    }
    assert_eq!(refused[3].reasons.len(), 2, "both the rating and the date are named");
}

#[test]
fn the_same_row_is_the_same_review_in_every_format() {
    let csv = "review,movie_title,stars,posted,metadata.country\n\
        \"I said \"\"good\"\", twice.\",film,4.5,2013-02-01,KR\n";
    let object = r#"{"stars": 4.5, "posted": "2013-02-01T00:00:00Z", "movie_title": "film",
        "review": "I said \"good\", twice.", "metadata": {"country": "KR"}}"#;
    let line = object.replace('\n', " ");
    let files = [
        ("a.csv", csv.to_owned()),
        ("a.txt", csv.replace("\r\n", "\n").replace('\n', "\r\n")),
        ("a.tsv", "review\tmovie_title\tstars\tposted\tmetadata.country\nI said \"good\", twice.\tfilm\t4.5\t2013-02-01\tKR\n".to_owned()),
        ("a.ndjson", line.clone()),
        ("a.json", format!("[{object}]")),
        ("-", format!("{line}\n")),
    ];
    let mut ids: Vec<_> = files
        .into_iter()
        .map(|(name, text)| {
            let (drafts, refused) = run(name, text, Mapping::default(), &PlanOptions::default());
            assert_eq!((drafts.len(), refused), (1, vec![]), "{name}");
            assert_eq!(drafts[0].metadata["country"], "KR", "{name}");
            drafts[0].id.clone().unwrap()
        })
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[test]
fn encodings_and_compressions_change_nothing() {
    let text = format!("{HEADER}Très bien – “formidable”.,Amélie,4,2013-02-01\n");
    let ids = |bytes: Vec<u8>| -> Vec<_> {
        let (drafts, refused) = run("a.csv", bytes, Mapping::default(), &PlanOptions::default());
        assert_eq!(refused, []);
        assert_eq!(drafts[0].text, "Très bien – “formidable”.");
        drafts.into_iter().map(|draft| draft.id).collect()
    };
    let plain = ids(text.clone().into_bytes());
    let utf16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    for bytes in [
        format!("\u{feff}{text}").into_bytes(),
        utf16(true, u16::to_le_bytes),
        utf16(true, u16::to_be_bytes),
        utf16(false, u16::to_le_bytes),
        utf16(false, u16::to_be_bytes),
        encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        gzip.finish().unwrap(),
        zstd::encode_all(text.as_bytes(), 1).unwrap(),
    ] {
        assert_eq!(ids(bytes), plain);
    }
    let lines = b"\xef\xbb\xbf{\"text\": \"a\", \"subject\": \"b\"}\n".to_vec();
    let (drafts, _) = run("a.jsonl", lines, Mapping::default(), &PlanOptions::default());
    assert_eq!(drafts.len(), 1);
}

#[test]
fn a_broken_byte_in_a_file_of_utf_8_costs_its_row() {
    let mut bytes = format!("{HEADER}Très bien.,film,4,\nCafé.,film,4,\n").into_bytes();
    bytes.extend(b"Caf\xe9.,film,4,\nGood.,film,4,\n");
    let (drafts, refused) = run("a.csv", bytes, Mapping::default(), &PlanOptions::default());
    assert_eq!((drafts.len(), refused.len()), (3, 1));
    assert!(refused[0].reasons[0].contains("--encoding windows-1252"), "{refused:?}");
}

#[test]
fn options_are_kept_to() {
    let options = PlanOptions {
        scale: "0..100".parse().ok(),
        date_format: Some("%Y %j".into()),
        time_zone: TimeZone::get("Asia/Seoul").ok(),
        html: true,
    };
    let text = format!("{HEADER}<p>Good&excl;</p>,film,50,2013 032\n");
    let (drafts, refused) = run("a.csv", text, given("review"), &options);
    assert_eq!(refused, []);
    assert_eq!(drafts[0].rating, Some(3.0));
    assert_eq!(drafts[0].written_at.as_deref(), Some("2013-01-31T15:00:00Z"));
    assert_eq!(drafts[0].format, Format::Html);
}

#[test]
fn the_name_of_a_language_is_no_tag() {
    let text = "text,subject,language\na,b,English\nc,d,German\n";
    let (drafts, _) = run("a.csv", text, Mapping::default(), &PlanOptions::default());
    assert!(drafts.iter().all(|draft| draft.language.is_none()), "{drafts:?}");
    let text = "text,subject,lang\na,b,en_US\nc,d,de\ne,f,\ng,h,German\n";
    let (drafts, refused) = run("a.csv", text, Mapping::default(), &PlanOptions::default());
    let tags: Vec<_> = drafts.iter().map(|draft| draft.language.as_deref()).collect();
    assert_eq!(tags, [Some("en-US"), Some("de"), None]);
    assert!(refused[0].reasons[0].contains("language tag"), "{refused:?}");
}

#[test]
fn what_cannot_be_decided_is_asked() {
    let error = |text: &str| {
        let input =
            Input::read("a.csv", Cursor::new(text.as_bytes().to_vec()), &Reading::default());
        let input = input.unwrap();
        let sample: Vec<_> = input.sample().collect();
        let options = PlanOptions::default();
        let mapping =
            Mapping::guess(Mapping::default(), input.columns(), &sample, &options).unwrap();
        Plan::new(mapping, &options, &sample).unwrap_err().to_string()
    };
    let told = error("text,subject,date\na,b,01/02/2013\n");
    assert!(told.contains("01/02/2013") && told.contains("--date-format"), "{told}");
    let told = error("text,subject,rating\na,b,-7\nc,d,1\ne,f,2\n");
    assert!(told.contains("--rating-scale"), "{told}");
}
