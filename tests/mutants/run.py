"""Change one thing in a copy of the package and see whether the named tests notice.

    python tests/mutants/run.py                         the list of hand-made mutants
    python tests/mutants/run.py --sample 200 --seed 1   drawn from analysis, figures and desk
    python tests/mutants/run.py --only overlap          those of the list whose file or kind says so

A mutant of the list replaces one text by another. One whose text no longer stands in its file, or
stands there twice, counts as alive: the list must be kept with the code. Drawn mutants change one
comparison, operator, number or truth value each, and are held against the tests of their module.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("hand.toml")
ROOMS = ("analysis", "figures", "desk")
SECONDS = 300


@dataclass(frozen=True)
class Mutant:
    """A text to replace in a file of the package, and the tests that must notice."""

    kind: str
    file: str
    old: str
    new: str
    tests: str
    place: int = -1

    def __str__(self) -> str:
        return f"{self.kind} ({self.file}: {_short(self.old)} → {_short(self.new)})"

    def applied(self, text: str) -> str | None:
        """The changed file; None where the text is not there once."""
        if self.place >= 0:
            return text[: self.place] + self.new + text[self.place + len(self.old) :]
        return text.replace(self.old, self.new) if text.count(self.old) == 1 else None


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) < 50 else f"{words[:49]}…"


def listed(path: Path = LIST) -> list[Mutant]:
    """The hand-made mutants."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**entry) for entry in entries]


# ---------------------------------------------------------------- drawn mutants

SWAPS: dict[type[ast.AST], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*",
    ast.And: "or", ast.Or: "and", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/",
    ast.And: "and", ast.Or: "or", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def drawn(number: int, seed: int) -> list[Mutant]:
    """Mutants drawn evenly from all that there could be."""
    source = ROOT / "src" / "relnotes"
    every = [
        mutant
        for room in ROOMS
        for path in sorted((source / room).rglob("*.py"))
        for mutant in _possible(path.relative_to(source).as_posix(), path.read_text("utf-8"))
    ]
    return random.Random(seed).sample(every, min(number, len(every)))


def _possible(file: str, text: str) -> Iterator[Mutant]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw, tests = text.encode(), tests_of(file)

    def at(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            pairs = zip([node.left, *node.comparators], node.ops, node.comparators, strict=False)
        elif isinstance(node, ast.BinOp):
            pairs = iter([(node.left, node.op, node.right)])
        elif isinstance(node, ast.BoolOp):
            pairs = iter([(node.values[0], node.op, node.values[1])])
        else:
            pairs = iter([])
            if isinstance(node, ast.Constant) and type(node.value) in (int, bool):
                begin = at(node.lineno, node.col_offset)
                old = text[begin : at(node.end_lineno or 0, node.end_col_offset or 0)]
                changed = (
                    str(not node.value) if isinstance(node.value, bool) else f"{node.value + 1}"
                )
                yield Mutant("constant", file, old, changed, tests, begin)
        for left, operator, right in pairs:
            if type(operator) not in SWAPS:
                continue
            begin = at(left.end_lineno or 0, left.end_col_offset or 0)
            between = text[begin : at(right.lineno, right.col_offset)]
            sign = SIGNS[type(operator)]
            if between.count(sign) == 1 and "#" not in between:
                place = begin + between.index(sign)
                kind = type(operator).__name__.lower()
                yield Mutant(kind, file, sign, SWAPS[type(operator)], tests, place)


ALPHABET = {"charts", "columns", "scales"}
PAPERS = {"figure", "check", "passport", "manifest", "register", "markup"}


def tests_of(file: str) -> str:
    """The tests of a module: those whose name shares its stem, or its topic's."""
    room, *parts = Path(file).with_suffix("").parts
    stems = set(parts)
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "tests").glob("test_*.py"))
        if stems & set(path.stem.split("_")[1:])
    ]
    if room == "desk":
        intake = [f"tests/test_intake_{part}.py" for part in ("reading", "matching")]
        found += [
            name
            for name, part in zip(intake, ("formats", "matching"), strict=True)
            if part in parts
        ]
        return " ".join(dict.fromkeys(found)) or "tests/test_staging.py"
    if room == "analysis":
        return " ".join(found) or "tests/test_frameworks.py"
    if stems & ALPHABET:
        return "tests/test_charts.py tests/test_places.py"
    if "style" in stems:
        return "tests/test_style.py tests/test_charts.py"
    if stems & PAPERS:
        return "tests/test_figure.py"
    return f"{' '.join(found)} tests/test_places.py -k {parts[0]}".strip()


# ---------------------------------------------------------------- running


def survives(mutant: Mutant, house: Path) -> str:
    """Why a mutant is alive; empty where its tests notice it."""
    path = house / "src" / "relnotes" / mutant.file
    original = (ROOT / "src" / "relnotes" / mutant.file).read_text(encoding="utf-8")
    changed = mutant.applied(original)
    if changed is None:
        return "its text is not in the file once"
    path.write_text(changed, encoding="utf-8")
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-o", "addopts=", "-p", "no:cacheprovider",
             "-p", "no:xdist", *_arguments(mutant.tests)],
            cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
            env=os.environ | {"PYTHONPATH": str(house / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    finally:
        path.write_text(original, encoding="utf-8")
    if run.returncode in (1, 2):
        return ""
    return "no test notices" if run.returncode == 0 else f"pytest ended with {run.returncode}"


def _arguments(tests: str) -> list[str]:
    files, _, chosen = tests.partition(" -k ")
    return [*files.split(), *(["-k", chosen] if chosen else [])]


def main() -> int:
    """Run mutants, say which are alive and what share is dead."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    mutants = drawn(chosen.sample, chosen.seed) if chosen.sample else listed()
    mutants = [mutant for mutant in mutants if chosen.only in str(mutant)]
    alive = 0
    with tempfile.TemporaryDirectory() as folder:
        houses: Queue[Path] = Queue()
        for job in range(chosen.jobs):
            house = Path(folder) / str(job)
            shutil.copytree(ROOT / "src", house / "src")
            (house / "data").symlink_to(ROOT / "data")
            houses.put(house)

        def tried(mutant: Mutant) -> str:
            house = houses.get()
            try:
                return survives(mutant, house)
            finally:
                houses.put(house)

        with ThreadPoolExecutor(chosen.jobs) as pool:
            for mutant, why in zip(mutants, pool.map(tried, mutants), strict=True):
                if why:
                    alive += 1
                    line = ""
                    if mutant.place >= 0:
                        text = (ROOT / "src" / "relnotes" / mutant.file).read_text("utf-8")
                        line = f" (line {text[: mutant.place].count(chr(10)) + 1})"
                    print(f"alive: {mutant}{line}: {why}", flush=True)
    dead = len(mutants) - alive
    print(f"{dead} of {len(mutants)} mutants are dead ({dead / max(1, len(mutants)):.0%}).")
    return bool(alive) and not chosen.sample


if __name__ == "__main__":
    sys.exit(main())
