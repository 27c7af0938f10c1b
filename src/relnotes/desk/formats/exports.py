"""One file in, one account out: the format is told from the content, never from the name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from relnotes.desk.formats import (
    bibtex,
    csljson,
    endnote,
    jsonitems,
    jsontable,
    nbib,
    openalex,
    ris,
    wos,
)
from relnotes.desk.formats.encoding import decode
from relnotes.desk.formats.records import Reading, UnreadableExport
from relnotes.desk.formats.spreadsheet import (
    check_fields,
    check_headers,
    find_header,
    mapped,
    read_delimited,
    read_workbook,
)

LARGEST = 512 * 1024**2
"""Bytes of the largest file that is read: some 400,000 references with abstracts."""

LARGEST_WORKBOOK = 64 * 1024**2
"""Bytes of the largest workbook, which is packed."""

_KNOWN_FORMATS = (
    "BibTeX, RIS, PubMed nbib, Web of Science, CSL-JSON, OpenAlex, EndNote XML, CSV or XLSX"
)
_AS_RIS = "Export the references as RIS or BibTeX from the program that made it."

_OTHERS: dict[bytes, tuple[str, str]] = {
    b"%PDF": ("it is a PDF", "Give the references themselves, exported as RIS or BibTeX."),
    b"\xd0\xcf\x11\xe0": ("it is an old Excel or Word file", "Save it as XLSX or CSV."),
    b"\x1f\x8b": ("it is packed with gzip", "Unpack it first."),
    b"7z\xbc\xaf": ("it is packed with 7-Zip", "Unpack it first."),
    b"Rar!": ("it is packed with RAR", "Unpack it first."),
    b"{\\rtf": ("it is a formatted text (RTF)", _AS_RIS),
    b"SQLite format 3": ("it is a program's database", _AS_RIS),
    b"\x89PNG": ("it is a picture", _AS_RIS),
    b"\xff\xd8\xff": ("it is a picture", _AS_RIS),
}

_RIS_WITHOUT_TYPE = re.compile(r"^(?:TI|T1|AU|A1)  - ", re.MULTILINE)
_ENTRY_ANYWHERE = re.compile(r"@\w+\s*[{(]\s*[^\s,{}]*\s*,")

_TELLING_ITEMS = 50
"""Items of a JSON list that are looked at to tell what it holds."""

TextReader = Callable[[str, str, str], Reading]
_TAGGED: tuple[tuple[re.Pattern[str], TextReader], ...] = (
    (ris.START, ris.read_ris),
    (nbib.START, nbib.read_nbib),
    (wos.START, wos.read_wos),
    (bibtex.START, bibtex.read_bibtex),
    (_RIS_WITHOUT_TYPE, ris.read_ris),
    (_ENTRY_ANYWHERE, bibtex.read_bibtex),
)


def read_export(path: str | Path, *, mapping: Mapping[str, str] | None = None) -> Reading:
    r"""Read an export from a database, a reference manager or a colleague.

    The format is found in the content: BibTeX and BibLaTeX, RIS, PubMed nbib,
    Web of Science's tagged format, CSL-JSON, OpenAlex works (JSON and JSON
    lines), EndNote XML, and spreadsheets (CSV, TSV, XLSX) with any headers. So
    is the encoding. A record that cannot be read is set aside with its line,
    the reason and its text; the others are read.

    Parameters
    ----------
    path : str or Path
        The file.
    mapping : Mapping of str to str, optional
        For a spreadsheet: header to field (see `suggest_mapping`), where a
        person says otherwise than suggested; "" leaves a column out.

    Returns
    -------
    Reading
        The records, what was set aside, and the account of both.

    Raises
    ------
    UnreadableExport
        If the file is no export that is known, with what to do about it.
        Nothing else is raised for a file's content.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "studies.csv")
    ...     _ = file.write_text("Study title;Authors;Year\nTrust;Doe, J.;2014\n", "utf-8")
    ...     reading = read_export(file)
    >>> reading.format, reading.records[0].year, reading.mapping["Study title"]
    ('CSV with semicolons', 2014, 'title')
    """
    path = Path(path)
    source = path.name
    check_fields(source, mapping or {})
    content = _content(path, source)
    if content.startswith(b"PK\x03\x04"):
        if len(content) > LARGEST_WORKBOOK:
            raise _too_large(source, len(content), LARGEST_WORKBOOK)
        del content
        return read_workbook(path, source, mapping)
    for mark, (problem, mend) in _OTHERS.items():
        if content.startswith(mark):
            raise UnreadableExport(source, problem, mend)
    decoded = decode(content)
    del content
    reading = read_text(decoded.text, source, decoded.encoding, mapping=mapping)
    return _with_notes(reading, decoded.notes)


def read_text(
    text: str, source: str, encoding: str = "utf-8", *, mapping: Mapping[str, str] | None = None
) -> Reading:
    r"""Read an export that is text already; see `read_export`.

    Examples
    --------
    >>> read_text("@book{a, title={Trust}}", "pasted").format
    'BibTeX'
    >>> read_text("Dear all,\nhere are my references.", "letter.txt")
    Traceback (most recent call last):
    ...
    relnotes.desk.formats.records.UnreadableExport: letter.txt: it is text, but not ...
    """
    check_fields(source, mapping or {})
    start = text[:2_000].lstrip()
    if not start:
        raise UnreadableExport(source, "it is empty", "Export the references again.")
    if start.startswith("<"):
        return _read_xml(text, source, encoding)
    if start[0] in "{[":
        return _read_json(text, source, encoding, mapping)
    begin, reader = _first_start(text)
    header = find_header(text, mapping) if begin > 0 or mapping else None
    if header is not None and (reader is None or _line_start(text, header.line) < begin):
        return read_delimited(text, source, encoding, header, mapping)
    if reader is not None:
        return reader(text, source, encoding)
    if mapping and (names := text[:10_000].split("\n", 1)[0]):
        problem = f"no row of it names the columns {', '.join(mapping)}"
        raise UnreadableExport(source, problem, f"Its first line is: {names[:200]}")
    raise UnreadableExport(
        source,
        "it is text, but not in a format that is known, nor a table with a column for the title",
        f"Export the references as {_KNOWN_FORMATS}; a table needs a column named “title”.",
    )


def _first_start(text: str) -> tuple[int, TextReader | None]:
    """Return where the first record of any line format starts, and its reader."""
    for part in (text[:1_000_000], text):
        found = [
            (match.start(), reader) for start, reader in _TAGGED if (match := start.search(part))
        ]
        if found:
            return min(found, key=lambda place: place[0])
        if len(part) == len(text):
            break
    return len(text), None


def _line_start(text: str, line: int) -> int:
    """Return the offset at which a line starts, counted from 1."""
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
    return offset


def _read_xml(text: str, source: str, encoding: str) -> Reading:
    head = text[:5_000].lower()
    if endnote.START.search(text) and re.search(
        r"<(?:ref-type|rec-number|contributors|titles)\b", text
    ):
        return endnote.read_endnote(text, source, encoding)
    if "<html" in head or "<!doctype html" in head:
        problem = "it is a web page, perhaps the service's sign-in page saved by mistake"
    elif "<pubmedarticle" in head:
        problem = "it is PubMed's XML"
    elif re.search(r"<records\s*/>|<records>\s*</records>", head):
        problem = "it is EndNote XML without a record"
    else:
        problem = "it is XML, but not EndNote's"
    raise UnreadableExport(source, problem, _AS_RIS)


def _read_json(text: str, source: str, encoding: str, mapping: Mapping[str, str] | None) -> Reading:
    head = list(itertools.islice(jsonitems.items(text), _TELLING_ITEMS))
    if not head:
        return Reading(source, "JSON", encoding, (), (), 0, notes=("its list is empty",))
    if all(item.broken for item in head):
        problem = f"it looks like JSON, but nothing in it can be read: {head[0].broken}"
        raise UnreadableExport(source, problem, "Export the references again, or as RIS.")
    values = [item.value for item in head]
    if any(map(openalex.is_work, values)):
        return openalex.read_openalex(text, source, encoding)
    if any(map(csljson.is_csl, values)):
        return csljson.read_csljson(text, source, encoding)
    columns = jsontable.columns_of(item.value for item in jsonitems.items(text))
    chosen = mapped(columns, mapping)
    if "title" in chosen.values():
        check_headers(source, mapping or {}, columns)
        return jsontable.read_json_table(text, source, encoding, chosen)
    raise UnreadableExport(
        source,
        "it is JSON, but its items are neither CSL-JSON nor OpenAlex works, nor have a title",
        _AS_RIS,
    )


def _content(path: Path, source: str) -> bytes:
    """Return a file's bytes, refusing what is no plain file or too large.

    Raises
    ------
    UnreadableExport
        In words.
    """
    try:
        if not path.exists():
            raise UnreadableExport(source, "there is no such file", "Check its name and folder.")
        if not path.is_file():
            raise UnreadableExport(source, "it is no plain file", "Give one export at a time.")
        size = path.stat().st_size
        if size > LARGEST:
            raise _too_large(source, size, LARGEST)
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as fault:
        why = fault.strerror or type(fault).__name__
        raise UnreadableExport(
            source, f"it cannot be opened ({why})", "Check that it is yours to read."
        ) from None
    if len(content) > LARGEST:
        raise _too_large(source, len(content), LARGEST)
    return content


def _too_large(source: str, size: int, largest: int) -> UnreadableExport:
    return UnreadableExport(
        source,
        f"it has {size / 1024**2:,.0f} MB; {largest // 1024**2} MB are the most that is read",
        "Export the references in several parts, or without their full texts.",
    )


def _with_notes(reading: Reading, notes: tuple[str, ...]) -> Reading:
    return replace(reading, notes=(*notes, *reading.notes)) if notes else reading
