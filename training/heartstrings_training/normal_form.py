"""The normal form of a text: what the tokenizer is given, in training as in the service.

Every text goes through `normalize` before it is cut into tokens. Today the tokenizer itself replaces emoji
by words (`tokenizer.py`), and the normal form is the text as it is. When the service has rules of its own,
this function calls its binary, so that there is one implementation of them and not two.
"""

from __future__ import annotations


def normalize(texts: list[str]) -> list[str]:
    """The texts in their normal form, in the same order."""
    return texts
