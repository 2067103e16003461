//! Schemas that the derive cannot write.

use heartstrings_core::analysis::EMOTIONS;
use heartstrings_core::review::limits;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AnyOfBuilder, Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat,
    Type,
};
use utoipa::{PartialSchema, ToSchema};

/// An emotion by its name.
pub struct Emotion;
/// A UTC date, or a time.
pub struct Moment;
/// The subjects of a comparison.
pub struct ComparedSubjects;

impl ToSchema for Emotion {}
impl ToSchema for Moment {}
impl ToSchema for ComparedSubjects {}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

impl PartialSchema for Emotion {
    fn schema() -> RefOr<Schema> {
        text().enum_values(Some(EMOTIONS)).into()
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        let like =
            |format| text().format(Some(SchemaFormat::KnownFormat(format))).max_length(Some(64));
        let either = AnyOfBuilder::new()
            .item(like(KnownFormat::Date))
            .item(like(KnownFormat::DateTime))
            .examples([serde_json::json!("2024-02-01")]);
        Schema::AnyOf(either.build()).into()
    }
}

impl PartialSchema for ComparedSubjects {
    fn schema() -> RefOr<Schema> {
        let subject = text()
            .pattern(Some(limits::ID_PATTERN))
            .min_length(Some(1))
            .max_length(Some(limits::ID_CHARS))
            .examples([serde_json::json!("miracle-in-cell-no-7")]);
        ArrayBuilder::new().items(subject).min_items(Some(2)).max_items(Some(20)).into()
    }
}

/// The texts of an analysis.
pub fn texts() -> Array {
    let text = text().pattern(Some("\\S")).min_length(Some(1)).max_length(Some(limits::TEXT_CHARS));
    ArrayBuilder::new()
        .items(text)
        .min_items(Some(1))
        .max_items(Some(128))
        .description(Some(
            "1 to 128 texts, each of 1 to 100 000 characters after white space at both ends is \
             removed.",
        ))
        .examples([serde_json::json!([
            "It arrived on Tuesday.",
            "Best film I have seen in years!"
        ])])
        .build()
}

/// `metadata` of a review. The derive cannot bound the number of pairs.
pub fn metadata() -> Object {
    let value = text().max_length(Some(limits::FIELD_CHARS));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "Anything else to keep with it: at most 32 pairs, keys of 1 to 64 and values of at \
             most 1 000 characters.",
        ))
        .additional_properties(Some(value))
        .max_properties(Some(limits::METADATA_PAIRS))
        .examples([serde_json::json!({"country": "KR"})])
        .build()
}
