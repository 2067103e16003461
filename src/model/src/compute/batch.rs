//! The windows of one forward.

/// The windows of a batch, packed one after the other without padding. Windows of equal length are adjacent.
pub struct PackedBatch<'a> {
    /// Token ids of each window.
    pub windows: Vec<&'a [u32]>,
    /// Rows that are computed: the tokens of all windows, and possibly a few unused ones after them.
    pub rows: usize,
}

impl PackedBatch<'_> {
    /// Tokens of all windows.
    pub fn tokens(&self) -> usize {
        self.windows.iter().map(|window| window.len()).sum()
    }
}
