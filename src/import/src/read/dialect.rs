//! How a delimited file is written: its delimiter and its quotes.

/// How a delimited file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between fields.
    pub delimiter: u8,
    /// What stands around fields; `None` when quotes are characters like others.
    pub quote: Option<u8>,
    /// What stands before a quote within quotes; `None` when it is doubled.
    pub escape: Option<u8>,
}

impl Dialect {
    /// The usual one.
    pub const COMMA: Self = Self { delimiter: b',', quote: Some(b'"'), escape: None };
}
