//! The same rows in every format give the same store.

use crate::people::{import, person, reviews, run};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

const CSV: &str = "review,movie_title,stars,posted,country\n\
    \"Très bien – “formidable”, really.\",Amélie,4.5,2013-02-01,FR\n\
    \"It said \"\"good\"\",\nand was bad.\",film,1,2013-02-02T10:30:00Z,\n\
    =1+1,film,,,KR\n";

/// The same as a German spreadsheet writes it.
const SEMICOLONS: &str = "review;movie_title;stars;posted;country\r\n\
    \"Très bien – “formidable”, really.\";Amélie;4,5;01.02.2013;FR\r\n\
    \"It said \"\"good\"\",\nand was bad.\";film;1;02.02.2013 10:30;\r\n\
    =1+1;film;;;KR\r\n";

/// What the Parquet files in `files` hold, written by
/// `pandas.read_csv(CSV, dtype={"country": str}).to_parquet(…)` and by pyarrow with real times and the
/// compression zstd.
const PANDAS: &str = "tests/api/files/pandas.parquet";
const PYARROW: &str = "tests/api/files/pyarrow.parquet";

#[test]
fn every_format_gives_the_same_store() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let lines = [
        "{\"review\": \"Très bien – “formidable”, really.\", \"movie_title\": \"Amélie\", \
         \"stars\": 4.5, \"posted\": \"2013-02-01\", \"country\": \"FR\"}",
        "{\"review\": \"It said \\\"good\\\",\\nand was bad.\", \"movie_title\": \"film\", \
         \"stars\": 1, \"posted\": \"2013-02-02T10:30:00Z\", \"country\": null}",
        "{\"review\": \"=1+1\", \"movie_title\": \"film\", \"country\": \"KR\"}",
    ];
    let utf16 = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    // The only characters in it that are not ASCII.
    let windows = CSV.chars().map(|c| match c {
        '–' => 0x96,
        '“' => 0x93,
        '”' => 0x94,
        c => u8::try_from(c).unwrap(),
    });
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(CSV.as_bytes()).unwrap();
    for (name, bytes) in [
        ("plain.csv", CSV.as_bytes().to_vec()),
        ("windows.csv", windows.collect()),
        ("utf16.csv", utf16(CSV)),
        ("semicolons.csv", SEMICOLONS.as_bytes().to_vec()),
        ("compressed.csv.gz", gzip.finish().unwrap()),
        ("lines.ndjson", lines.join("\n").into_bytes()),
        ("array.json", format!("[{}]", lines.join(",\n")).into_bytes()),
    ] {
        std::fs::write(place(name), bytes).unwrap();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(root.join(PANDAS), place("pandas.parquet")).unwrap();
    std::fs::copy(root.join(PYARROW), place("pyarrow.parquet")).unwrap();

    let flags = ["--metadata", "country"];
    let store = |name: &str| place(&format!("{name}.store"));
    let check = |name: &str, file: &Path, flags: &[&str]| {
        let outcome = import(&store(name), file, flags);
        assert_eq!((outcome.code, outcome.counts()), (0, [3, 0, 0]), "{name}: {}", outcome.err);
        let mut reviews = reviews(&store(name));
        for review in &mut reviews {
            // The row without a date is as old as its store.
            if review["text"] == "=1+1" {
                review.as_object_mut().unwrap().remove("written_at");
            }
        }
        reviews
    };
    let plain = check("plain.csv", &place("plain.csv"), &flags);
    let texts: Vec<_> = plain.iter().map(|review| review["text"].as_str().unwrap()).collect();
    assert!(texts.contains(&"Très bien – “formidable”, really."), "{texts:?}");
    assert!(texts.contains(&"It said \"good\",\nand was bad."), "{texts:?}");
    for name in [
        "windows.csv",
        "utf16.csv",
        "semicolons.csv",
        "compressed.csv.gz",
        "lines.ndjson",
        "array.json",
        "pandas.parquet",
        "pyarrow.parquet",
    ] {
        assert_eq!(check(name, &place(name), &flags), plain, "{name}");
    }
    // What is exported comes back as it was.
    for format in ["ndjson", "csv", "parquet"] {
        let file = place(&format!("export.{format}"));
        let arguments = ["export", "--format", format, "--output", file.to_str().unwrap()];
        let exported = run(&store("plain.csv"), &arguments);
        assert_eq!(exported.code, 0, "{}", exported.err);
        assert_eq!(check(&format!("export.{format}"), &file, &[]), plain, "{format}");
    }
    // From standard input.
    let data = store("stdin");
    let mut process = person(&data, &["import", "--yes", "--metadata", "country", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(CSV.as_bytes()).unwrap();
    assert!(process.wait().unwrap().success());
    assert_eq!(reviews(&data).len(), 3);
}

#[test]
fn a_damaged_parquet_file_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("a.parquet"));
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(PANDAS)).unwrap();
    let mut turned = whole.clone();
    for byte in turned.iter_mut().skip(4).take(whole.len() / 2) {
        *byte ^= 0x5a;
    }
    for broken in [&whole[..whole.len() - 20], &turned, b"PAR1"] {
        std::fs::write(&file, broken).unwrap();
        let outcome = import(&data, &file, &["--text", "review", "--subject", "=x"]);
        assert!(matches!(outcome.code, 1 | 2), "{}", outcome.err);
        assert!(outcome.err.contains("a.parquet"), "{}", outcome.err);
    }
}
