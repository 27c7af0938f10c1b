"""Tables with any headers: CSV with commas, semicolons, tabs or bars, and rows from elsewhere."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from relnotes.desk.formats.fields import record_of
from relnotes.desk.formats.headers import suggest_mapping
from relnotes.desk.formats.people import bodies, people_in_cell
from relnotes.desk.formats.pieces import Piece, Raw, read_piece, too_long
from relnotes.desk.formats.records import Record
from relnotes.desk.formats.values import line_end, storable, tidy

HEADER_WITHIN = 30
"""Rows among which the header is looked for: titles, dates and notes may stand above it."""

MOST_COLUMNS = 2_000

DELIMITERS = {",": "CSV", ";": "CSV with semicolons", "\t": "tab-separated",
              "|": "CSV with vertical bars"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its place in the text (or number in a sheet), its cells, and what is wrong."""

    start: int
    end: int
    cells: Sequence[str]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A header row: its place, its names, the delimiter, and the suggested mapping."""

    start: int
    end: int
    names: tuple[str, ...]
    delimiter: str
    mapping: Mapping[str, str]


def find_header(text: str, mapping: Mapping[str, str] | None = None) -> Header | None:
    r"""Find the header row of delimited text; None where no row names a title.

    Parameters
    ----------
    text : str
        The file, lines ended by LF.
    mapping : Mapping, optional
        What a person said about headers; a header it names counts as known.

    Examples
    --------
    >>> find_header("Included studies;;\nYear;Title;Who\n").names
    ('Year', 'Title', 'Who')
    """
    head = text[:400_000]
    if len(head) < len(text):
        head = head[: head.rfind("\n") + 1]
    stated = re.match(r"\s*\"?sep=(.)\"?[ \t]*(?:\n|$)", head)
    best: Header | None = None
    for delimiter in [stated[1]] if stated and stated[1] in DELIMITERS else DELIMITERS:
        rows = itertools.islice(filter(_filled, rows_of(head, delimiter)), HEADER_WITHIN)
        found = first_header(rows, delimiter, mapping)
        if found and (best is None or len(found.mapping) > len(best.mapping)):
            best = found
    return best


def first_header(
    rows: Iterable[Row], delimiter: str, mapping: Mapping[str, str] | None
) -> Header | None:
    """Return the header among the first rows: above it stand only rows that are narrower.

    Else a record whose cells happen to read like headers would cut off those above it.
    """
    widest = 0
    for row in rows:
        filled = sum(1 for cell in row.cells if cell.strip())
        if row.broken or not filled or len(row.cells) > MOST_COLUMNS:
            continue
        found = _header(row, delimiter, mapping)
        if found and (widest == 0 or (filled > widest and len(found.mapping) > 1)):
            return found
        widest = max(widest, filled)
    return None


_DATA = re.compile(r"\s*(?:[\d.,/-]+|https?://.*|10\.\d{4,}/.*|.*`.*|.{101,})\s*", re.DOTALL)
"""A cell that holds a value, not the name of a column."""


def _header(row: Row, delimiter: str, mapping: Mapping[str, str] | None) -> Header | None:
    names = unique(row.cells)
    known = mapped(names, mapping)
    if "title" not in known.values() or any(_DATA.fullmatch(name) for name in names):
        return None
    if len(names) == 1 and not re.fullmatch(r"[\w ]+", names[0]):
        return None  # "% Title" heads a text, not a column
    return Header(row.start, row.end, names, delimiter, known)


def unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Return header names, the empty ones numbered and the repeated ones told apart."""
    names: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    cells = list(cells)
    while cells and not cells[-1].strip():
        cells.pop()
    for place, cell in enumerate(cells, 1):
        name = base = tidy(cell) or f"column {place}"
        while name in taken:
            counts[base] = counts.get(base, 1) + 1
            name = f"{base} ({counts[base]})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def mapped(names: Sequence[str], mapping: Mapping[str, str] | None) -> dict[str, str]:
    """Return the suggested mapping, with what a person said in its place."""
    stated = {h: f for h, f in (mapping or {}).items() if h in names}
    given = set(stated.values())
    suggested = {
        h: f for h, f in suggest_mapping(names).items() if h not in stated and f not in given
    }
    both = suggested | {h: f for h, f in stated.items() if f}
    return {name: both[name] for name in names if name in both}


_PLAIN = re.compile(r"[^<>={}\[\]]{1,60}")
"""A name that a column has, and no piece of program text."""


def columns_named(line: str) -> str:
    """Return the columns that a line of a file plainly names, as the header of a table would.

    Examples
    --------
    >>> columns_named("Title;Authors;Year"), columns_named("Trust, time and care, 2020")
    ('table of Title; Authors; Year', '')
    """
    for delimiter in DELIMITERS:
        if delimiter in line:
            row = next(rows_of(line, delimiter))
            found = None if row.broken else _header(row, delimiter, None)
            plain = found and all(_PLAIN.fullmatch(name) for name in found.names)
            if plain and found and len(found.mapping) >= min(3, len(found.names)):
                return _columns(found)
    return ""


def header_named(text: str, columns: str, mapping: Mapping[str, str] | None) -> Header | None:
    """Return the header that names these columns, as `columns_named` tells them."""
    position = 0
    for line in text.split("\n") if columns else ():
        if columns_named(line) == columns:
            for delimiter in DELIMITERS:
                found = _header(next(rows_of(text, delimiter, position)), delimiter, mapping)
                if found and columns == _columns(found):
                    return found
        position += len(line) + 1
    return find_header(text, mapping)


def fields_in_rows(text: str) -> bool:
    r"""Whether the names of fields stand below one another, each with its value, as Embase can do.

    Examples
    --------
    >>> fields_in_rows('"TITLE","Trust"\n"AUTHOR NAMES","Doe A."\n"DOI","10.5555/x"\n')
    True
    """
    rows = itertools.islice(filter(_filled, rows_of(text[:100_000], ",")), HEADER_WITHIN)
    firsts = [row.cells[0] for row in rows if len(row.cells) > 1]
    named = suggest_mapping(list(dict.fromkeys(firsts)))
    return "title" in named.values() and len(named) * 2 > len(set(firsts)) and len(named) > 2


def _columns(header: Header) -> str:
    return f"table of {f'{header.delimiter} '.join(header.names)}"


def read_table(text: str, header: Header) -> Iterator[Piece]:
    r"""Read delimited text below its header row.

    Examples
    --------
    >>> text = "Title,Year\nTrust,2014\nTime,2015,x\n"
    >>> [p.reason[:30] or p.passed or p.record.title
    ...  for p in read_table(text, find_header(text))]
    ['header', 'Trust', 'it has 3 cells under 2 headers']
    """
    for row in rows_of(text[: header.start], header.delimiter):
        filled = sum(1 for cell in row.cells if cell.strip())
        if not row.broken and min(len(row.cells), filled * 2) < len(header.names):
            yield Piece(row.start, row.end, passed="line above the header")
        else:
            yield Piece(row.start, row.end, reason="no header above it says what its cells are")
    yield Piece(header.start, header.end, passed="header")
    rows = rows_of(text, header.delimiter, header.end, width=len(header.names))
    yield from read_rows(rows, header.names, header.mapping)


def read_rows(
    rows: Iterable[Row], names: Sequence[str], mapping: Mapping[str, str]
) -> Iterator[Piece]:
    """Read the rows of a table or sheet; those without any text are left out."""
    for row in rows:
        if not row.broken and not _filled(row):
            continue
        if _is_header(row.cells, names):
            yield Piece(row.start, row.end, passed="header again")
            continue
        reason = row.broken
        extra = [cell for cell in row.cells[len(names) :] if cell.strip()]
        if not reason and extra:
            reason = (f"it has {len(row.cells):,} cells under {len(names):,} headers: perhaps a "
                      "separator inside a cell is not in quotes")  # fmt: skip
        if reason:
            yield Piece(row.start, row.end, reason=reason)
            continue
        raw = {n: storable(c) for n, c in zip(names, row.cells, strict=False) if c.strip()}
        yield read_piece(row.start, row.end, raw, frozenset(mapping),
                         functools.partial(_interpret, raw, mapping))  # fmt: skip


def _filled(row: Row) -> bool:
    return any(cell.strip() for cell in row.cells)


def _is_header(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a row is the header again, as where two exports were joined."""
    if len(names) < 2 or len(cells) < 2 or cells[-1].strip() != names[-1]:
        return False
    return unique(cells) == tuple(names)


def _interpret(raw: Raw, mapping: Mapping[str, str]) -> Record:
    cells: dict[str, str] = {}
    for header, field in mapping.items():
        cell = str(raw.get(header, ""))
        cells[field] = f"{cells[field]}; {cell}" if cells.get(field) and cell else \
            cells.get(field) or cell  # fmt: skip
    return record_of_cells(raw, cells)


def record_of_cells(raw: Raw, cells: Mapping[str, str]) -> Record:
    """Make a record of the text there is for each field of `FIELDS`."""
    known = {f: _unwrapped(c) for f, c in cells.items() if c}
    known = {f: c for f, c in known.items() if c.lower() not in _EMPTY}
    authors = people_in_cell(known.get("authors", "")) + bodies(known.get("bodies", "").split(";"))
    values = {field: [cell] for field, cell in known.items()}
    if "kind" in cells and "kind" not in known:
        values["kind"] = []
    return record_of(values, raw, authors, people_in_cell(known.get("editors", "")))


def _unwrapped(cell: str) -> str:
    """Return a cell without the formula or mark that keeps a spreadsheet from changing it."""
    found = re.fullmatch(r"\s*=\"([^\"]*)\"\s*|\s*'([=+@-].*)", cell, re.DOTALL)
    return (found[1] or found[2] or "") if found else cell.strip()


_EMPTY = frozenset({"na", "n/a", "nan", "null", "none", "#n/a", "#ref!", "#value!", "#name?",
                    "#div/0!", "#null!", "#num!"})  # fmt: skip


# Delimited text

_MOST_MARKS = 200
"""Stray quotation marks in one cell, beyond which its row is set aside."""


def rows_of(text: str, delimiter: str, position: int = 0, width: int = 0) -> Iterator[Row]:
    """Yield the rows of a text; one whose quotes go wrong does not swallow the others.

    `width` is the number of headers, 0 while they are not known.
    """
    quoting = delimiter != "\t" or _quotes_pair(text[position : position + 1_000_000])
    while position < len(text):
        end = line_end(text, position)
        if reason := too_long(end - position):
            yield Row(position, end, (), reason)
            position = end + 1
            continue
        cells, stop = _cells(text, position, delimiter) if quoting else \
            (text[position:end].split(delimiter), end)  # fmt: skip
        if stop < 0:
            end = _pieces_end(text, end, delimiter, width)
            yield Row(position, end, (), "a quotation mark in it is never closed")
        else:
            end = stop
            yield Row(position, end, cells, too_long(end - position))
        position = end + 1


def _cells(text: str, position: int, delimiter: str) -> tuple[list[str], int]:
    """Return the cells of the row at a place and where it ends; -1 where a quote never closes."""
    cells: list[str] = []
    while True:
        opened = position
        while text[position : position + 1] == " ":
            position += 1
        if text[position : position + 1] == '"':
            close = _closing(text, position, delimiter)
            if close < 0:
                return cells, -1
            cells.append(text[position + 1 : close].replace('""', '"'))
            position = close + 1
            while text[position : position + 1] == " ":
                position += 1
        else:
            end = line_end(text, position)
            position = text.find(delimiter, position, end)
            position = end if position < 0 else position
            cells.append(text[opened:position])
        if text[position : position + 1] != delimiter:
            return cells, position
        position += 1


def _closing(text: str, opened: int, delimiter: str) -> int:
    """Return where the quotation mark of a cell is closed; -1 where it plainly is not.

    A mark before a separator closes it. One behind a separator, on a later
    line, opens another cell: then the first was never closed.
    """
    marks = 0
    position = opened + 1
    while True:
        position = text.find('"', position)
        if position < 0 or marks > _MOST_MARKS:
            return -1
        stop = position
        while text[stop : stop + 1] == '"':
            stop += 1
        if (stop - position) % 2:
            follows = text[stop : stop + 40].lstrip(" ")[:1]
            if follows in (delimiter, "\n", ""):
                return stop - 1
            opens = text[position - 1] in (delimiter, "\n")
            if opens and "\n" in text[opened:position]:
                return -1
            marks += 1
        position = stop


def _pieces_end(text: str, end: int, delimiter: str, width: int) -> int:
    """Return where a broken row ends: before the next line that has all the cells, or is blank."""
    while width > 1 and end < len(text):
        following = line_end(text, end + 1)
        line = text[end + 1 : following]
        if not line.strip() or line.count(delimiter) >= width - 1 or following - end > 1_000_000:
            break
        end = following
    return end


def _quotes_pair(text: str) -> bool:
    """Whether tab-separated text puts cells in quotation marks."""
    opening = len(re.findall(r'(?:^|\t)"', text, re.MULTILINE))
    closing = len(re.findall(r'"(?:\t|$)', text, re.MULTILINE))
    return 0 < opening == closing
