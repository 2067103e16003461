#!/usr/bin/env python3
"""Unpacks from three wheels the files that a program linked with libtorch needs.

Usage: unpack-libtorch.py WHEELS TARGET. Makes TARGET/lib and TARGET/include.
"""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

LIBRARIES = ("libtorch_cpu.so", "libc10.so", "libcudart.so.12", "libcupti.so.12")


def destination(name: str) -> str | None:
    """Path of a wheel's file relative to the target; None for a file that is left out."""
    base = os.path.basename(name)
    if name.startswith("torch/include/") and base:
        return name.removeprefix("torch/")
    in_torch = name.startswith("torch/lib/")
    in_cuda = name.startswith("nvidia/") and "/lib/" in name
    if (in_torch or in_cuda) and (base in LIBRARIES or base.startswith("libgomp")):
        return f"lib/{base}"
    return None


def main() -> None:
    """Unpacks all wheels of a folder and checks that nothing is missing."""
    wheels, target = Path(sys.argv[1]), Path(sys.argv[2])
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                place = destination(member.filename)
                if place is None:
                    continue
                path = target / place
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, path.open("wb") as file:
                    shutil.copyfileobj(source, file)
    missing = [name for name in LIBRARIES if not (target / "lib" / name).exists()]
    if missing:
        sys.exit(f"setup: the wheels do not hold {', '.join(missing)}; this script is out of date")
    # torch-sys links against this name. There must be no `build-version` file: torch-sys would
    # insist on 2.4.0 to the letter.
    os.symlink("libtorch_cpu.so", target / "lib" / "libtorch.so")


if __name__ == "__main__":
    main()
