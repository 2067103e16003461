"""Creates, lists and summarizes with the client that openapi-python-client has made."""

import sys

from heartstrings_client import Client
from heartstrings_client.api.reviews import create_review, list_reviews
from heartstrings_client.api.subjects import get_subject_summary
from heartstrings_client.models import Problem, ReviewDraft

client = Client(base_url=sys.argv[1])
texts = ["I cried and I loved every minute.", "It arrived on Tuesday.", "A dreadful waste of time!"]
for text in texts:
    response = create_review.sync_detailed(client=client, body=ReviewDraft(subject="trip", text=text))
    assert response.status_code == 201, response
    assert response.parsed.text == text, response
listed = list_reviews.sync(client=client, subject="trip")
assert sorted(review.text for review in listed.reviews) == sorted(texts), listed
summary = get_subject_summary.sync(client=client, subject="trip")
assert summary.reviews == 3, summary
assert sum(summary.sentiment.labels.to_dict().values()) == 3, summary
unknown = get_subject_summary.sync(client=client, subject="nobody")
assert isinstance(unknown, Problem) and unknown.status == 404, unknown
print("round trip: 3 created, 3 listed, 3 summarized, 1 problem read")
