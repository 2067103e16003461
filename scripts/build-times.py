#!/usr/bin/env python3
"""Lists the slowest units of the last build that was made with `cargo --timings`.

Usage: build-times.py [REPORT]. Seconds of units add up to more than the build took, because several are
built at the same time.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

SHOWN = 30


def report() -> Path:
    """The report that was named, or the last one of cargo."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    target = Path(os.environ.get("CARGO_TARGET_DIR", Path(__file__).parent.parent / "target"))
    return target / "cargo-timings" / "cargo-timing.html"


def main() -> None:
    """Prints the sum of all units, the slowest ones, and where the whole report is."""
    path = report()
    try:
        text = path.read_text()
    except OSError as error:
        sys.exit(f"build-times: {path} cannot be read: {error.strerror}; run `make build-times`")
    found = re.search(r"UNIT_DATA = (\[.*?\]);\n", text, re.DOTALL)
    if not found:
        sys.exit(f"build-times: {path} is not in the form that this script knows; open it in a browser")
    units = json.loads(found.group(1))
    total = sum(unit["duration"] for unit in units)
    print(f"{total:7.1f} s in {len(units)} units; all of them are in {path}")
    for unit in sorted(units, key=lambda unit: -unit["duration"])[:SHOWN]:
        kind = unit["target"].strip()
        print(f"{unit['duration']:7.1f} s  {unit['name']} {unit['version']}  {kind}".rstrip())


if __name__ == "__main__":
    main()
