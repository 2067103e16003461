//! Words around a number that tell ratings from dates, sizes, shares and film stars.

/// Words before a number that make it a date, an amount or a part.
const DATE_OR_PART: &[&str] = &[
    "on",
    "since",
    "from",
    "until",
    "till",
    "by",
    "between",
    "about",
    "dated",
    "date",
    "arrived",
    "ordered",
    "received",
    "delivered",
    "purchased",
    "bought",
    "shipped",
    "visited",
    "came",
    "update",
    "updated",
    "edit",
    "edited",
    "posted",
    "episode",
    "season",
    "chapter",
    "page",
    "part",
    "step",
    "day",
    "round",
    "size",
    "sizes",
    "around",
    "volume",
    "level",
    "every",
    "top",
    "bottom",
];

/// Words after a number that it counts.
const COUNTED: &[&str] = &[
    "of",
    "people",
    "person",
    "times",
    "time",
    "days",
    "day",
    "weeks",
    "week",
    "months",
    "month",
    "years",
    "year",
    "minutes",
    "minute",
    "mins",
    "min",
    "hours",
    "hour",
    "hrs",
    "seconds",
    "women",
    "men",
    "customers",
    "users",
    "reviews",
    "reviewers",
    "pages",
    "episodes",
    "chapters",
    "pieces",
    "items",
    "guests",
    "dishes",
    "rooms",
    "cup",
    "cups",
    "inch",
    "inches",
    "mm",
    "cm",
    "oz",
    "lb",
    "lbs",
    "kg",
    "mg",
    "miles",
    "mile",
    "pm",
    "am",
    "patients",
    "kids",
    "children",
    "friends",
    "dentists",
    "doctors",
    "employees",
    "percent",
    "bucks",
    "dollars",
    "ratio",
    "scale",
    "songs",
    "tracks",
    "lessons",
    "units",
    "pairs",
    "bottles",
    "packs",
    "parts",
    "steps",
    "nights",
    "keys",
];

/// Words before "stars" that make them actors, a share, or stars taken off.
const ACTORS_OR_LOSS: &[&str] = &[
    "the",
    "these",
    "those",
    "its",
    "their",
    "both",
    "other",
    "of",
    "lost",
    "lose",
    "loses",
    "losing",
    "minus",
    "deduct",
    "deducted",
    "deducting",
    "off",
    "knocked",
    "knock",
    "took",
    "taking",
    "removed",
    "subtract",
    "docked",
    "michelin",
    "add",
    "added",
];

/// Words after "stars" that make them a class of hotels, other people's verdicts, actors, or stars
/// taken off.
const CLASS_OR_LOSS: &[&str] = &[
    "hotel",
    "hotels",
    "resort",
    "resorts",
    "restaurant",
    "restaurants",
    "property",
    "properties",
    "rated",
    "rating",
    "ratings",
    "review",
    "reviews",
    "reviewer",
    "reviewers",
    "off",
    "less",
    "deducted",
    "removed",
    "deduction",
    "general",
    "accommodation",
    "accommodations",
    "category",
    "cast",
    "chain",
    "chains",
    "prices",
    "price",
    "establishment",
    "down",
    "wars",
    "of",
    "in",
    "who",
];

/// Most bytes of a neighbouring word that are looked at.
const LOOK: usize = 24;

/// Whether the words around a number say that it is a date, a share or a size.
pub(super) fn is_date_or_share(before: &str, after: &str) -> bool {
    is_among(last_word(before), DATE_OR_PART) || is_among(first_word(after), COUNTED)
}

/// Whether a number is followed by what it counts.
pub(super) fn is_share(after: &str) -> bool {
    is_among(first_word(after), COUNTED)
}

/// Whether the words around "stars" say that they are no verdict.
pub(super) fn is_no_verdict(before: &str, after: &str) -> bool {
    is_among(last_word(before), ACTORS_OR_LOSS) || is_among(first_word(after), CLASS_OR_LOSS)
}

/// Whether `text` ends in `word`.
pub(super) fn ends_in(text: &str, word: &str) -> bool {
    last_word(text).eq_ignore_ascii_case(word)
}

fn is_among(word: &str, list: &[&str]) -> bool {
    !word.is_empty() && list.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The word that only white space parts from the end of `text`.
fn last_word(text: &str) -> &str {
    let text = text.strip_suffix(' ').unwrap_or(text);
    let mut from = text.len().saturating_sub(LOOK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let tail = &text[from..];
    tail.rfind(|c: char| !c.is_alphabetic()).map_or(tail, |at| {
        let after = at + tail[at..].chars().next().map_or(0, char::len_utf8);
        &tail[after..]
    })
}

/// The word that only a space or a hyphen parts from the beginning of `text`.
fn first_word(text: &str) -> &str {
    let text = text.strip_prefix([' ', '-']).unwrap_or(text);
    let word = text.find(|c: char| !c.is_alphabetic()).map_or(text, |end| &text[..end]);
    if word.len() > LOOK { "" } else { word }
}
