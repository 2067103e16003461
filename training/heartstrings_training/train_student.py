"""Trains the student on labels and on what the teacher says, on all heads and of every token.

The texts are those that the teacher was asked about (`label_units.py`) and the labelled reviews. The run has no end
of its own (`endless.py`): raise it until the measures on development data stand still, then let it cool down.
With `--relations` the teacher itself reads each batch, and the student's last layer learns how tokens relate in
one of the teacher's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import batches, endless, label_units, losses, relations
from .batches import Item
from .dev_slices import DevSlices
from .network import has_bf16, load_base, start_from
from .plan import read_sets
from .stream import SHARES, Stream
from .teacher_labels import TeacherLabels, key
from .tokenizer import read_tokenizer

#: Shares of the tokens of what was cut out of reviews, beside those of `stream.SHARES`: nobody but the teacher
#: says anything of them.
CUT = {f"{kind}_{name}": share * weight for kind, weight in (("sentences", 1.0), ("windows", 1.2))
       for name, share in (("imdb", 18.0), ("yelp10k", 8.0), ("amazon_blitzer", 7.0), ("amazon_musical", 4.0),
                           ("womens_clothing", 5.0))}
#: Most tokens of a row: a window of the service.
ROW = 256
#: Layer of the teacher whose relations are learnt, from the end: the upper middle ones teach best.
TEACHER_LAYER = -3


def items_of(args: argparse.Namespace, taught: TeacherLabels | None) -> dict[str, list[Item]]:
    """All texts of which anything is known, by set."""
    tokenizer = read_tokenizer(args.tokenizer)
    sets: dict[str, list[Item]] = {}
    for item in label_units.units(args, tokenizer):
        is_cut = item.source.startswith(("sentences_", "windows_"))
        if not is_cut or (taught is not None and key(item.ids) in taught.places):
            sets.setdefault(item.source, []).append(item)
    documents = read_sets(args)
    for name in label_units.REVIEWS:
        sets[name] = batches.tokenize(documents[name], tokenizer)
    return sets


def train(args: argparse.Namespace) -> None:
    """Trains until it is stopped, cooled down, or has done its steps."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    dev = DevSlices(args.data, read_tokenizer(args.tokenizer), args.limit)
    taught = TeacherLabels(args.teacher_labels) if args.teacher_labels else None
    stream = Stream(items_of(args, taught), args.seed, args.batch_tokens, SHARES | CUT, ROW)
    network = load_base(str(args.base))
    network.bf16 = has_bf16()
    if args.start_from and not (args.out / "checkpoint.pt").exists():
        start_from(network, args.start_from)
    run = endless.EndlessRun(args, network)
    teacher = None
    if args.relations:
        teacher = load_base(str(args.teacher_base)).eval()
        start_from(teacher, args.teacher)
        theirs, mine = relations.Recorder(teacher, TEACHER_LAYER), relations.Recorder(network, -1)

    def step(batch: list[batches.Row], factor: float) -> None:
        ids, mask, spans, targets = batches.collate(batch)
        outputs = network(ids, mask, spans, targets["aspects"])
        parts = losses.all_heads(outputs, targets)
        if taught is not None:
            parts |= losses.distillation(outputs, taught.of(batch))
        if teacher is not None:
            with torch.no_grad():
                teacher.hidden(ids, mask)
            parts["relations"] = args.relations * relations.loss(mine, theirs, mask)
        run.learn(parts, factor, int(mask.sum()))

    run.through(stream, step, lambda: dev.measure(network, run.average.state))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    endless.add_arguments(parser, learning_rate=1.5e-4)
    parser.add_argument("--teacher-labels", type=Path, help="folder of what the teacher says; see label.py")
    parser.add_argument("--start-from", type=Path, help="weights to begin with")
    parser.add_argument("--relations", type=float, default=0.0, metavar="WEIGHT",
                        help="learn the relations of the teacher's tokens, with this weight; needs the teacher")
    parser.add_argument("--teacher-base", type=Path, help="folder of the teacher's base weights")
    parser.add_argument("--teacher", type=Path, help="weights of the teacher")
    args = parser.parse_args()
    if args.relations and not (args.teacher_base and args.teacher):
        parser.error("--relations needs --teacher-base and --teacher")
    train(args)


if __name__ == "__main__":
    main()
