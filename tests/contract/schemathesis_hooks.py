"""Tells Schemathesis how newline-delimited JSON is written."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx, value):
    """Schemathesis makes any string from the document; as bytes it is a body of lines."""
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", errors="replace")
