//! Which column holds what, by the header and the first rows.

use crate::convert::dates::{DateReading, day_comes_first};
use crate::convert::ratings::Scale;
use crate::convert::{is_nothing, is_tag};
use crate::mapping::{Mapping, MappingError, Source};
use crate::plan::PlanOptions;
use crate::record::Record;
use std::collections::HashSet;

/// Names of columns, in lower case without what is not a letter or digit; the first one that is
/// there counts.
const TEXT: &[&str] = &[
    "text",
    "reviewtext",
    "reviewbody",
    "review",
    "body",
    "content",
    "reviewcontent",
    "comment",
    "comments",
    "reviewcomment",
    "message",
    "opinion",
    "feedback",
    "verbatim",
    "reviewstext",
    "description",
    "reviewdescription",
    "response",
    "answer",
];
const SUBJECT: &[&str] = &[
    "subject",
    "product",
    "productname",
    "producttitle",
    "productid",
    "parentasin",
    "asin",
    "sku",
    "item",
    "itemname",
    "itemid",
    "movie",
    "movietitle",
    "moviename",
    "movieid",
    "film",
    "filmtitle",
    "filmname",
    "hotel",
    "hotelname",
    "hotelid",
    "restaurant",
    "restaurantname",
    "business",
    "businessname",
    "businessid",
    "company",
    "companyname",
    "book",
    "booktitle",
    "bookid",
    "app",
    "appname",
    "appid",
    "game",
    "gamename",
    "brand",
    "place",
    "venue",
    "listing",
    "listingid",
    "branch",
    "location",
    "name",
];
const RATING: &[&str] = &[
    "rating",
    "stars",
    "starrating",
    "star",
    "overall",
    "overallrating",
    "reviewrating",
    "reviewscore",
    "reviewerscore",
    "score",
    "rate",
    "grade",
    "points",
];
const DATE: &[&str] = &[
    "writtenat",
    "date",
    "reviewdate",
    "dateposted",
    "posted",
    "postedat",
    "postedon",
    "reviewtime",
    "unixreviewtime",
    "createdat",
    "created",
    "datecreated",
    "submittedat",
    "submitted",
    "submissiondate",
    "publishedat",
    "published",
    "publisheddate",
    "timestamp",
    "time",
    "at",
];
const ID: &[&str] = &["id", "reviewid", "uuid", "reviewuuid"];
const TITLE: &[&str] =
    &["title", "reviewtitle", "headline", "heading", "reviewheadline", "summary"];
const AUTHOR: &[&str] = &[
    "author",
    "authorname",
    "reviewer",
    "reviewername",
    "user",
    "username",
    "profilename",
    "customer",
    "customername",
    "reviewerid",
    "userid",
];
const SOURCE: &[&str] = &["source", "platform", "channel", "site", "website", "origin"];
const LANGUAGE: &[&str] = &["language", "lang", "locale"];

/// Fewest characters that a column has on average to be taken for texts without a name that says so.
const TEXT_CHARS: usize = 20;

impl Mapping {
    /// Completes what is `given`: fields without a source get the column that looks like them.
    ///
    /// # Errors
    /// When a column that is given is not there, and when nothing looks like the text or subject.
    pub fn guess(
        given: Self,
        columns: &[String],
        sample: &[&Record],
        options: &PlanOptions,
    ) -> Result<Self, MappingError> {
        let mut mapping = given;
        mapping.check(columns)?;
        let dates = DateReading {
            format: options.date_format.clone(),
            day_first: Some(true),
            ..DateReading::any()
        };
        let reads_as_date =
            |cell: &str| dates.read(cell).is_ok() || day_comes_first([cell].into_iter()).is_some();
        // A date that is no bare number.
        let reads_as_day = |cell: &str| {
            !cell.bytes().all(|b| b.is_ascii_digit() || b == b'.') && reads_as_date(cell)
        };
        // A column without a value in the first rows is what its name says.
        let is_mostly = |share: Option<usize>| share.is_none_or(|share| share > 500);
        let is_date = |column: &str| is_mostly(share(sample, column, reads_as_date));
        let is_rating = |column: &str| is_mostly(share(sample, column, reads_as_rating));
        let is_language = |column: &str| is_mostly(share(sample, column, is_tag));
        mapping.fill(columns, TEXT, |m| &mut m.text, |_| true);
        mapping.fill(columns, SUBJECT, |m| &mut m.subject, |_| true);
        mapping.fill(columns, RATING, |m| &mut m.rating, is_rating);
        mapping.fill(columns, DATE, |m| &mut m.date, is_date);
        mapping.fill(columns, ID, |m| &mut m.id, |column| is_unique(sample, column));
        mapping.fill(columns, TITLE, |m| &mut m.title, |_| true);
        mapping.fill(columns, AUTHOR, |m| &mut m.author, |_| true);
        mapping.fill(columns, SOURCE, |m| &mut m.source, |_| true);
        mapping.fill(columns, LANGUAGE, |m| &mut m.language, is_language);
        mapping.guess_by_values(columns, sample);
        if mapping.date.is_none() {
            let is_date = |column: &String| share(sample, column, reads_as_day) >= Some(900);
            let mut free = columns.iter().filter(|column| !mapping.takes(column));
            let date = free.find(|column| !column.starts_with("analysis") && is_date(column));
            mapping.date = date.cloned().map(Source::Column);
        }
        for column in columns {
            let inner = column.strip_prefix("metadata.").unwrap_or(column);
            let is_metadata = inner != column || column == "metadata";
            if is_metadata && !mapping.metadata.iter().any(|(_, known)| known == column) {
                mapping.metadata.push((inner.to_owned(), column.clone()));
            }
        }
        if mapping.text.is_none() {
            return Err(MappingError::NoText(columns.to_vec()));
        }
        if mapping.subject.is_none() {
            return Err(MappingError::NoSubject(columns.to_vec()));
        }
        Ok(mapping)
    }

    fn check(&self, columns: &[String]) -> Result<(), MappingError> {
        let fields =
            self.fields().into_iter().filter_map(|(name, source)| Some((name, source.column()?)));
        let metadata = self.metadata.iter().map(|(_, column)| ("metadata", column.as_str()));
        for (field, column) in fields.chain(metadata) {
            if !columns.iter().any(|known| known == column) {
                let (column, columns) = (column.to_owned(), columns.to_vec());
                return Err(MappingError::NoColumn { field, column, columns });
            }
        }
        Ok(())
    }

    fn fill(
        &mut self,
        columns: &[String],
        names: &[&str],
        field: fn(&mut Self) -> &mut Option<Source>,
        fits: impl Fn(&str) -> bool,
    ) {
        if field(self).is_some() {
            return;
        }
        let found = names.iter().find_map(|name| {
            let mut free = columns.iter().filter(|column| !self.takes(column));
            free.find(|column| plain(column) == **name && fits(column))
        });
        if let Some(column) = found.cloned() {
            *field(self) = Some(Source::Column(column));
        }
    }

    fn guess_by_values(&mut self, columns: &[String], sample: &[&Record]) {
        if self.text.is_none() {
            let free = columns.iter().filter(|column| !self.takes(column));
            let longest = free.max_by_key(|column| mean_chars(sample, column));
            let longest = longest
                .filter(|column| columns.len() == 1 || mean_chars(sample, column) >= TEXT_CHARS);
            self.text = longest.cloned().map(Source::Column);
        }
        // The title of a film, and not of a review, when few titles have many reviews.
        let title = self.title.clone();
        if self.subject.is_none()
            && let Some(Source::Column(column)) = &title
            && repeats(sample, column)
        {
            self.subject = self.title.take();
        }
    }

    fn takes(&self, column: &str) -> bool {
        self.fields().iter().any(|(_, source)| source.column() == Some(column))
            || self.metadata.iter().any(|(_, known)| known == column)
    }
}

fn plain(column: &str) -> String {
    column.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The cells of a column that say something.
fn cells<'a>(sample: &'a [&Record], column: &'a str) -> impl Iterator<Item = &'a str> {
    sample.iter().filter_map(move |record| record.get(column)).filter(|cell| !is_nothing(cell))
}

/// Cells of a column that pass a test, in thousandths; `None` when it is empty.
fn share(sample: &[&Record], column: &str, test: impl Fn(&str) -> bool) -> Option<usize> {
    let (mut all, mut good) = (0, 0);
    for cell in cells(sample, column).take(100) {
        all += 1;
        good += usize::from(test(cell));
    }
    (good * 1_000usize).checked_div(all)
}

fn reads_as_rating(cell: &str) -> bool {
    Scale::guess([cell].into_iter()).is_some_and(|scale| scale.stars(cell).is_ok())
}

fn is_unique(sample: &[&Record], column: &str) -> bool {
    let mut seen = HashSet::new();
    sample.iter().all(|record| record.get(column).is_some_and(|cell| seen.insert(cell)))
}

/// Whether there are at most half as many values as rows.
fn repeats(sample: &[&Record], column: &str) -> bool {
    let values: Vec<_> = cells(sample, column).collect();
    let distinct: HashSet<_> = values.iter().collect();
    distinct.len() * 2 <= values.len()
}

fn mean_chars(sample: &[&Record], column: &str) -> usize {
    let (count, chars) =
        cells(sample, column).fold((0, 0), |(n, sum), cell| (n + 1, sum + cell.chars().count()));
    chars.checked_div(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::unique_names;

    fn guess(header: &[&str], rows: &[&[&str]], given: Mapping) -> Result<String, MappingError> {
        let names = unique_names(header.iter().map(|name| (*name).to_owned())).unwrap();
        let records: Vec<_> = rows
            .iter()
            .map(|row| Record {
                line: 1,
                names: names.clone(),
                values: row.iter().map(|cell| Some((*cell).to_owned())).collect(),
            })
            .collect();
        let sample: Vec<_> = records.iter().collect();
        let mapping = Mapping::guess(given, &names, &sample, &PlanOptions::default())?;
        let fields = mapping.fields().into_iter().map(|(name, source)| format!("{name}:{source}"));
        let metadata = mapping.metadata.iter().map(|(key, column)| format!("+{key}:{column}"));
        Ok(fields.chain(metadata).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn columns_are_known_by_name() {
        let row: &[&str] = &["r1", "It was very good.", "tt1", "8", "2013-02-01", "Lovely", "KR"];
        let header = [
            "review_id",
            "Review Text",
            "Movie-ID",
            "score",
            "posted",
            "Title",
            "metadata.country",
        ];
        assert_eq!(
            guess(&header, &[row], Mapping::default()).unwrap(),
            "text:Review Text subject:Movie-ID rating:score date:posted id:review_id title:Title \
             +country:metadata.country"
        );
    }

    #[test]
    fn columns_are_known_by_what_is_in_them() {
        let rows: &[&[&str]] = &[
            &["Old", "I liked this one a good deal.", "12/31/2020", "x", "1"],
            &["Old", "And I liked this one even more.", "1/2/2021", "x", "1"],
        ];
        assert_eq!(
            guess(&["title", "words", "when", "score", "id"], rows, Mapping::default()).unwrap(),
            "text:words subject:title date:when"
        );
        let one: &[&[&str]] = &[&["short"]];
        let given = Mapping { subject: "=shop".parse().ok(), ..Mapping::default() };
        assert_eq!(guess(&["q1"], one, given).unwrap(), "text:q1 subject:=shop");
    }

    #[test]
    fn what_is_said_counts() {
        let given = Mapping {
            text: "b".parse().ok(),
            subject: "=s".parse().ok(),
            metadata: vec![("date".into(), "date".into())],
            ..Mapping::default()
        };
        let rows: &[&[&str]] = &[&["x", "y", "2020-01-01"]];
        assert_eq!(
            guess(&["text", "b", "date"], rows, given).unwrap(),
            "text:b subject:=s +date:date"
        );
        let wrong = Mapping { rating: "starz".parse().ok(), ..Mapping::default() };
        let told = guess(&["text", "stars"], rows, wrong).unwrap_err().to_string();
        assert!(told.contains("--rating") && told.contains("text, stars"), "{told}");
        let told = guess(&["text"], rows, Mapping::default()).unwrap_err().to_string();
        assert!(told.contains("--subject =NAME"), "{told}");
        let told = guess(&["a", "b"], rows, Mapping::default()).unwrap_err().to_string();
        assert!(told.contains("--text"), "{told}");
    }
}
