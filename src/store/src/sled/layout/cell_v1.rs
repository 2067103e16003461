//! A cell as version 1 keeps it. Frozen.

use heartstrings_core::aggregate::{Cell, PackedCell};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version byte of these records.
pub const VERSION: u8 = 1;

/// The numbers that are not zero, each with its position, and the models with their counts.
#[derive(Serialize, Deserialize)]
pub struct CellV1 {
    numbers: Vec<(u16, i128)>,
    models: BTreeMap<String, i128>,
}

impl From<&Cell> for CellV1 {
    fn from(cell: &Cell) -> Self {
        Self { numbers: cell.numbers(), models: cell.models_with_counts() }
    }
}

/// A cell from the contents of its record; fails with a sentence.
pub fn read(contents: &[u8]) -> Result<Cell, String> {
    let CellV1 { numbers, models } =
        postcard::from_bytes(contents).map_err(|error| error.to_string())?;
    let cell = Cell::unpack(PackedCell::of(numbers, models));
    cell.ok_or_else(|| "it has positions that no cell has".into())
}
