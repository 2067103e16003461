//! Ratings on any scale, brought to 1 to 5 stars.

use std::fmt;
use std::str::FromStr;

/// The worst and the best rating of a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The worst rating.
    pub low: f64,
    /// The best rating.
    pub high: f64,
}

impl Scale {
    /// One to five stars.
    pub const STARS: Self = Self { low: 1.0, high: 5.0 };
    /// Those that are guessed, narrowest first.
    const COMMON: [Self; 4] = [
        Self::STARS,
        Self { low: 0.0, high: 5.0 },
        Self { low: 1.0, high: 10.0 },
        Self { low: 0.0, high: 10.0 },
    ];
    /// What is left.
    const PERCENT: Self = Self { low: 0.0, high: 100.0 };

    /// The narrowest common scale that nearly all (19 of 20) of some cells fit on; `None` when
    /// none does.
    pub fn guess<'a>(cells: impl Iterator<Item = &'a str>) -> Option<Self> {
        let numbers: Vec<f64> =
            cells.filter_map(number).filter(|(_, of)| of.is_none()).map(|(n, _)| n).collect();
        let fits = |scale: &Self| {
            let inside = numbers.iter().filter(|number| scale.holds(**number)).count();
            inside * 20 >= numbers.len() * 19
        };
        let scales = Self::COMMON.into_iter().chain([Self::PERCENT]);
        scales.into_iter().find(|scale| fits(scale))
    }

    fn holds(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }

    /// The stars, 1 to 5, that a cell names: `4`, `4.5`, `4,5`, `8/10`, `4 out of 5 stars`, `80%`,
    /// `★★★★☆`. A cell that names its own best rating is read by that.
    ///
    /// # Errors
    /// When it is not a rating, or off the scale.
    pub fn stars(&self, cell: &str) -> Result<f64, String> {
        let Some((number, of)) = number(cell) else {
            return Err(format!("{cell:?} is not a rating; write it like 4.5"));
        };
        let scale = match of {
            // Ten of ten is five stars; nobody says which is the worst, so it is that of the scale.
            Some(high) if high == self.high => *self,
            Some(high) => Self { low: if high <= 10.0 { 1.0 } else { 0.0 }, high },
            None => *self,
        };
        if !scale.holds(number) {
            return Err(format!(
                "the rating {cell:?} is off the scale {scale}; --rating-scale LOW..HIGH sets another"
            ));
        }
        if scale == Self::STARS {
            return Ok(number);
        }
        // To the millionth, which is what is stored: the same rating from another file is the same.
        let stars = 1.0 + 4.0 * (number - scale.low) / (scale.high - scale.low);
        Ok((stars * 1e6).round() / 1e6)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.low, self.high)
    }
}

impl FromStr for Scale {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a scale; write it like 1..10");
        let (low, high) = text.split_once("..").ok_or_else(wrong)?;
        let end = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        match (end(low), end(high)) {
            (Some(low), Some(high)) if low < high => Ok(Self { low, high }),
            _ => Err(wrong()),
        }
    }
}

/// The number that a cell names, and the best one when it says so.
fn number(cell: &str) -> Option<(f64, Option<f64>)> {
    let cell = cell.trim();
    let (full, empty) = (cell.matches(['★', '⭐']).count(), cell.matches('☆').count());
    if full > 0 && cell.chars().all(|c| "★⭐☆\u{fe0f} ".contains(c)) {
        return Some((full as f64, Some(if empty > 0 { (full + empty) as f64 } else { 5.0 })));
    }
    let cell = cell.to_lowercase();
    let cell = cell.trim_end_matches("stars").trim_end_matches("star").trim_end();
    if let Some(percent) = cell.strip_suffix('%') {
        return Some((decimal(percent)?, Some(100.0)));
    }
    let parts = cell.split_once('/').or_else(|| cell.split_once(" out of "));
    match parts.or_else(|| cell.split_once(" of ")) {
        Some((number, of)) => Some((decimal(number)?, Some(decimal(of)?).filter(|of| *of > 1.0))),
        None => Some((decimal(cell)?, None)),
    }
}

fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    // `inf` and `1e9` are numbers to a program and not to a reviewer.
    let is_decimal = text.chars().all(|c| c.is_ascii_digit() || ".,-+".contains(c));
    if !is_decimal {
        return None;
    }
    let text = if text.contains('.') { text.to_owned() } else { text.replace(',', ".") };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_come_to_one_to_five() {
        let scale = |text: &str| text.parse::<Scale>().unwrap();
        for (on, cell, stars) in [
            ("1..5", "4", 4.0),
            ("1..5", "4.5", 4.5),
            ("1..5", " 4,5 ", 4.5),
            ("1..5", "4 stars", 4.0),
            ("1..5", "4.0 out of 5 stars", 4.0),
            ("1..5", "★★★★☆", 4.0),
            ("1..5", "⭐⭐", 2.0),
            ("1..5", "10/10", 5.0),
            ("1..5", "50%", 3.0),
            ("1..10", "1", 1.0),
            ("1..10", "10", 5.0),
            ("1..10", "5.5", 3.0),
            ("0..10", "5/10", 3.0),
            ("0..100", "0", 1.0),
            ("0..100", "100", 5.0),
            ("0..100", "33", 2.32),
            ("0..5", "2.5", 3.0),
            ("-1..1", "-1", 1.0),
            ("0.5..5", "5", 5.0),
        ] {
            assert_eq!(scale(on).stars(cell), Ok(stars), "{cell} on {on}");
        }
        for (on, cell) in [
            ("1..5", "0"),
            ("1..5", "9"),
            ("1..5", "11/10"),
            ("1..5", "good"),
            ("1..5", "NaN"),
            ("1..5", "inf"),
            ("1..5", "4e0"),
            ("1..10", "0.5"),
            ("0..100", "101"),
        ] {
            assert!(scale(on).stars(cell).is_err(), "{cell} on {on}");
        }
        for wrong in ["", "5", "5..1", "a..b", "1..inf", "1..1"] {
            assert!(wrong.parse::<Scale>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_scale_is_guessed_whatever_a_few_say() {
        let guess = |cells: &[&str]| Scale::guess(cells.iter().copied()).map(|s| s.to_string());
        assert_eq!(guess(&["1", "5", "4.5"]).as_deref(), Some("1..5"));
        assert_eq!(guess(&["0", "5"]).as_deref(), Some("0..5"));
        assert_eq!(guess(&["1", "5", "9"]).as_deref(), Some("1..10"));
        assert_eq!(guess(&["80", "9"]).as_deref(), Some("0..100"));
        assert_eq!(guess(&["1000", "9"]), None);
        let mut many = vec!["4"; 40];
        many.push("50");
        assert_eq!(guess(&many).as_deref(), Some("1..5"));
    }
}
