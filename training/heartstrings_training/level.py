"""Makes finished weights blind to names, groups and places, and leaves what they say of all else as it is.

The network learns from itself: texts that differ in a name alone shall get the mean of what the finished weights say
of them, and all others what those say. A loss of its own punishes how far the scores of such texts lie apart. With
`--teacher-labels` it also learns what a teacher says of texts, and what their labels say, so that one run does
both: what is learnt afterwards would make names matter again. State is saved as in `train.py`; started again with the same
folder, it goes on where it was.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from torch import Tensor

from . import batches, counterfactual_templates, losses
from .network import load_base, start_from
from .teacher_labels import TeacherLabels
from .plan import plan, read_sets
from .tokenizer import read_tokenizer
from .train import Run, add_run_arguments, schedule


def means(outputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of the logits of each group of texts, for each of them."""
    def mean(logits: Tensor) -> Tensor:
        grouped = logits.view(-1, counterfactual_templates.TOGETHER, logits.shape[1])
        return grouped.mean(dim=1, keepdim=True).expand_as(grouped).reshape(logits.shape)

    return {name: mean(logits) if logits.dim() == 2 else logits for name, logits in outputs.items()}


def level(args: argparse.Namespace) -> None:
    """Trains until the budget is spent."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    finished = load_base(str(args.base))
    start_from(finished, args.start_from)
    finished.eval()
    run, planned = Run(args), plan(args)
    tokenizer = read_tokenizer(args.base / "tokenizer.json")
    templates = counterfactual_templates.templates_of(read_sets(args), random.Random(args.seed))
    teacher_labels = TeacherLabels(args.teacher_labels) if args.teacher_labels else None

    def said(batch: list[batches.Row]) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
        ids, mask, spans, targets = batches.collate(batch)
        run.tokens += int(mask.sum())
        with torch.no_grad():
            taught = finished(ids, mask, spans, targets["aspects"])
        # What is said of each token is learnt too, so that aspects stay what they are.
        taught["aspects"] = taught.pop("token_aspects")
        taught["tags"] = taught["tags"].masked_fill(mask.unsqueeze(2) == 0, float("nan"))
        return run.network(ids, mask, spans, targets["aspects"]), taught, targets

    def step(progress: float) -> None:
        batch = planned[run.step]
        outputs, taught, targets = said(batch)
        parts = {}
        if teacher_labels is not None:
            parts = losses.all_heads(outputs, targets)
            for name, told in teacher_labels.of(batch).items():
                taught[name] = torch.where(told.isnan(), taught[name], told)
        parts |= losses.distillation(outputs, taught)
        rng = random.Random(f"{args.seed}/{run.step}")
        outputs, taught, _ = said(counterfactual_templates.batch(tokenizer, templates, args.batch_tokens, rng))
        levelled = losses.distillation(outputs, means(taught))
        parts |= {name.replace("soft", "level"): part for name, part in levelled.items()}
        parts["apart"] = losses.apart(outputs["stars"], counterfactual_templates.TOGETHER)
        run.learn(parts, schedule(progress))

    run.through(len(planned), step)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser, learning_rate=5e-5)
    parser.add_argument("--teacher-labels", type=Path, help="folder of what the teacher says; see label.py")
    args = parser.parse_args()
    if args.start_from is None:
        parser.error("say with --start-from which weights are finished")
    level(args)


if __name__ == "__main__":
    main()
