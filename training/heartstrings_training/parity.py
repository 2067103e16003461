"""Records what the training code says of a few texts, for the service's network to agree with.

The texts are our own. Each is scored alone, in fp32, from the weights as exported.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig

from . import batches
from .network import Network, start_from
from .normal_form import normalize
from .tokenizer import read_tokenizer

#: Most tokens of a window, framing tokens included.
WINDOW = 256

SENTENCES = (
    "The first act drags. Then the trial begins, and I forgot to breathe! He begs, she sings, and "
    "the guards weep. I wept too. Would I see it again? Tomorrow, if I could."
)

TEXTS = [
    "Good",
    "bad",
    "It arrived on Tuesday.",
    "I expected to hate this, I did not.",
    "Great cast, but the script is a mess.",
    "😭😭😭 best film ever 😭",
    "👍",
    "7번방의 선물, 정말 많이 울었어요. 최고의 영화입니다.",
    "素晴らしい映画でした。",
    "Der Film hat mich sehr berührt.",
    "C'était déçu, naïve café façade Ångström Łódź",
    "THIS IS THE WORST THING I HAVE EVER BOUGHT!!!",
    "sooo gooood, i cant evn descrbe it, teh best",
    "Visit https://example.com/a?b=c&d=e or mail me@example.com for the receipt #4711.",
    "10/10",
    "3.5 out of 5 stars, 128 GB, 6.1\", $799.99",
    "…",
    "?!?!?!",
    "\"Brilliant,\" she said. 'Rubbish,' he said.",
    "line one\nline two\n\nline three\ttabbed",
    "   spaces   everywhere   ",
    "a\u200bb zero width and a soft\u00adhyphen",
    "Ｆｕｌｌｗｉｄｔｈ　ｌｅｔｔｅｒｓ",
    "ﬁne ligatures ﬂow, ½ of them, ™ and ©",
    "مرحبا، فيلم رائع",
    "Привет, отличный фильм!",
    "x" * 150,
    "un" * 60 + "believable",
    "≠ ≤ ∑ √ ∞ mathematics is not sentiment",
    "The killer's clues are a perversion of biblical punishments.",
    "A father with the mind of a child is jailed for a murder that he did not commit, and his "
    "cellmates smuggle his daughter into the prison.",
    "I sobbed, I laughed, I hugged a stranger. What a gift of a film.",
    "Not only was the staff rude, the room was filthy, and nobody apologised.",
    "Oh sure, another sequel, exactly what the world needed.",
    SENTENCES,
    " ".join([SENTENCES] * 3),
    " ".join([SENTENCES] * 14),
    "It is what it is. " * 20,
    "Loved it! Hated the price. Loved it again!",
    "[NAME] recommended it [SEP] and [CLS] I trusted them [MASK]",
]


def record(network: Network, ids: list[int], spans: list[tuple[int, int]]) -> list[dict]:
    """What the heads say of spans of one row: logits of stars and emotions, the others through
    their sigmoid."""
    tensor = torch.tensor([ids])
    with torch.inference_mode():
        heads = network(tensor, torch.ones_like(tensor),
                        torch.tensor([(0, start, end) for start, end in spans]))
    heads["affect"] = torch.sigmoid(heads["affect"])
    heads["intensity"] = torch.sigmoid(heads["intensity"])
    heads["mixed"] = torch.sigmoid(heads["mixed"])
    return [
        {name: [float(x) for x in values[i]] for name, values in heads.items()}
        for i in range(len(spans))
    ]


def run(args: argparse.Namespace) -> None:
    """Writes the fixtures."""
    torch.set_num_threads(1)
    network = Network(BertConfig.from_pretrained(str(args.base), attn_implementation="eager"))
    start_from(network, args.model / "model.safetensors")
    network.eval()
    tokenizer = read_tokenizer(args.base / "tokenizer.json")
    rng = np.random.default_rng(7)
    fixtures = []
    for text, normal in zip(TEXTS, normalize(TEXTS)):
        inner = tokenizer.encode(normal, add_special_tokens=False).ids[: WINDOW - 2]
        ids = [batches.CLS, *inner, batches.SEP]
        spans = [(0, len(ids))]
        if len(inner) >= 20:
            cuts = sorted(rng.choice(np.arange(2, len(inner)), size=2, replace=False).tolist())
            spans += list(zip([1, *cuts], [*cuts, len(ids) - 1]))
        whole, *segments = record(network, ids, spans)
        entry = {"text": text, "ids": ids, **whole}
        entry["segments"] = [
            {"start": start, "end": end, **said} for (start, end), said in zip(spans[1:], segments)
        ]
        fixtures.append(entry)
    args.out.write_text(json.dumps(fixtures, ensure_ascii=False, indent=0) + "\n")
    print(f"{len(fixtures)} texts recorded in {args.out}")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="the exported model folder")
    parser.add_argument("--out", type=Path, required=True)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
