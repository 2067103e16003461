//! Exact aggregates: integer cells that add and subtract, the calendar that groups them, and
//! the numbers that people read from them. No input or output.

mod calendar;
mod cell;
mod packed;
mod summary;

pub use calendar::{DateRange, Interval, Level, Piece, day_of, month_of};
pub use cell::{Cell, Contribution};
pub use packed::{PackedCell, WORDS};
pub use summary::{
    EmotionSummary, Histogram, IntensitySummary, LabelCounts, RatingSummary, SentimentSummary,
    Summary,
};
