//! Links: from an answer to the operations that go on with what is in it.

use crate::operation::Contract;
use utoipa::openapi::RefOr;
use utoipa::openapi::link::Link;
use utoipa::openapi::path::Operation;

/// Adds the links of an operation to its good answers. An operation does not link to itself.
pub fn add(operation: &mut Operation, id: &str, contract: &Contract) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        // A 304 has no body to find anything in.
        if !matches!(status.as_str(), "200" | "201") {
            continue;
        }
        for link in contract.links.iter().filter(|link| link.operation != id) {
            let target = Link::builder()
                .operation_id(link.operation)
                .parameter(link.parameter, link.value)
                .build();
            response.links.insert(link.name.to_owned(), RefOr::T(target));
        }
    }
}
