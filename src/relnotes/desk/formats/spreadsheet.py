"""Spreadsheets with any headers: CSV with commas, semicolons or tabs, and XLSX workbooks."""

from __future__ import annotations

import csv
import datetime
import functools
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from relnotes.desk.formats.account import Account, Place, Raw, too_long
from relnotes.desk.formats.headers import FIELDS, suggest_mapping
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.people import people_in_cell
from relnotes.desk.formats.records import CollectionWorkbook, Reading, Record, UnreadableExport
from relnotes.desk.formats.values import (
    date_text,
    doi_of,
    isbns_of,
    issns_of,
    page_range,
    pmid_of,
    storable,
    tidy,
    year_of,
)

HEADER_WITHIN = 30
"""Rows among which the header is looked for: titles, dates and notes may stand above it."""

MOST_COLUMNS = 2_000
MOST_ROWS = 1_048_576
MOST_CELLS = 60_000_000
MOST_UNPACKED = 256 * 1024**2
"""Limits of a sheet, and bytes a workbook may have when unpacked."""

DELIMITERS = {",": "CSV", ";": "CSV with semicolons", "\t": "tab-separated",
              "|": "CSV with vertical bars"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line or number, its cells, its text, and what is wrong with it."""

    line: int
    cells: Sequence[str]
    text: str = ""
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A header row: where it ends, its names, the delimiter, and the suggested mapping."""

    line: int
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
        rows = itertools.islice(_rows(head, delimiter, width=0), HEADER_WITHIN)
        found = _first_header(rows, delimiter, mapping)
        if found and (best is None or len(found.mapping) > len(best.mapping)):
            best = found
    return best


def _first_header(
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


_DATA = re.compile(r"\s*(?:[\d.,/-]+|https?://.*|10\.\d{4,}/.*|.{101,})\s*", re.DOTALL)
"""A cell that holds a value, not the name of a column."""


def _header(row: Row, delimiter: str, mapping: Mapping[str, str] | None) -> Header | None:
    names = _unique(row.cells)
    known = mapped(names, mapping)
    if "title" not in known.values() or any(_DATA.fullmatch(name) for name in names):
        return None
    if len(names) == 1 and not re.fullmatch(r"[\w ]+", names[0]):
        return None  # "% Title" heads a text, not a column
    return Header(row.line + row.text.count("\n"), names, delimiter, known)


def _unique(cells: Sequence[str]) -> tuple[str, ...]:
    """Return header names, the empty ones numbered and the repeated ones told apart."""
    names: list[str] = []
    taken: set[str] = set()
    cells = list(cells)
    while cells and not cells[-1].strip():
        cells.pop()
    for place, cell in enumerate(cells, 1):
        name = base = tidy(cell) or f"column {place}"
        count = 1
        while name in taken:
            count += 1
            name = f"{base} ({count})"
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


def check_fields(source: str, mapping: Mapping[str, str]) -> None:
    """Refuse a mapping that names no field of a record.

    Raises
    ------
    UnreadableExport
        With the fields there are.
    """
    for header, field in mapping.items():
        if field and field not in FIELDS:
            raise UnreadableExport(
                source,
                f"“{field}”, asked for column “{header}”, is no field of a record",
                f"The fields are: {', '.join(FIELDS)}.",
            )


def check_headers(source: str, mapping: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse a mapping that names no header of the file.

    Raises
    ------
    UnreadableExport
        With the headers there are.
    """
    headers = list(names)
    for header in mapping:
        if header not in headers:
            raise UnreadableExport(
                source, f"it has no column “{header}”", f"Its columns are: {', '.join(headers)}."
            )


def read_delimited(
    text: str, source: str, encoding: str, header: Header, mapping: Mapping[str, str] | None = None
) -> Reading:
    r"""Read delimited text below its header row.

    Parameters
    ----------
    text : str
        The file, lines ended by LF.
    source : str
        Name of the file.
    encoding : str
        Encoding it was read in, for the account.
    header : Header
        As `find_header` found it.
    mapping : Mapping of str to str, optional
        Header to field, where a person said otherwise than suggested; "" leaves a column out.

    Returns
    -------
    Reading
        One record or set-aside record for every row that is not blank.

    Examples
    --------
    >>> text = "Title,Year\nTrust,2014\nTime,2015,x\n"
    >>> reading = read_delimited(text, "a.csv", "ascii", find_header(text))
    >>> reading.records[0].title, reading.rejected[0].reason
    ('Trust', 'it has 3 cells under 2 headers: perhaps a separator inside a cell is not in quotes')
    """
    check_headers(source, mapping or {}, header.names)
    account = Account(source, frozenset(header.mapping))
    skipped = [line for line in text.split("\n", header.line)[: header.line - 1] if line.strip()]
    if skipped:
        account.note(f"{len(skipped)} lines above the header (line {header.line}) "
                             "belong to no record")  # fmt: skip
    rows = _rows(text, header.delimiter, width=len(header.names), after=header.line)
    counted = _take_rows(account, rows, header.names, header.mapping)
    form = DELIMITERS[header.delimiter]
    return account.reading(form, encoding, counted=counted, mapping=header.mapping)


def _take_rows(
    account: Account, rows: Iterable[Row], names: Sequence[str], mapping: Mapping[str, str]
) -> int:
    counted = blank = repeated = 0
    make = functools.partial(interpret, mapping=mapping)
    for row in rows:
        if not row.broken and not any(cell.strip() for cell in row.cells):
            blank += 1
            continue
        if _is_header(row.cells, names):
            repeated += 1
            continue
        counted += 1
        text = row.text or "\t".join(row.cells)
        reason = row.broken or too_long(len(text))
        extra = len(row.cells) - len(names)
        if not reason and extra > 0 and any(cell.strip() for cell in row.cells[len(names) :]):
            reason = (f"it has {len(row.cells):,} cells under {len(names):,} headers: perhaps a "
                      "separator inside a cell is not in quotes")  # fmt: skip
        if reason:
            account.set_aside(reason, line=row.line, text=text)
            continue
        raw = {n: storable(c) for n, c in zip(names, row.cells, strict=False) if c.strip()}
        account.take(raw, line=row.line, text=text, interpret=make)
    if repeated:
        account.note(f"the header stands {repeated} times more, which is no record")
    return counted


def _is_header(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a row is the header again, as where two exports were joined."""
    if len(names) < 2 or len(cells) < 2 or cells[-1].strip() != names[-1]:
        return False
    return _unique(cells) == tuple(names)


def interpret(place: Place, raw: Raw, *, mapping: Mapping[str, str]) -> Record:
    """Make a record of a row."""
    cells: dict[str, str] = {}
    for header, field in mapping.items():
        cell = str(raw.get(header, ""))
        cells[field] = f"{cells[field]}; {cell}" if cells.get(field) else cell
    return record_of(place, raw, cells)


def record_of(place: Place, raw: Raw, cells: Mapping[str, str]) -> Record:
    """Make a record of the text there is for each field of `FIELDS`."""
    known = {f: c for f, c in cells.items() if c and c.strip().lower() not in _EMPTY}

    def get(field: str) -> str:
        return known.get(field, "")

    container = get("container") or get("book_title")
    kind = kind_of([get("kind"), *re.split(r"[;|,]", get("kind"))])
    if kind == "other" and "kind" not in cells:
        kind = "article" if container and not get("isbn") else "other"
    date = get("year")
    first_page = get("first_page")
    pages = page_range(get("pages"))
    if not pages[0] or (first_page and get("last_page")):
        pages = page_range(_number(first_page), _number(get("last_page")))
    numbers = (get("isbn"), get("issn"))
    url = get("url")
    return Record(
        *place,
        kind=kind,
        title=tidy(get("title")),
        authors=people_in_cell(get("authors")),
        year=year_of(date),
        year_text=tidy(_number(date)),
        container=tidy(container),
        volume=tidy(_number(get("volume"))),
        issue=tidy(_number(get("issue"))),
        pages=pages,
        doi=doi_of(get("doi")) or (doi_of(url) if "doi.org/" in url.lower() else ""),
        isbn=tuple(dict.fromkeys(i for n in numbers for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in numbers for i in issns_of(n))),
        pmid=pmid_of(get("pmid")),
        url=tidy(url),
        abstract=tidy(get("abstract")),
        language=tidy(get("language")),
        publisher=tidy(get("publisher")),
        edition=tidy(get("edition")),
        editors=people_in_cell(get("editors")),
        raw=raw,
    )


_EMPTY = frozenset({"na", "n/a", "nan", "null", "none", "#n/a", "#ref!", "#value!", "#name?",
                    "#div/0!", "#null!", "#num!"})  # fmt: skip


def _number(text: str) -> str:
    """Return a whole number that a spreadsheet turned into a decimal one, as it was."""
    return re.sub(r"^(\d+)\.0+$", r"\1", text.strip())


# Delimited text


def _rows(text: str, delimiter: str, *, width: int, after: int = 0) -> Iterator[Row]:
    """Yield the rows below a line; one whose quotes go wrong does not swallow the others.

    `width` is the number of headers, 0 while they are not known.
    """
    lines = _Lines(text, after)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL
    if delimiter == "\t" and not _quotes_pair(text[:1_000_000]):
        quoting = csv.QUOTE_NONE  # tab-separated exports mostly leave quotation marks alone
    while True:
        begin = lines.number + 1
        line = lines.peek()
        if line is None:
            return
        if reason := too_long(len(line)):
            lines.skip()
            yield Row(begin, (), line[:100_000], f"line {begin} is too long: {reason}")
            continue
        cells, fault = _parsed(lines, delimiter, quoting)
        whole = "".join(lines.taken).removesuffix("\n")
        shaped = not width or len(cells) == width
        if (len(lines.taken) > 1 or fault.endswith("data")) and not (shaped and not fault):
            # A row that is whole on its first line, yet runs on, has an open quotation mark.
            alone = len(lines.taken[0].split(delimiter)) >= (width or 2)
            if alone or not cells:
                line = lines.taken[0].removesuffix("\n")
                lines.give_back(1)
                yield Row(begin, (), line, "a quotation mark in it is never closed, or a cell is "
                          f"longer than {csv.field_size_limit():,} characters")  # fmt: skip
                continue
        yield Row(begin, cells, whole)


def _parsed(lines: _Lines, delimiter: str, quoting: Literal[0, 3]) -> tuple[list[str], str]:
    """Parse the next row, by the rules of CSV or else leniently; say what broke the rules.

    No cells at all mean that a cell went beyond the limit of the parser.
    """
    fault = ""
    for strict in (True, False):
        lines.taken.clear()
        try:
            reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=strict)
            return next(reader), fault
        except csv.Error as error:
            fault = str(error)
            if strict:
                lines.give_back(0)
    return [], fault


def _quotes_pair(text: str) -> bool:
    """Whether tab-separated text puts cells in quotation marks."""
    opening = len(re.findall(r'(?:^|\t)"', text, re.MULTILINE))
    closing = len(re.findall(r'"(?:\t|$)', text, re.MULTILINE))
    return 0 < opening == closing


class _Lines:
    """The lines of a text, with the numbers, a way back, and those taken since last asked."""

    def __init__(self, text: str, after: int) -> None:
        self._text = text
        self._next = 0
        self.number = 0
        self.taken: list[str] = []
        while self.number < after and self.peek() is not None:
            self.skip()

    def peek(self) -> str | None:
        """Return the next line without taking it; None at the end."""
        if self._next >= len(self._text):
            return None
        end = self._text.find("\n", self._next)
        return self._text[self._next : len(self._text) if end < 0 else end]

    def skip(self) -> None:
        """Take the next line without a look."""
        next(self)
        self.taken.clear()

    def give_back(self, kept: int) -> None:
        """Go back over the lines taken, but for the first `kept` of them."""
        self._next -= sum(map(len, self.taken[kept:]))
        self.number -= len(self.taken[kept:])

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        """Take the next line."""
        if self._next >= len(self._text):
            raise StopIteration
        end = self._text.find("\n", self._next)
        end = len(self._text) if end < 0 else end + 1
        line = self._text[self._next : end]
        self._next = end
        self.number += 1
        self.taken.append(line)
        return line


# Workbooks


def read_workbook(path: Path, source: str, mapping: Mapping[str, str] | None = None) -> Reading:
    """Read every sheet of an XLSX workbook that has a title column.

    Formulas are not evaluated: a cell shows the value that was stored with it.

    Parameters
    ----------
    path : Path
        The workbook.
    source : str
        Name of the file.
    mapping : Mapping of str to str, optional
        As in `read_delimited`.

    Returns
    -------
    Reading
        One record or set-aside record for every row that is not blank; `line` is the row.

    Raises
    ------
    UnreadableExport
        If it is damaged, too large, or has no title column.
    CollectionWorkbook
        If its sheets are the tables of a collection.
    """
    check_workbook(path, source)
    import openpyxl  # noqa: PLC0415 (slow to import)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except Exception as fault:  # a damaged workbook trips openpyxl in many ways
            raise _damaged(source, fault) from None
        try:
            return _sheets(book, source, mapping)
        finally:
            book.close()


def _sheets(book: Any, source: str, mapping: Mapping[str, str] | None) -> Reading:
    refuse_collection(source, book.sheetnames)
    used: dict[str, str] = {}
    account = Account(source, used)
    counted = 0
    seen: list[str] = []
    read: list[str] = []
    for sheet in book.worksheets:
        rows = _sheet_rows(sheet, source)
        head = list(itertools.islice(rows, HEADER_WITHIN))
        for row in head:
            seen.extend(name for name in _unique(row.cells) if len(seen) < 1_000)
        found = _first_header(head, "", mapping)
        if found is None:
            if head:
                account.note(f"sheet “{tidy(sheet.title)}” has no title column, so it was "
                                     "not read")  # fmt: skip
            continue
        used.update(found.mapping)
        below = itertools.chain((row for row in head if row.line > found.line), rows)
        before = counted
        counted += _take_rows(account, below, found.names, found.mapping)
        read.append(f"sheet “{tidy(sheet.title)}”: records {before + 1} to {counted}")
    if not read:
        raise UnreadableExport(
            source,
            "no sheet of the workbook has a column for the title",
            "Name one column “title”, or say which column it is.",
        )
    check_headers(source, mapping or {}, [*seen, *used])
    if len(read) > 1:
        for part in read:
            account.note(part)
    return account.reading("XLSX workbook", "utf-8", counted=counted, mapping=used)


def _sheet_rows(sheet: Any, source: str) -> Iterator[Row]:
    """Yield a sheet's rows as text, within the limits of a sheet."""
    sheet.reset_dimensions()  # what the file says of its size may be a lie
    number = cells = 0
    rows = sheet.iter_rows(values_only=True)
    while True:
        try:
            values = next(rows)
        except StopIteration:
            return
        except Exception as fault:  # as above
            raise _damaged(source, fault) from None
        number += 1
        cells += len(values)
        if number > MOST_ROWS or cells > MOST_CELLS:
            raise UnreadableExport(
                source,
                f"sheet “{tidy(sheet.title)}” has more than {MOST_ROWS:,} rows or "
                f"{MOST_CELLS:,} cells",
                "Delete the empty rows and columns, or save the sheet as CSV.",
            )
        texts = [cell_text(value) for value in values]
        while texts and not texts[-1]:
            texts.pop()
        yield Row(number, texts)


def cell_text(value: object) -> str:
    """Return a cell's value as the text a person sees in it.

    Examples
    --------
    >>> cell_text(2014.0), cell_text(datetime.datetime(2014, 5, 3)), cell_text(None)
    ('2014', '2014-05-03', '')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.date):
        return date_text(value)
    return re.sub(r"_x000[dD]_", "", str(value))


def refuse_collection(source: str, sheets: Sequence[str]) -> None:
    """Refuse a workbook whose sheets are tables of a collection: it is merged, not added.

    Raises
    ------
    CollectionWorkbook
        Naming the sheets.
    """
    from relnotes.evidence.schema import house_schema  # noqa: PLC0415 (not needed for other files)

    tables = [name for name in sheets if name in house_schema().tables]
    if len(tables) > 1:
        raise CollectionWorkbook(
            source,
            f"it is a workbook of the collection itself (sheets {', '.join(tables)})",
            "Take it back with `relnotes merge`.",
        )


def check_workbook(path: Path, source: str) -> None:
    """Refuse a workbook that is no ZIP archive, or unpacks to too much.

    The sizes an archive declares bind its reader: what is unpacked beyond them
    is refused as damaged, so their sum bounds the memory and time needed.

    Raises
    ------
    UnreadableExport
        In words.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            names = {member.filename for member in members}
            encrypted = any(member.flag_bits & 1 for member in members)
    except Exception as fault:  # a damaged archive trips zipfile in many ways
        raise _damaged(source, fault) from None
    if unpacked > MOST_UNPACKED:
        raise UnreadableExport(
            source,
            f"the workbook unpacks to {unpacked / 1024**2:,.0f} MB; "
            f"{MOST_UNPACKED // 1024**2} MB are the most",
            "Save the sheet with the references as CSV.",
        )
    if encrypted:
        raise UnreadableExport(source, "it is locked with a password",
                               "Save a copy without one.")  # fmt: skip
    if "xl/workbook.xml" not in names:
        raise UnreadableExport(
            source,
            "it is a ZIP archive, but no XLSX workbook",
            "Unpack it and give the export inside; save other spreadsheets as XLSX or CSV.",
        )


def _damaged(source: str, fault: Exception) -> UnreadableExport:
    return UnreadableExport(
        source,
        f"the workbook is damaged ({type(fault).__name__})",
        "Open it in a spreadsheet program and save it anew, or as CSV.",
    )
