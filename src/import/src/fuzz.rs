//! Whatever a file holds, reading it ends, does not panic, and takes time with its length.

use crate::{Format, Input, Mapping, Plan, PlanOptions, Quotes, ReadError, Reading};
use heartstrings_testing::growth::assert_linear;
use proptest::prelude::*;
use std::io::Cursor;

const FORMATS: [Option<Format>; 5] =
    [None, Some(Format::Csv), Some(Format::Tsv), Some(Format::Ndjson), Some(Format::Json)];

/// Rows that can be read, and rows that cannot.
fn read(bytes: &[u8], reading: &Reading) -> (usize, usize) {
    let Ok(mut input) = Input::read("-", Cursor::new(bytes.to_vec()), reading) else {
        return (0, 0);
    };
    let sample: Vec<_> = input.sample().collect();
    let options = PlanOptions::default();
    let given = Mapping { subject: "=x".parse().ok(), ..Mapping::default() };
    let mapping = Mapping::guess(given, input.columns(), &sample, &options);
    let plan = mapping.ok().and_then(|mapping| Plan::new(mapping, &options, &sample).ok());
    let now = "2024-02-01T12:00:00Z".parse().unwrap();
    let (mut good, mut bad) = (0, 0);
    for record in input.by_ref() {
        match record {
            Ok(record) => {
                good += 1;
                if let Some(plan) = &plan
                    && let Err(refused) = plan.import(record, now)
                {
                    assert!(!refused.reasons.is_empty());
                }
            }
            Err(ReadError::Row(refused)) => {
                bad += 1;
                assert!(!refused.reasons.is_empty());
            }
            Err(ReadError::File(why)) => assert!(!why.is_empty()),
        }
    }
    (good, bad)
}

proptest! {
    #[test]
    fn fuzz_files(
        pieces in proptest::collection::vec(
            prop_oneof![
                "text,date,rating,id\n",
                "[\\[\\]{}\",:;|\\\\'\n\r\t =+0-9]{0,8}",
                "\\{\"text\": \"[a-z\"\\\\]{0,4}\", ?\"x\": [0-9.e-]{0,4}[}\\]]\n",
                "\\PC{0,6}",
                "[0-9]{1,4}[/. -][0-9]{1,2}[/. -][0-9]{1,4}[ T]?[0-9:]{0,8}",
                "(\u{feff}|PAR1|sep=;|★{0,9}☆?|[0-9,.]{0,5}/[0-9]{0,3}|[0-9]{0,20})",
            ],
            0..30,
        ),
        noise in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        format in prop::sample::select(&FORMATS[..]),
        quotes in prop::sample::select(
            &[None, Some(Quotes::Doubled), Some(Quotes::Backslash), Some(Quotes::None)][..]),
        no_header: bool,
    ) {
        let mut bytes = pieces.concat().into_bytes();
        for (place, byte) in noise {
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
        }
        read(&bytes, &Reading { format, quotes, no_header, ..Reading::default() });
    }

    /// A row that is refused takes no other with it, as long as the others have no quotes inside.
    #[test]
    fn fuzz_broken_quotes(
        rows in proptest::collection::vec(
            prop_oneof![
                Just(("plain,row", true)),
                Just(("\"quoted\",row", true)),
                Just(("\"two \"\"words\"\"\",row", true)),
                Just(("\"never closed,row", false)),
                Just(("row,\"never closed", false)),
                Just(("\"stray \" quote\",row", false)),
            ],
            1..40,
        )
    ) {
        let text: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
        let reading = Reading {
            format: Some(Format::Csv),
            delimiter: Some(b','),
            ..Reading::default()
        };
        let good = rows.iter().filter(|(_, is_good)| *is_good).count();
        let found = read(format!("text,b\n{text}").as_bytes(), &reading);
        prop_assert_eq!(found, (good, rows.len() - good));
    }
}

#[test]
fn fuzz_time_of_files() {
    let units = "([\",\n;a\\\\{}\\[\\]]|\"\"|\",\"|\n\"|\"\n|a,b\n|\\{\"a\":1\\}\n){1,6}";
    for format in FORMATS {
        let reading = Reading { format, ..Reading::default() };
        assert_linear(units, String::as_str, |_, text| {
            read(format!("text,b\n{text}").as_bytes(), &reading);
        });
    }
}
