"""Collections that somebody has damaged: each is checked, and what passes is drawn whole.

    python benchmarks/mutated_collections.py [HOW_MANY] [SEED] [FIRST]

Each of HOW_MANY (3,000 by default) small collections has one to four of its files changed at
random: bytes, cells, rows, columns, line ends, encodings, the descriptor, the bibliography. A check
that answers in words is right; anything raised that is no answer for people is printed with its
number. What opens is drawn in every registered figure.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from relnotes import CollectionError, check_collection, open_collection
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.evidence.schema import DESCRIPTOR
from relnotes.figures import make, names

ODD = [
    "",
    " ",
    "not_coded",
    "not_reported",
    "not_applicable",
    "NaN",
    "1e999",
    "-0",
    "=1+1",
    "\x00",
    "\x1b]0;x\x07",
    "é",
    "é",
    "\u202e",
    "a" * 5000,
    "<b>",
    "0.5",
    "99999999999999999999",
    ";",
    "no-concept",
    "2999",
    "lexical",
    '"',
    "bond",
    "trust",
    "\u2028",
    "１２",
    "x;x",
    "[",
    "doe-2001[",
]


def cell(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    cells = lines[at].split(",")
    cells[chance.randrange(len(cells))] = chance.choice(ODD)
    lines[at] = ",".join(cells)
    return "\n".join(lines)


def row(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        case 2:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines = lines[:1]
    return "\n".join(lines)


def column(text: str, chance: random.Random) -> str:
    rows = [line.split(",") for line in text.split("\n")]
    at = chance.randrange(len(rows[0]))
    for cells in rows:
        if at < len(cells):
            cells.append(cells.pop(at)) if chance.random() < 0.5 else cells.pop(at)
    return "\n".join(",".join(cells) for cells in rows)


def piece(text: str, chance: random.Random) -> str:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    end = min(end, start + 40)
    return text[:start] + chance.choice([*ODD, text[start:end] * 2, "\n", ","]) + text[end:]


def ends(text: str, chance: random.Random) -> str:
    return text.replace("\n", chance.choice(["\r\n", "\r", "\n\n", " \n"]))


def descriptor(text: str, chance: random.Random) -> str:
    content = json.loads(text)
    place: object = content
    for _ in range(chance.randrange(1, 7)):
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            break
        key = chance.choice(list(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or chance.random() < 0.2:
            place[key] = chance.choice([None, 1, "x", [], {}, "../x", "([a-z]+)*$", True])
            break
        place = inner
    return json.dumps(content)


def damaged(folder: Path, chance: random.Random) -> None:
    files = sorted(p for p in folder.iterdir() if p.is_file())
    for path in chance.choices(files, k=chance.randrange(1, 5)):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError:  # damaged already
            continue
        ways = [piece, ends] if path.suffix == ".bib" else [cell, cell, row, column, piece, ends]
        way = descriptor if path.name == DESCRIPTOR else chance.choice(ways)
        try:
            content = way(text, chance).encode(chance.choice(["utf-8"] * 8 + ["utf-16", "cp1252"]))
        except (UnicodeEncodeError, ValueError, IndexError):
            continue
        path.write_bytes(content)


def tried(number: int, seed: int, house: str) -> tuple[str, str]:
    """Say what became of one damaged collection, and what was raised if anything was."""
    chance = random.Random(f"{seed}/{number}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in SAMPLE.items():
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
        if chance.random() < 0.5:
            (folder / DESCRIPTOR).write_text(house, encoding="utf-8")
        damaged(folder, chance)
        at = "check"
        try:
            errors = [f for f in check_collection(folder) if f.severity == "error"]
            try:
                collection = open_collection(folder)
            except CollectionError:
                return "told in words", ""
            for at in names() if not errors or chance.random() < 0.2 else ():
                make(at, collection).rendered("svg")
        except Exception as error:  # whatever is raised here is a fault of ours
            return "raised", f"{at}: {type(error).__name__}: {str(error)[:160]}"
        return ("drawn" if not errors else "opened with errors"), ""


def main(arguments: list[str]) -> None:
    given = [int(argument) for argument in arguments]
    how_many, seed, first = [*given, *(3000, 1, 0)[len(given) :]]
    house = (Path(__file__).parents[1] / "data" / DESCRIPTOR).read_text(encoding="utf-8")
    started, ends_as = time.monotonic(), Counter()
    for number in range(first, first + how_many):
        what, raised = tried(number, seed, house)
        ends_as[what] += 1
        if raised:
            print(f"{number}: {raised}", flush=True)
    print(f"{how_many:,} collections in {time.monotonic() - started:.0f} s: {dict(ends_as)}")


if __name__ == "__main__":
    main(sys.argv[1:])
