//! Queries of any parameters and values, without a store.

use super::*;
use actix_web::FromRequest;
use actix_web::test::TestRequest;
use proptest::prelude::*;

/// What comes of a query.
fn list(query: &str) -> Result<(), Problem> {
    let request = TestRequest::with_uri(&format!("/v1/reviews?{query}")).to_http_request();
    let read = Query::<ListParameters>::extract(&request).into_inner();
    read.and_then(|Query(parameters)| parameters.check().map(drop))
}

proptest! {
    #[test]
    fn fuzz_queries(
        pairs in proptest::collection::vec(
            (
                "subject|label|emotion|source|(min|max)_(score|intensity)|from|to|sort|limit|cursor|x",
                prop_oneof![
                    "[A-Za-z0-9_%+&=.:-]{0,12}",
                    "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9.]{0,4})?(Z|%2B01:00))?",
                    "-?[0-9]{1,3}(\\.[0-9]{0,9})?(e[0-9]{0,3})?|NaN|inf",
                    "newest|joy|positive|true|film",
                ],
            ),
            0..5,
        )
    ) {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if let Err(problem) = list(&pairs.join("&")) {
            let status = problem.body("a".into()).status;
            prop_assert!(matches!(status, 400 | 422), "{problem}");
        }
    }
}
