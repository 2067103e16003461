#!/usr/bin/env python3
"""Builds the tests of the whole workspace and runs them, several test programs at the same time.

`cargo test` runs one program after the other, and most of them leave cores idle at their end or while they
wait for a disk. Programs in ALONE measure waiting times, so nothing runs beside them. Each program's output
is shown when it has ended; a failure does not stop the others.

Usage: run-tests.py. TEST_PROGRAMS sets how many run at the same time (2 when absent), CARGO the cargo.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ALONE = ("api", "abuse")
CARGO = os.environ.get("CARGO", "cargo")
COMMAND = (CARGO, "test", "--locked", "--workspace")


@dataclass(frozen=True)
class Program:
    """A test program of a package."""

    package: str
    name: str
    path: str
    folder: Path

    def title(self) -> str:
        """How the program is called in what is printed."""
        return self.package if self.package.replace("-", "_") == self.name else f"{self.package}, {self.name}"


def build() -> list[Program]:
    """Builds all test programs. Cargo's errors go to standard error; they end this script."""
    command = [*COMMAND, "--no-run", "--message-format", "json-render-diagnostics"]
    built = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode != 0:
        sys.exit("test: the tests do not build, as cargo says above")
    programs = []
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-artifact" and message["profile"]["test"] and message["executable"]:
            folder = Path(message["manifest_path"]).parent
            package = message["package_id"].split("#")[-1].split("@")[0]
            if package[0].isdigit():
                package = folder.name
            programs.append(Program(package, message["target"]["name"], message["executable"], folder))
    return programs


def run(title: str, command: list[str], folder: Path) -> bool:
    """Runs a program, shows what it has printed, and tells whether it succeeded."""
    environment = {**os.environ, "CARGO_MANIFEST_DIR": str(folder)}
    started = time.monotonic()
    output: IO[str]
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        ended = subprocess.run(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
        output.seek(0)
        text = output.read()
    seconds = time.monotonic() - started
    print(f"\n== {title}, {seconds:.0f} s\n{text}", end="", flush=True)
    return ended.returncode == 0


def main() -> None:
    """Runs all programs, then those of ALONE, then the examples in the documentation."""
    programs = build()
    jobs = [(p.title(), [p.path], p.folder) for p in programs if p.name not in ALONE]
    failed = []
    with ThreadPoolExecutor(int(os.environ.get("TEST_PROGRAMS", "2"))) as pool:
        outcomes = pool.map(lambda job: run(*job), jobs)
        failed += [title for (title, _, _), is_good in zip(jobs, outcomes) if not is_good]
    alone = [(p.title(), [p.path], p.folder) for name in ALONE for p in programs if p.name == name]
    alone.append(("examples in the documentation", [*COMMAND, "--doc"], Path.cwd()))
    failed += [job[0] for job in alone if not run(*job)]
    if failed:
        sys.exit(f"\ntest: failed: {'; '.join(failed)}")
    print(f"\ntest: all {len(programs)} programs succeeded")


if __name__ == "__main__":
    main()
