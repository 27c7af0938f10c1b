"""How good and how fast the matching is: on noise, on labelled sets, as records grow.

    python benchmarks/matching.py noise [SIZE]        quality and time by grade of damage
    python benchmarks/matching.py growth [LARGEST]    time from 100 records on, tenfold
    python benchmarks/matching.py export SIZE GRADE FILE   noise as CSV, for other tools
    python benchmarks/matching.py labelled FOLDER [PYTHON]   sets of others, one folder each

PYTHON is an interpreter that has bib-dedupe, which is then timed on the same sets beside ours.

A labelled set is a folder with ``records_pre_merged.csv`` (ID, title, author, year, journal
or booktitle, volume, number, pages, doi; authors joined by " and ") and
``merged_record_ids.csv`` (a column ``merged_ids``: the IDs of one work, joined by ";").
"""

from __future__ import annotations

import csv
import gc
import re
import resource
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from noise import GRADES, noise

from relnotes.desk.formats.records import Kind, Person, Record
from relnotes.desk.matching.matching import Matching, match

T = TypeVar("T")
Pairs = set[tuple[int, int]]

# ------------------------------------------------------------------- what it is held against


def exact_keys(records: Sequence[Record]) -> dict[str, list[int]]:
    """Group records by a key, the plain way: DOI, else title, year and first author.

    One pass, every field cleaned with the standard library as most scripts do it.
    """
    groups: dict[str, list[int]] = {}
    for position, record in enumerate(records):
        doi = record.doi.strip().lower()
        title = unicodedata.normalize("NFKD", record.title).casefold()
        title = re.sub(r"[^\w]+", " ", "".join(c for c in title if not unicodedata.combining(c)))
        first = record.authors[0].family.casefold() if record.authors else ""
        groups.setdefault(f"{title.strip()}|{record.year}|{first}", []).append(position)
        if doi:
            groups.setdefault(doi, []).append(position)
    return groups


# ------------------------------------------------------------------------------- measures


def timed(act: Callable[[], T], times: int = 1) -> tuple[T, float]:
    best = float("inf")
    for _ in range(times):
        gc.collect()
        start = time.process_time()
        answer = act()
        best = min(best, time.process_time() - start)
    return answer, best


def pairs_of(groups: Iterable[Sequence[int]]) -> Pairs:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def quality(found: Pairs, true: Pairs) -> str:
    right = len(found & true)
    precision = right / len(found) if found else 1.0
    recall = right / len(true) if true else 1.0
    both = precision + recall
    score = 2 * precision * recall / both if both else 0.0
    return f"P {precision:.4f}  R {recall:.4f}  F1 {score:.4f}"


def peak_memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB"


# ---------------------------------------------------------------------------- benchmarks


def by_grade(size: int) -> None:
    for grade in GRADES:
        sample = noise(size, grade)
        true = sample.pairs()
        found, seconds = timed(lambda records=sample.records: match(records), 2)
        plain, plain_seconds = timed(lambda records=sample.records: exact_keys(records), 2)
        print(
            f"grade {grade}  {size:,} records  {quality(pairs_of(found.clusters), true)}  "
            f"{seconds:.2f} s;  exact keys {quality(pairs_of(plain.values()), true)}  "
            f"{plain_seconds:.2f} s;  {seconds / plain_seconds:.1f} times"
        )


def growth(largest: int) -> None:
    size = 100
    while size <= largest:
        sample = noise(size, 2)
        times = 3 if size <= 100_000 else 1
        _, plain_seconds = timed(lambda records=sample.records: exact_keys(records), times)
        found, seconds = timed(lambda records=sample.records: match(records), times)
        print(
            f"{size:>9,} records  {seconds:8.3f} s  {seconds / size * 1e6:6.1f} µs each  "
            f"exact keys {plain_seconds:7.3f} s  {seconds / plain_seconds:4.1f} times  "
            f"{found.compared / size:.2f} pairs each  left out {found.left_out:,}  "
            f"{quality(pairs_of(found.clusters), sample.pairs())}  {peak_memory()}",
            flush=True,
        )
        size *= 10


def export(size: int, grade: int, file: Path) -> None:
    sample = noise(size, grade)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            [
                "ID",
                "ENTRYTYPE",
                "title",
                "author",
                "year",
                "journal",
                "volume",
                "number",
                "pages",
                "doi",
                "work",
            ]
        )
        for at, (r, work) in enumerate(zip(sample.records, sample.work, strict=True)):
            writer.writerow(
                [f"id_{at}", r.kind, r.title, " and ".join(map(str, r.authors)), r.year,
                 r.container, r.volume, r.issue, "--".join(filter(None, r.pages)), r.doi, work]
            )  # fmt: skip


# -------------------------------------------------------------------------- labelled sets

KINDS: dict[str, Kind] = {
    "article": "article", "inproceedings": "conference", "proceedings": "book",
    "incollection": "chapter", "inbook": "chapter", "techreport": "report", "book": "book",
    "phdthesis": "thesis",
}  # fmt: skip


def _person(name: str) -> Person:
    family, comma, given = name.partition(",")
    if comma:
        return Person(family.strip(), given.strip())
    initials = re.fullmatch(r"(.+?)\s+((?:[A-Z]\.?[\s-]?){1,4})", name)
    if initials:
        return Person(initials[1], initials[2])
    given, _, family = name.rpartition(" ")
    return Person(family, given)


def _pages(text: str) -> tuple[str, str]:
    start, _, end = (part.strip() for part in re.sub(r"[-–—]+", "-", text).partition("-"))
    if start.isdecimal() and end.isdecimal() and len(end) < len(start):
        end = start[: -len(end)] + end
    return start, end


def _record(row: dict[str, str], position: int) -> Record:
    doi = re.search(r"10\.\d{4,9}/\S+", row.get("doi", "").lower().replace("%2f", "/"))
    year = re.search(r"(1[5-9]|20)\d\d", row.get("year", ""))
    names = re.split(r"\s+and\s+", row.get("author", ""))
    return Record(
        source="labelled",
        position=position,
        line=None,
        kind=KINDS.get(row.get("ENTRYTYPE", "article"), "other"),
        title=" ".join(row["title"].split()),
        authors=tuple(_person(name.strip()) for name in names if name.strip()),
        year=int(year[0]) if year else None,
        container=row.get("journal") or row.get("booktitle") or "",
        volume=row.get("volume", ""),
        issue=row.get("number", ""),
        pages=_pages(row.get("pages", "")),
        doi=doi[0].rstrip(".,;") if doi else "",
        issn=tuple(re.findall(r"\d{4}-\d{3}[\dXx]", row.get("isbn", ""))),
    )


def read_labelled(folder: Path) -> tuple[list[Record], Pairs]:
    csv.field_size_limit(2**30)
    with (folder / "records_pre_merged.csv").open(encoding="utf-8", newline="") as stream:
        rows = [{k: v or "" for k, v in row.items()} for row in csv.DictReader(stream)]
    place = {row["ID"]: at for at, row in enumerate(rows)}
    with (folder / "merged_record_ids.csv").open(encoding="utf-8", newline="") as stream:
        groups = [
            [place[one.strip()] for one in row["merged_ids"].split(";") if one.strip()]
            for row in csv.DictReader(stream)
        ]
    return [_record(row, at) for at, row in enumerate(rows, start=1)], pairs_of(groups)


_BIB_DEDUPE = """
import sys, time, pandas as pd
from bib_dedupe.bib_dedupe import block, cluster, match, prep
records = pd.read_csv(sys.argv[1], dtype=object)
start = time.process_time()
sets = cluster(match(block(prep(records, verbosity_level=0, cpu=1), verbosity_level=0, cpu=1),
                     verbosity_level=0, cpu=1), verbosity_level=0)
print("SECONDS", time.process_time() - start)
place = {name: at for at, name in enumerate(records["ID"])}
for one in sets:
    print("SET", *(place[name] for name in one))
"""


def by_bib_dedupe(python: str, file: Path) -> tuple[Pairs, float]:
    """Pairs and seconds of bib-dedupe, which runs in an environment of its own."""
    told = subprocess.run([python, "-c", _BIB_DEDUPE, str(file)], capture_output=True, text=True,
                          check=True).stdout.splitlines()  # fmt: skip
    seconds = next(float(line.split()[1]) for line in told if line.startswith("SECONDS"))
    return pairs_of([int(at) for at in line.split()[1:]] for line in told
                    if line.startswith("SET")), seconds  # fmt: skip


def labelled(folder: Path, python: str = "") -> None:
    for one in sorted(path.parent for path in folder.glob("*/merged_record_ids.csv")):
        records, true = read_labelled(one)
        found, seconds = timed(lambda records=records: match(records), 3)
        _, plain_seconds = timed(lambda records=records: exact_keys(records), 3)
        merged = pairs_of(found.clusters)
        shown = pairs_of((p.first, p.second) for p in (*found.links, *found.unclear))
        print(
            f"{one.name:20} {len(records):6,} records  merged {quality(merged, true)}  "
            f"with the linked and unclear {quality(merged | (shown & true), true)}  "
            f"wrong {len(merged - true)}  missed {len(true - merged)}, without a word "
            f"{len(true - merged - shown)}  {_piles(found)}  {seconds:.2f} s  "
            f"exact keys {plain_seconds:.3f} s"
        )
        if python:
            theirs, their_seconds = by_bib_dedupe(python, one / "records_pre_merged.csv")
            print(f"{'bib-dedupe':>20} {'':15} merged {quality(theirs, true)}  wrong "
                  f"{len(theirs - true)}  missed {len(true - theirs)}  {their_seconds:.2f} s")  # fmt: skip


def _piles(found: Matching) -> str:
    return "  ".join(f"{pile} {len(found.pile(pile))}" for pile in ("new", "duplicate", "unclear"))


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["noise", *size]:
            by_grade(int(size[0]) if size else 10_000)
        case ["growth", *largest]:
            growth(int(largest[0]) if largest else 100_000)
        case ["export", size, grade, file]:
            export(int(size), int(grade), Path(file))
        case ["labelled", folder, *python]:
            labelled(Path(folder), *python)
        case _:
            print(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
