//! The table of problems: everything that can go wrong, one entry each.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal $explanation:literal;)*) => {
        /// Everything that can go wrong: code, status, title and explanation of each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// All of them, in the order of their statuses.
            pub const ALL: &[Kind] = &[$(Kind::$name,)*];

            /// Last part of the type URI.
            pub fn code(self) -> &'static str {
                match self { $(Kind::$name => $code,)* }
            }

            /// HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Kind::$name => $status,)* }
            }

            /// The problem in a few words, the same every time.
            pub fn title(self) -> &'static str {
                match self { $(Kind::$name => $title,)* }
            }

            /// What it means and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Kind::$name => $explanation,)* }
            }
        }
    };
}

kinds! {
    /// The body is not JSON in UTF-8.
    Malformed = 400 "malformed-request" "The request cannot be read"
        "The body is not JSON, or not UTF-8, or nested too deeply. `detail` says where reading stopped. Mend the body and send it again.";
    /// A cursor was not made for this list.
    BadCursor = 400 "bad-cursor" "The cursor is not valid"
        "A cursor is good for the very list that gave it: the same filters, the same sort. Start again without one.";
    /// No key, or an unknown one.
    Unauthorized = 401 "unauthorized" "A key is needed"
        "Send a key with the request: `Authorization: Bearer hs_…`. Whoever runs the service makes one with `heartstrings key create`.";
    /// The key may not do this.
    Forbidden = 403 "forbidden" "The key may not do this"
        "`read` keys read and analyze; `write` keys also create, replace and delete reviews; `admin` keys also export everything and delete subjects. Use a key with a larger role.";
    /// Nothing has this path or name.
    NotFound = 404 "not-found" "There is no such thing"
        "No endpoint has this path, or no review or subject has this name. Check the spelling; names are case-sensitive. `GET /openapi.json` lists the endpoints.";
    /// The path knows other methods.
    MethodNotAllowed = 405 "method-not-allowed" "The method is not allowed here"
        "The path exists but not with this method. The `Allow` header lists those that it has.";
    /// The body came too slowly.
    Timeout = 408 "request-timeout" "The request came too slowly"
        "The body did not arrive in time. Send it again over a better connection, or in smaller parts.";
    /// The id is taken.
    Conflict = 409 "conflict" "The id or key is taken by other content"
        "A review with this id is stored and says something else: use another id, or `PUT` to replace it. Or the `Idempotency-Key` came with another review: use a new one for each.";
    /// The body is too large.
    TooLarge = 413 "payload-too-large" "The body is too large"
        "A body may have 2 MiB, a batch of reviews 16 MiB, a line of newline-delimited JSON 2 MiB. Send less at once.";
    /// The path and the query are too long.
    UriTooLong = 414 "uri-too-long" "The address is too long"
        "Path and query together may have 8 KiB. Send fewer or shorter parameters.";
    /// The body is not called JSON.
    UnsupportedMediaType = 415 "unsupported-media-type" "The media type is not supported"
        "Send JSON, uncompressed, and say so: `Content-Type: application/json`. Batches of reviews may be `application/x-ndjson` too.";
    /// The body or a parameter has bad values.
    Invalid = 422 "invalid-request" "The request has bad values"
        "The request can be read, but values in it are wrong. `errors` names each: a JSON pointer into the body, or `/query/NAME` or `/path/NAME` for a parameter, and what would be right.";
    /// The caller asks for too much at a time.
    TooManyRequests = 429 "too-many-requests" "Too many requests"
        "This key, or this address without a key, sends more requests than it may. Wait for the seconds in `Retry-After`. `RateLimit-Policy` says how many are allowed and `RateLimit` how many are left.";
    /// The header is too large.
    HeaderTooLarge = 431 "header-too-large" "The header is too large"
        "The header fields of a request may have 96 lines and 32 KiB. Send fewer or shorter ones.";
    /// Something failed that should not.
    Internal = 500 "internal-error" "Something failed inside"
        "This is a fault of the service, not of the request. The log has the details under the request id in `instance`.";
    /// Too many texts wait to be scored.
    QueueFull = 503 "queue-full" "Too many texts are waiting"
        "Texts come in faster than the model reads them. Wait for the seconds in `Retry-After` and send the request again.";
    /// Every thread that scores has failed.
    ScoringStopped = 503 "scoring-stopped" "Nothing scores any more"
        "The threads that score have failed, and none is left. Reads go on. The operator must look at the log and start the service again.";
    /// The service is loading.
    NotReady = 503 "not-ready" "The service is starting"
        "The model and the store are being loaded. Wait for the seconds in `Retry-After`; `GET /ready` says when.";
    /// The service is stopping.
    Stopping = 503 "stopping" "The service is stopping"
        "Requests that were under way are finished, new ones are refused. Send the request to another instance.";
    /// The memory for bodies is used up.
    BodiesFull = 503 "bodies-full" "Too many bodies at once"
        "The bodies of all requests together fill the memory that there is for them. Wait for the seconds in `Retry-After` and send the request again.";
    /// Too many writes wait.
    StoreBusy = 503 "store-busy" "Too many writes are waiting"
        "The disk is slower than the requests. Wait for the seconds in `Retry-After` and send the request again.";
    /// Writing failed, so nothing is written any more.
    WritesStopped = 503 "writes-stopped" "Writes have stopped"
        "Writing to the disk failed, and what is on it is uncertain until the service is started again. Reads go on. The operator must look at the disk.";
    /// The disk is full.
    DiskFull = 507 "disk-full" "The disk is full"
        "Less space is free than the service keeps free. Deletes and reads go on. The operator must make room.";
}
