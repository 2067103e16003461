"""The normal form of a text: what the tokenizer is given, in training as in the service.

Every text goes through `normalize` before it is cut into tokens. The rules are those of the service: a program
of its crate `src/text` reads texts and writes their normal forms, so there is one implementation and not two.
"""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ("cargo", "build", "--quiet", "--release", "--locked", "-p", "heartstrings-text", "--no-default-features",
         "--example", "normal_form")


@cache
def program() -> Path:
    """The program that writes normal forms, built when it is not there or older than its source."""
    subprocess.run(BUILD, cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    return ROOT / target / "release" / "examples" / "normal_form"


def normalize(texts: list[str]) -> list[str]:
    """The texts in their normal form, in the same order."""
    if not texts:
        return []
    given = "".join(f"{json.dumps(text)}\n" for text in texts)
    written = subprocess.run([program()], input=given.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in written.decode().split("\n") if line]
