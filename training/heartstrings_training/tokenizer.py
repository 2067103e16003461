"""The tokenizer of the base, and what emoji say in words that its vocabulary holds.

That vocabulary has one piece for all emoji, so the network cannot tell a heart from a thumb that points down. The
tokenizer replaces those that carry a side by a word. The table is part of `tokenizer.json`, so the service reads
texts as training does. The words are mild ones: the weights that ship have not seen them in place of emoji, and
strong words (love, great, laughing) made more of an emoji than its writers meant, by GoEmotions' development file.
A row of equal ones is one word, and those that go with anything (fire, sparkles, flags) are left out.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer

#: Emoji of one meaning, and the word for them.
MEANINGS = {
    "😍🥰😻❤♥💕💖💗💙💚💛🧡💜💞💘😘😚💝💓": "lovely",
    "😀😃😄😁😊🙂☺😺😌😇🥳🎉😎🤗😂🤣😆😹": ":)",
    "😭😢😿🥺🥹": "tears",
    "😡😠🤬👿": "angry",
    "👍👌💯👏": "good",
    "👎": "bad",
    "🤮🤢💩": "gross",
    "😞😔😟🙁☹😕😒🙄😣😖😩😫😑": "ugh",
    "💔": "heartbroken",
}
#: What may follow an emoji and says how it is drawn: presentation as a picture, shades of skin.
DRAWN = "\ufe0f🏻🏼🏽🏾🏿"


def read_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer in `path`, which reads emoji and neither cuts nor pads."""
    state = json.loads(path.read_text())
    replacements = [
        {"type": "Replace", "pattern": {"Regex": f"(?:[{emoji}][{DRAWN}]*)+"}, "content": f" {word} "}
        for emoji, word in MEANINGS.items()
    ]
    state["normalizer"] = {"type": "Sequence", "normalizers": [*replacements, state["normalizer"]]}
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
