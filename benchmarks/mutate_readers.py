"""Mutate exports and read them: no crash, no hang, no text that the account loses.

    python benchmarks/mutate_readers.py tests/exports STATE [HOW_MANY] [SEED]

HOW_MANY (20,000) inputs are made for each reader from the files of the folder that it reads:
pieces cut out, doubled, moved, thrown in and spliced with other files. Whatever goes wrong is
written to STATE, an inner folder of which keeps the inputs; started again, it goes on from there.
"""

from __future__ import annotations

import io
import json
import random
import re
import resource
import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from relnotes.desk.formats import UnreadableExport, account, read_export
from relnotes.desk.formats.encoding import decode
from relnotes.desk.formats.exports import read_text
from relnotes.desk.formats.pieces import Piece

LONGEST = 5.0
"""Seconds that an input of less than 100 kB may take."""

PIECES = [b"@", b"{", b"}", b'"', b"\n", b"\r", b"\n\n", b"TY  - ", b"ER  - ", b"PMID- ", b"\\",
          b"<record>", b"</record>", b"<", b"&", b";", b",", b"\t", b"[", b"]", b":", b"\x00",
          b"\xff", b"\xed\xa0\x80", b"PT J\n", b"- ", b"%0 Book\n", b"<1>\n", b"title,author,year\n",
          b"RT Book\n", b'{"a":', b"@book{a,", b"\xb1\xa1\xc0\xfa", b"TI  - x\n", b" and ", b"ER\n",
          b"<!--", b"<![CDATA[", b"]]>", b"&#0;", b"&#x110000;", b"\\u0000", b"\\ud800", b"1e999",
          b"NaN", b"-" * 30, b"null", b"true", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"#", b"=", b"(",
          b"@string{a=", b"\x1e", b"\x85", b"9" * 5000, b"  and others", b"$", b"%"]  # fmt: skip

BESIDES = [
    b"RT Journal Article\nSR Electronic(1)\nA1 Doe,Jane\nA1 Li,Wei\nT1 Trust in care\nJF Care\n"
    b"YR 2014\nVO 3\nIS 2\nSP 11\nOP 19\nDO 10.5555/a\n\nRT Book, Whole\nSR Print(0)\n"
    b"A1 Roe,Max\nT1 Time\nYR 2001\nSN 9780306406157\n",
    b"%0 Journal Article\n%A Doe, Jane\n%A Li, Wei\n%T Trust in care\n%J Care\n%D 2014\n%V 3\n"
    b"%N 2\n%P 11-19\n%R 10.5555/a\n\n%0 Book\n%A Roe, Max\n%T Time\n%D 2001\n%@ 9780306406157\n",
    b'[{"title": "Trust in care", "authors": "Doe, Jane; Li, Wei", "year": 2014, "doi": "10.5555/a"},'
    b' {"title": "Time", "authors": "Roe, Max", "year": 2001, "tags": ["a", {"b": null}]}]',
    b"title|authors|year|doi\nTrust in care|Doe, J.; Li, W.|2014|10.5555/a\nTime|Roe, M.|2001|\n",
]
"""Two works in each format of which the folder has no file."""

_TOKEN = re.compile(r"kept\d{3,6}word")
"""A word that is thrown in to see whether it comes out."""

_NO_VALUE = re.compile(r"^[ \t]*%[^\n]*={[^\n]*|<[^<>]*>", re.MULTILINE)
"""What a record may hold that is no value of it: a line that TeX skips, the markup of XML."""

held: list[tuple[str, Piece]] = []


def mutated(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(content))
        to = min(len(content), at + chance.randint(0, 400))
        other = chance.choice(others)
        token = b"kept%dword" % chance.randrange(1000, 999_999)
        content = chance.choice((
            content[:at] + content[to:],
            content[:to] + content[at:],
            content[:at] + chance.choice(PIECES) * chance.choice((1, 1, 2, 300)) + content[at:],
            content[:at] + chance.randbytes(chance.randint(1, 8)) + content[to:],
            content[:at] + other + content[at:],
            content[:at] + token + content[at:],
            content[:at] + b"\n" + token + b"\n" + content[at:],
            content[to:] + b"\n" + content[:at],
            content[:at] + content[at:to].swapcase() + content[to:],
        ))[:99_000]  # fmt: skip
    return content


def mutated_workbook(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Change the parts of a workbook, or, one time in four, the packed bytes."""
    if chance.random() < 0.25:
        return mutated(content, others, chance)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w") as new:
        names = old.namelist()
        hit = set(chance.choices(names, k=chance.randint(1, 3)))
        for name in names:
            inner = old.read(name)
            if name not in hit:
                new.writestr(name, inner)
            elif chance.random() < 0.95:
                new.writestr(name, mutated(inner, [inner], chance))
    return packed.getvalue()


def watched(part: account.Part) -> Iterator[Piece]:
    """Check a part as the account does, and keep the pieces."""
    for piece in _checked(part):
        held.append((part.text, piece))
        yield piece


_checked = account.checked
account.checked = watched


def lost(path: Path) -> str:
    """Read a file; return what is wrong with that, "" where nothing is."""
    held.clear()
    start = time.process_time()
    try:
        reading = read_export(path)
    except UnreadableExport:
        reading = None
    except Exception as fault:
        return f"{type(fault).__name__}: {str(fault)[:200]}"
    if (seconds := time.process_time() - start) > LONGEST:
        return f"{seconds:.0f} s"
    if reading is None:
        return ""
    for rejected in reading.rejected:
        if "please report" in rejected.reason:
            return rejected.reason
    places: dict[str, int] = {}
    for text, piece in held:
        if text[places.get(text, 0) : piece.start].strip():
            return f"no piece has {text[places.get(text, 0) : piece.start][:80]!r}"
        places[text] = max(piece.end, places.get(text, 0))
        if piece.record is not None:
            kept = f"{piece.record.raw}".lower()
            plain = _NO_VALUE.sub(" ", text[piece.start : piece.end])
            for token in _TOKEN.findall(plain):
                if token not in kept:
                    return f"{token} is swallowed by a record: {plain[:200]!r}"
    if left := next((t[p:] for t, p in places.items() if t[p:].strip()), ""):
        return f"no piece has {left[:80]!r}"
    str([record.raw for record in reading.records]).encode("utf-8")
    return ""


def by_reader(folder: Path) -> dict[str, list[bytes]]:
    """Return the files of a folder under the first format that is found in each."""
    groups: dict[str, list[bytes]] = defaultdict(list)
    files = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    for content in [*files, *BESIDES]:
        try:
            found = read_text(decode(content).text, "seed").format
        except UnreadableExport:
            continue
        groups[found.split(" and ")[0]].append(content)
    return {**groups, "XLSX workbook": [_workbook(groups["tab-separated"])]}


def _workbook(tables: list[bytes]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for number, table in enumerate(tables):
        sheet = book.active if not number else book.create_sheet()
        for line in table.decode("utf-8", errors="replace").replace("\x00", "").splitlines():
            sheet.append([cell if cell.strip() else None for cell in line.split("\t")])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def main(folder: Path, state: Path, number: int = 20_000, seed: int = 1) -> None:
    state.mkdir(parents=True, exist_ok=True)
    account_file = state / f"seed-{seed}.json"
    told = json.loads(account_file.read_text("utf-8")) if account_file.exists() else {}
    groups = by_reader(folder)
    every = [content for contents in groups.values() for content in contents]
    for reader, seeds in groups.items():
        done = told.setdefault(reader, {"inputs": 0, "slowest": 0.0, "peak MB": 0, "faults": []})
        workbook = reader == "XLSX workbook"
        for count in range(done["inputs"], number):
            chance = random.Random(f"{seed}/{reader}/{count}")
            change = mutated_workbook if workbook else mutated
            (state / "input").write_bytes(change(chance.choice(seeds), every, chance))
            start = time.process_time()
            if fault := lost(state / "input"):
                done["faults"].append(f"{count}: {fault}")
                name = re.sub(r"\W", "-", f"{seed}-{reader}-{count}")
                (state / "input").rename(state / name)
            done["slowest"] = max(done["slowest"], round(time.process_time() - start, 2))
            if count % 500 == 499 or count == number - 1:
                done["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                done["inputs"] = count + 1
                account_file.write_text(json.dumps(told, indent=1), encoding="utf-8")
        faults = len(done["faults"])
        print(f"{reader}: {done['inputs']:,} inputs, {faults} faults, the slowest "
              f"{done['slowest']} s, peak {done['peak MB']} MB", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
