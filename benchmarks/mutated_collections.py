"""Collections that somebody has damaged: each is checked, and what passes is drawn whole.

    python benchmarks/mutated_collections.py [HOW_MANY] [SEED] [FIRST] [NOTEBOOKS]

Each of HOW_MANY (3,000) small collections, of another field or cut from the house's, has one to
four of its files changed: bytes, cells, rows, columns, line ends, encodings, the descriptor, the
bibliography, files that are none, or one name changed wherever it stands. A check that answers in
words is right; anything raised that is no answer for people is printed with its number. What passes
is drawn in every registered figure, and every notebook runs on the first NOTEBOOKS (0) of them.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import nbformat

from relnotes import CollectionError, check_collection, open_collection
from relnotes.desk.starting import laid_files
from relnotes.evidence.collection import DATA_VARIABLE
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.evidence.schema import DESCRIPTOR
from relnotes.figures import make, names
from relnotes.figures.style import UnprintableError
from relnotes.show.reproduce import notebooks_in

HOUSE = Path(__file__).parents[1] / "data"

ODD = [
    "", " ", "not_coded", "not_reported", "not_applicable", "NaN", "None", "inf", "-inf", "1e999",
    "-0", "0", "-1", "1e-320", "=1+1", "@SUM(1)", "\x00", "\x1b]0;x\x07", "é", "e\u0301", "\u202e",
    "\u200b", "\ufeff", "\ufffd", "\U0001f600", "a" * 5000, "ab " * 400, "<b>", "<script>x</script>",
    "&amp;", "0.5", "99999999999999999999", ";", ";;", "no-concept", "2999", "9999", "0000", "1", "-44",
    "lexical", "adjudicated", "reading", '"', '""', "bond", "trust", "\u2028", "１２", "²", "x;x", "x; x", "[",
    "doe-2001[", "doe-2001[p. 1]", "$x_1$", "$", "\\frac", "{", "}", "%", "%s", "{0}", "_", "#", "../x", "/etc",
    "'", "‘", "|", "`", "*", "**", "\t", "a\nb", "a\rb", "a,b", "True", "12 months", "r", "odds_ratio", "d",
    "verified", "complete", "exact", "none", "close", "related", "named_only", "direction_only",
]  # fmt: skip

LABELS = [
    "<img src=x onerror=alert(1)>", "A" * 300, "two words " * 30, "$\\alpha$", "$", "a_b^c", "100 %", "{x}",
    "\u05d0\u05d1\u05d2", "\u0645\u0631\u062d\u0628\u0627", "\u202eabc", "naïve", "Ünïcødé – ‘x’", "[x](javascript:a)",
    "a|b", "`x`", "#1", "=x", "1", "0.5", "2001", "nan", "None", "true", "x y", "x.y", "x/y", "x:y", "x'y", 'x"y',
    "not", "no-concept", "lexical", "\U0001f600", "\u7f6a", "i\u0307", "ß", "ﬁ", "a\u0301", "\u00ad", "--", "...",
    "&", "<", ">", "A", "a b c", "CON", "index", "con", "..", ".", "%41", "?q", "x@y", "*", "~", "\\",
]  # fmt: skip
"""What a name may become wherever it stands, so that the collection stays of one piece."""

FREE = ["label", "short_label", "setting", "people", "wording", "statement", "theme", "coder", "outcome",
        "jurisdiction", "note", "definition", "gloss", "reason", "voices", "publisher", "family", "comparison",
        "beneficiary", "event", "text", "follow_up", "include", "measure", "term", "description"] * 4  # fmt: skip
"""Columns that may hold any words, which are changed most often."""

NUMBERS = ["0", "-1", "1", "0.0", "1e308", "-1e308", "1e-300", "123456789012345", "9999", "1000", "2026",
           "not_reported", "not_applicable", "not_coded", "0.999999999999", "100", "99", "50"]  # fmt: skip


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def as_text(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def cell(text: str, chance: random.Random) -> str:
    """Put something odd, or another cell of the table, into one cell or a few."""
    rows = parsed(text)
    for _ in range(chance.choice([1, 1, 1, 5])):
        row = chance.choice(rows[1:] or rows)
        at = chance.randrange(len(row))
        row[at] = chance.choice([chance.choice(ODD), chance.choice(chance.choice(rows) or [""])])
    return as_text(rows)


def numbers(text: str, chance: random.Random) -> str:
    """Put an extreme number where a number stands."""
    rows = parsed(text)
    places = [(r, c) for r, row in enumerate(rows[1:], 1) for c, value in enumerate(row)
              if re.fullmatch(r"-?[\d.]+", value)]  # fmt: skip
    for r, c in chance.choices(places, k=2) if places else []:
        rows[r][c] = chance.choice(NUMBERS)
    return as_text(rows)


def row(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    match chance.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        case 2:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = lines[at] + chance.choice([",", ",,x", '"'])
        case _:
            lines = [*lines[:1], ""]
    return "\n".join(lines)


def column(text: str, chance: random.Random) -> str:
    """Drop, double, move, rename, empty or fill a column, or exchange two."""
    rows = parsed(text)
    width = len(rows[0])
    at, to, way = chance.randrange(width), chance.randrange(width), chance.randrange(7)
    name, fill = chance.choice([*ODD[:30], "Label", rows[0][to]]), chance.choice(ODD)
    for number, cells in enumerate(rows):
        if len(cells) != width:
            continue
        match way:
            case 0:
                del cells[at]
            case 1:
                cells.insert(to, cells[at])
            case 2:
                cells.insert(to, cells.pop(at))
            case 3 if number == 0:
                cells[at] = name
            case 4 if number:
                cells[at] = ""
            case 5 if number:
                cells[at] = fill
            case 6 if number:
                cells[at], cells[to] = cells[to], cells[at]
    return as_text(rows)


def piece(text: str, chance: random.Random) -> str:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    end = min(end, start + 40)
    return text[:start] + chance.choice([*ODD, text[start:end] * 2, "\n", ","]) + text[end:]


def ends(text: str, chance: random.Random) -> str:
    return chance.choice(["", "\ufeff", "\ufeff\ufeff"]) + text.replace(
        "\n", chance.choice(["\r\n", "\r", "\n\n", " \n", "\n"])
    )


def entry(text: str, chance: random.Random) -> str:
    """Damage one entry of a bibliography."""
    starts = [found.start() for found in re.finditer("^@", text, re.MULTILINE)] or [0]
    at = chance.choice(starts)
    one = text[at : min([s for s in starts if s > at], default=len(text))]
    new = chance.choice([
        "", one + one, one.replace("}", "", 1), one.replace("{", "(", 1), one.replace("year", "yaer"),
        one.replace("title", "Title"), one.replace("=", " ", 1), one.replace(",", "", 1),
        re.sub(r"author\s*= \{.*", "author = {},", one), re.sub(r"year\s*= \{.*", "year = {c. 19},", one),
        re.sub(r"title\s*= \{.*", lambda _: "title = {" + chance.choice(LABELS) + "},", one),
        re.sub(r"title\s*= \{.*", lambda _: r"title = {\textbf{\input{/etc/passwd}$x^{2}$}},", one),
        re.sub(r"\{(\S+),", r"{\1, crossref = {\1},", one, count=1), one.replace("@book", "@zzz"),
        "@string{a = a # a}\n" + one, "@comment{" + one, one.upper(), one.replace("\n", " "),
        re.sub(r"year\s*= \{.*", "date = {2001-99-99/..},", one), re.sub(r"year\s*= \{.*", "", one),
        re.sub(r"author\s*= \{.*", "author = {A and B and others and and {}},", one),
        one.replace("title", "doi = {10.1/<b>}, url = {javascript:alert(1)}, title"),
    ])  # fmt: skip
    return text[:at] + new + text[at + len(one) :]


def descriptor(text: str, chance: random.Random) -> str:
    """Change one value somewhere in a descriptor."""
    content = json.loads(text)
    place: object = content
    for _ in range(chance.randrange(1, 9)):
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            break
        key = chance.choice(list(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or chance.random() < 0.15:
            place[key] = chance.choice([None, 0, 1, -1, 1e308, "", "x", "1", [], {}, "../x", "/etc/passwd",
                                        "([a-z]+)*$", "(", ".*", True, ["x"], {"x": 1}, "number", "integer",
                                        "\ud800", "<b>x</b>", "a" * 3000, "studies.csv"])  # fmt: skip
            break
        place = inner
    return json.dumps(content)


def none_file(path: Path, chance: random.Random) -> None:
    """Put something in the place of a file that is no file of text."""
    content = path.read_bytes()
    path.unlink()
    match chance.randrange(7):
        case 0:
            path.mkdir()
        case 1:
            path.write_bytes(b"")
        case 2:
            path.symlink_to("nowhere")
        case 3:
            path.symlink_to(path.name)
        case 4:
            path.write_bytes(chance.randbytes(500))
        case 5:
            path.write_bytes(content[: chance.randrange(len(content) + 1)])
        case 6 if hasattr(os, "mkfifo"):
            os.mkfifo(path)


def everywhere(folder: Path, chance: random.Random) -> None:
    """Change a cell's value wherever a cell holds it: an id, a label, a coder, a setting."""
    tables = {p: parsed(p.read_text("utf-8")) for p in folder.glob("*.csv") if p.is_file()}
    words = [
        (name, value)
        for table in tables.values() if table
        for row in table[1:]
        for name, value in zip(table[0], row, strict=False)
    ]  # fmt: skip
    if not words:
        return
    name = chance.choice([*FREE, *{name for name, _ in words}])
    old = chance.choice([value for column, value in words if column == name] or [words[0][1]])
    new = chance.choice([*LABELS, *LABELS, *ODD])
    for path, table in tables.items():
        swapped = [[new if c == old else c for c in row] for row in table[1:]]
        path.write_text(as_text([*table[:1], *swapped]), encoding="utf-8", newline="")


def damaged(folder: Path, chance: random.Random) -> None:
    if chance.random() < 0.4:
        for _ in range(chance.randrange(1, 4)):
            everywhere(folder, chance)
        return
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix != ".md")
    for path in chance.choices(files, k=chance.choice([1, 1, 2, 3, 4])):
        if path.is_symlink() or not path.is_file():  # damaged already
            continue
        if chance.random() < 0.04:
            none_file(path, chance)
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except (UnicodeDecodeError, OSError):  # damaged already
            continue
        ways = ([piece, ends, entry, entry, entry] if path.suffix == ".bib" else
                [cell, cell, cell, numbers, numbers, row, column, piece, ends])  # fmt: skip
        way = descriptor if path.name == DESCRIPTOR else chance.choice(ways)
        try:
            encoding = chance.choice(["utf-8"] * 12 + ["utf-16", "cp1252"])
            path.write_bytes(way(text, chance).encode(encoding))
        except (UnicodeEncodeError, ValueError, IndexError, csv.Error):
            continue


def _write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


def bases(root: Path) -> list[Path]:
    """Lay down sound collections: the rules' sample, those of the tests, an empty one, cuts."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from test_foreign import FIELDS, build
    from test_second_collection import LIKE, MENTORING

    house = (HOUSE / DESCRIPTOR).read_text("utf-8")
    made = [_write(root / "sample", dict(SAMPLE)),
            _write(root / "described", {**SAMPLE, DESCRIPTOR: house})]  # fmt: skip
    made += [_write(root / name, {**MENTORING, **text}) for name, text in LIKE.items()]
    made += [build(root / name, field, 5) for name, field in FIELDS.items()]
    empty = {name: content.decode() for name, content in laid_files("Empty", "", "a; b").items()}
    made.append(_write(root / "empty", empty))
    made += [cut(root / f"cut {number}", random.Random(number)) for number in range(6)]
    return made


def cut(folder: Path, chance: random.Random) -> Path:
    """Cut a few frameworks with all that hangs on them from the house collection."""
    tables = {p.name: parsed(p.read_text("utf-8")) for p in HOUSE.glob("*.csv")}
    heads = {name: table[0] for name, table in tables.items()}

    def kept(name: str, column: str, ids: set[str]) -> None:
        at = heads[name].index(column)
        tables[name][1:] = [row for row in tables[name][1:] if row[at] in ids]

    def ids(name: str, column: str) -> set[str]:
        return {row[heads[name].index(column)] for row in tables[name][1:]}

    def some(name: str, column: str, number: int) -> None:
        kept(name, column, set(chance.sample(sorted(ids(name, column)), number)))

    some("frameworks.csv", "framework_id", chance.randrange(1, 6))
    kept("elements.csv", "framework_id", ids("frameworks.csv", "framework_id"))
    kept("crosswalk.csv", "element_id", ids("elements.csv", "element_id"))
    some("claims.csv", "claim_id", 6)
    kept("claim_concepts.csv", "claim_id", ids("claims.csv", "claim_id"))
    some("findings.csv", "finding_id", 6)
    for row in tables["concepts.csv"][1:]:
        for name in ("example", "borderline"):
            row[heads["concepts.csv"].index(name)] = "not_coded"
    texts = {name: as_text(rows) for name, rows in tables.items()}
    for name in (DESCRIPTOR, "references.bib"):
        path = HOUSE / name
        texts[name] = (path if path.is_file() else HOUSE.parent / name).read_text("utf-8")
    return _write(folder, texts)


def tried(number: int, seed: int, sound: list[Path]) -> tuple[str, str, Path]:
    """Say what became of one damaged collection, and what was raised if anything was."""
    chance = random.Random(f"{seed}/{number}")
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(chance.choice(sound), folder, dirs_exist_ok=True)
    damaged(folder, chance)
    at = "check"
    try:
        errors = [f for f in check_collection(folder) if f.severity == "error"]
        try:
            collection = open_collection(folder)
        except CollectionError:
            return "told in words", "", folder
        for at in names() if not errors or chance.random() < 0.1 else ():
            try:
                make(at, collection).rendered("svg")
            except UnprintableError:
                continue
    except CollectionError:  # a descriptor that cannot be used
        return "told in words", "", folder
    except Exception as error:  # whatever is raised here is a fault of ours
        return "raised", f"{at}: {where(error)}", folder
    return ("drawn" if not errors else "opened with errors"), "", folder


def where(error: Exception) -> str:
    """Return an error with the place in our own code that it came from."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if "relnotes" in f.filename]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}: {str(error)[:160]} ({place})"


def run_cells(notebook: Path, folder: Path) -> str:
    """Run the code cells of a notebook on a collection; return what was raised."""
    os.environ[DATA_VARIABLE] = str(folder)
    known: dict[str, object] = {}
    for number, cell in enumerate(nbformat.read(notebook, as_version=4).cells):
        if cell.cell_type != "code":
            continue
        lines = ast.parse(cell.source).body
        last = lines.pop() if isinstance(lines[-1], ast.Expr) else None
        try:
            exec(compile(ast.Module(lines, []), notebook.name, "exec"), known)
            shown = last and eval(compile(ast.Expression(last.value), notebook.name, "eval"), known)
            for way in ("_repr_mimebundle_", "_repr_html_"):
                getattr(shown, way, dict)()
        except UnprintableError:
            continue
        except Exception as error:
            return f"{notebook.name}, cell {number}: {where(error)}"
    return ""


def main(arguments: list[str]) -> None:
    given = [int(argument) for argument in arguments]
    how_many, seed, first, notebooks = [*given, *(3000, 1, 0, 0)[len(given) :]]
    started, ends_as = time.monotonic(), Counter()
    with tempfile.TemporaryDirectory() as root:
        sound = bases(Path(root))
        for number in range(first, first + how_many):
            what, raised, folder = tried(number, seed, sound)
            ends_as[what] += 1
            if raised:
                print(f"{number}: {raised}", flush=True)
            if what == "drawn" and notebooks:
                notebooks -= 1
                ends_as["run in notebooks"] += 1
                for notebook in notebooks_in(HOUSE.parent / "notebooks"):
                    if raised := run_cells(notebook, folder):
                        print(f"{number}: {raised}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            if number % 100 == 99:
                print(f"up to {number}: {dict(ends_as)}", flush=True)
    print(f"{how_many:,} collections in {time.monotonic() - started:.0f} s: {dict(ends_as)}")


if __name__ == "__main__":
    main(sys.argv[1:])
