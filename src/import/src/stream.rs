//! The bytes of a file: without its compression, and with a guess of their encoding.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use std::io::{BufReader, Cursor, Read};

/// Bytes at the beginning of a file by which encoding, format and dialect are guessed.
pub const SAMPLE_BYTES: usize = 1 << 20;

/// A stream of bytes, whatever it comes from.
pub type Stream = Box<dyn Read + Send>;

/// The stream without its compression, and the name of that.
pub fn decompressed(
    stream: impl Read + Send + 'static,
) -> std::io::Result<(Stream, Option<&'static str>)> {
    let mut stream = BufReader::new(stream);
    let mut magic = Vec::new();
    stream.by_ref().take(4).read_to_end(&mut magic)?;
    let whole = Cursor::new(magic.clone()).chain(stream);
    Ok(match magic.as_slice() {
        [0x1f, 0x8b, ..] => (Box::new(MultiGzDecoder::new(whole)), Some("gzip")),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            (Box::new(zstd::stream::read::Decoder::new(whole)?), Some("zstd"))
        }
        _ => (Box::new(whole), None),
    })
}

/// The first part of a stream, and the whole of it.
pub fn sampled(mut stream: Stream) -> std::io::Result<(Vec<u8>, Stream)> {
    let mut start = Vec::new();
    stream.by_ref().take(SAMPLE_BYTES as u64).read_to_end(&mut start)?;
    Ok((start.clone(), Box::new(Cursor::new(start).chain(stream))))
}

/// By the byte-order mark; else UTF-16 when every other byte is zero, Windows-1252 when more of what
/// is not ASCII breaks the rules of UTF-8 than follows them, and UTF-8.
pub fn guess_encoding(start: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return encoding;
    }
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if even.max(odd) * 5 > start.len() {
        return if even > odd { UTF_16BE } else { UTF_16LE };
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in start.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        // What is cut off at the end of the sample is not wrong.
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if bad > good.max(usize::from(start.len() == SAMPLE_BYTES)) { WINDOWS_1252 } else { UTF_8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_guessed() {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "text,subject\n".encode_utf16().flat_map(bytes).collect()
        };
        for (start, encoding) in [
            (&b"plain"[..], UTF_8),
            (b"", UTF_8),
            ("déjà vu".as_bytes(), UTF_8),
            (b"\xef\xbb\xbfplain", UTF_8),
            (b"\xff\xfea\0", UTF_16LE),
            (b"\xfe\xff\0a", UTF_16BE),
            (&utf16(u16::to_le_bytes), UTF_16LE),
            (&utf16(u16::to_be_bytes), UTF_16BE),
            (b"d\xe9j\xe0 vu", WINDOWS_1252),
            (b"d\xc3\xa9j\xc3\xa0 vu and one broken \xe9 byte", UTF_8),
        ] {
            assert_eq!(guess_encoding(start), encoding, "{start:?}");
        }
    }

    #[test]
    fn a_character_that_the_sample_cuts_is_not_wrong() {
        let mut start = vec![b'x'; SAMPLE_BYTES - 1];
        start.push(0xc3);
        assert_eq!(guess_encoding(&start), UTF_8);
    }
}
