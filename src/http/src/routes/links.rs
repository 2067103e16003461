//! Links of several operations on subjects.

use crate::operation::Link;

/// From an answer about the subject in the path.
pub const OF_SUBJECT: &[Link] = &[
    Link {
        name: "summary",
        operation: "get_subject_summary",
        parameter: "subject",
        value: "$request.path.subject",
    },
    Link {
        name: "timeline",
        operation: "get_subject_timeline",
        parameter: "subject",
        value: "$request.path.subject",
    },
    Link {
        name: "highlights",
        operation: "get_subject_highlights",
        parameter: "subject",
        value: "$request.path.subject",
    },
    Link {
        name: "reviews",
        operation: "list_reviews",
        parameter: "subject",
        value: "$request.path.subject",
    },
];

/// From an answer that lists subjects.
pub const OF_SUBJECTS: &[Link] = &[
    Link {
        name: "summary",
        operation: "get_subject_summary",
        parameter: "subject",
        value: "$response.body#/subjects/0/subject",
    },
    Link {
        name: "timeline",
        operation: "get_subject_timeline",
        parameter: "subject",
        value: "$response.body#/subjects/0/subject",
    },
    Link {
        name: "highlights",
        operation: "get_subject_highlights",
        parameter: "subject",
        value: "$response.body#/subjects/0/subject",
    },
    Link {
        name: "reviews",
        operation: "list_reviews",
        parameter: "subject",
        value: "$response.body#/subjects/0/subject",
    },
];
