"""One file in, one account out: the format is told from the content, never from the name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from relnotes.desk.formats import bibtex, census, jsonitems, jsonrecords, tagged, xmlrecords
from relnotes.desk.formats.account import Part, reading_of
from relnotes.desk.formats.encoding import decode
from relnotes.desk.formats.headers import FIELDS
from relnotes.desk.formats.parts import cuts
from relnotes.desk.formats.pieces import Piece
from relnotes.desk.formats.records import Reading, UnreadableExport
from relnotes.desk.formats.sheets import read_workbook
from relnotes.desk.formats.tables import (
    DELIMITERS,
    fields_in_rows,
    header_named,
    mapped,
    read_table,
)

LARGEST = 512 * 1024**2
"""Bytes of the largest file that is read: some 400,000 references with abstracts."""

LARGEST_WORKBOOK = 64 * 1024**2
"""Bytes of the largest workbook, which is packed."""

_KNOWN_FORMATS = (
    "BibTeX, RIS, PubMed nbib or XML, Web of Science, Ovid, Cochrane, RefWorks, EndNote, CSL-JSON, "
    "OpenAlex, DataCite, CSV or XLSX"
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
_MARC = re.compile(rb"\d{5}[acdnp][a-z]")

_OTHER_TEXTS = tuple(
    (re.compile(sign, re.MULTILINE), problem, mend)
    for sign, problem, mend in (
        (r"^cff-version:", "it is a citation file (CFF)",
         "Convert it with cffconvert to BibTeX or RIS."),
        (r"\A\s*(?:---\s+)?references:\s*\n\s*- ", "it is CSL as YAML",
         "Convert it with pandoc to CSL-JSON or BibTeX."),
        (r"^\{Reference Type\}:", "it is NoteExpress's own format", _AS_RIS),
        (r"^SrcDatabase-", "it is CNKI's own format", "Export from CNKI as RefWorks or EndNote."),
        (r"^=LDR ", "it is MARC as text", _AS_RIS),
        (r"\A\s*1[.:] .{5,300}\n(?:.*\n){1,400}?PMID: \d", "it is PubMed's list for people",
         "Save it from PubMed in the format “PubMed” (nbib)."),
    )
)  # fmt: skip

_OTHER_XML = (
    ("<html", "it is a web page, perhaps the service's sign-in page saved by mistake"),
    ("<!doctype html", "it is a web page, perhaps the service's sign-in page saved by mistake"),
    ("<rdf:rdf", "it is RDF, as Zotero and Mendeley write it"),
    ("marc21/slim", "it is MARC XML of a library catalogue"),
    ("<marc:", "it is MARC XML of a library catalogue"),
    ("<mods", "it is MODS"),
    ("<doi_batch", "it is Crossref's XML"),
    ("crossref", "it is Crossref's XML"),
    ("datacite.org/schema", "it is DataCite's XML"),
    ("primo_nm_bib", "it is Primo's XML of a library catalogue"),
    ("<b:sources", "it is Word's list of sources"),
    ("<rec resultid", "it is EBSCO's XML"),
    ("<citaviexchangedata", "it is a project of Citavi"),
    ("<rss", "it is a news feed"),
    ("<pubmedarticleset", "it is PubMed's XML without a record"),
    ("<records", "it is EndNote XML without a record"),
)


class _Refusal(NamedTuple):
    """Why a part of a file is no export we read, and the way out."""

    problem: str
    mend: str


def read_export(path: str | Path, *, mapping: Mapping[str, str] | None = None) -> Reading:
    r"""Read an export from a database, a reference manager or a colleague.

    The format is found in the content: BibTeX and BibLaTeX, RIS, PubMed nbib and
    XML, the tagged formats of Web of Science, Ovid (labels too), Cochrane, RefWorks
    and EndNote, EndNote XML, JSON of CSL, Crossref, OpenAlex and DataCite, and
    spreadsheets (CSV, TSV, XLSX) with any headers, several of them in one file too.
    So is the encoding. A record that cannot be read is set aside with its line, the reason
    and its text; the others are read.

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
    _check_fields(source, mapping or {})
    content = _content(path, source)
    if content.startswith(b"PK\x03\x04"):
        if len(content) > LARGEST_WORKBOOK:
            raise _too_large(source, len(content), LARGEST_WORKBOOK)
        del content
        parts, notes = read_workbook(path, source, mapping)
        _check_headers(source, mapping or {}, [name for p in parts for name in p.mapping])
        return reading_of(source, "utf-8", parts, notes)
    for mark, (problem, mend) in _OTHERS.items():
        if content.startswith(mark):
            raise UnreadableExport(source, problem, mend)
    if _MARC.match(content) and b"\x1e" in content:
        raise UnreadableExport(source, "it is MARC of a library catalogue", _AS_RIS)
    decoded = decode(content)
    del content
    return _reading(decoded.text, source, decoded.encoding, mapping, decoded.notes)


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
    _check_fields(source, mapping or {})
    return _reading(text, source, encoding, mapping, ())


def _reading(
    text: str,
    source: str,
    encoding: str,
    mapping: Mapping[str, str] | None,
    notes: tuple[str, ...],
) -> Reading:
    if not text.strip():
        raise UnreadableExport(source, "it is empty", "Export the references again.")
    for sign, problem, mend in _OTHER_TEXTS:
        if sign.search(text[:20_000]):
            raise UnreadableExport(source, problem, mend)
    parts: list[Part] = []
    refusals: list[_Refusal] = []
    line, at = 1, 0
    for cut in cuts(text, mapping):
        line += text.count("\n", at, cut.start)
        at = cut.start
        held = text[cut.start : cut.end]
        part = _part(held, line, cut.format, mapping)
        if isinstance(part, _Refusal):  # beside parts that are read, it is set aside whole
            refusals.append(part)
            whole = Piece(0, len(held), reason=f"{part.problem}. {part.mend}")
            part = Part("", held, [whole], census.titles, line)
        parts.append(part)
    if len(refusals) == len(parts):
        raise UnreadableExport(source, *refusals[0])
    if mapping and not any(part.mapping for part in parts):
        problem = f"no row of it names the columns {', '.join(mapping)}"
        first = text[:10_000].split("\n", 1)[0]
        raise UnreadableExport(source, problem, f"Its first line is: {first[:200]}")
    _check_headers(source, mapping or {}, [name for part in parts for name in part.mapping])
    return reading_of(source, encoding, parts, notes)


def _part(held: str, line: int, format_: str, mapping: Mapping[str, str] | None) -> Part | _Refusal:
    """Read one part of a file with the reader of its format."""
    tagged_formats = {"nbib": tagged.NBIB, "wos": tagged.WOS, "ovid": tagged.OVID,
                      "labelled": tagged.OVID_LABELLED, "cochrane": tagged.COCHRANE,
                      "refworks": tagged.REFWORKS, "refer": tagged.REFER}  # fmt: skip
    if format_ == "ris" or format_ in tagged_formats:
        form = tagged_formats.get(format_) or tagged.ris(held)
        return Part(form.name, held, tagged.read_tagged(held, form), census.tagged, line)
    if format_ == "bibtex":
        return Part("BibTeX", held, bibtex.read_bibtex(held), census.titles, line)
    if format_ == "json":
        return _json_part(held, line, mapping)
    if format_ == "xml":
        return _xml_part(held, line)
    if not mapping and fields_in_rows(held):
        return _Refusal("it is a table whose fields stand in rows, one below the other",
                        "Export it again with one row for each record, or as RIS.")  # fmt: skip
    header = header_named(held, format_, mapping)
    if header is not None:
        return Part(DELIMITERS[header.delimiter], held, read_table(held, header), census.rows, line,
                    header.mapping)  # fmt: skip
    return _Refusal(
        "it is text, but not in a format that is known, nor a table with a column for the title",
        f"Export the references as {_KNOWN_FORMATS}; a table needs a column named “title”.",
    )


def _xml_part(held: str, line: int) -> Part | _Refusal:
    found = xmlrecords.START.search(held)
    if "<!ENTITY" in held[: found.start() if found else None].upper():
        return _Refusal(
            "it declares XML entities, which exports do not and attacks do",
            "Export the references anew, or ask the sender for RIS.",
        )
    own = found and (
        found[1] != "record" or re.search(r"<(?:ref-type|rec-number|contributors|titles)\b", held)
    )
    if own and found:
        name = "EndNote XML" if found[1] == "record" else "PubMed XML"
        return Part(name, held, xmlrecords.read_xml(held), census.elements, line)
    head = held[:5_000].lower()
    problem = next((words for mark, words in _OTHER_XML if mark in head),
                   "it is XML, but not EndNote's or PubMed's")  # fmt: skip
    return _Refusal(problem, _AS_RIS)


def _json_part(held: str, line: int, mapping: Mapping[str, str] | None) -> Part | _Refusal:
    start = re.search(r"^[ \t]*[\[{]", held, re.MULTILINE)
    begin = start.start() if start else 0
    found = list(jsonitems.items(" " * begin + held[begin:]))
    ahead = [Piece(0, begin, passed="preamble")] if held[:begin].strip() else []
    values = [item.value for item in found if not (item.broken or item.passed)]
    if not found or (not values and not any(item.broken for item in found)):
        return Part("JSON", held, ahead, census.objects, line, notes=("its list is empty",))
    if not values:
        problem = f"it looks like JSON, but nothing in it can be read: {found[0].broken}"
        return _Refusal(problem, "Export the references again, or as RIS.")
    shapes = [jsonrecords.shape_of(value) for value in values]
    rows = [value for value, shape in zip(values, shapes, strict=True) if shape is None]
    chosen = mapped(jsonrecords.columns_of(rows), mapping)
    if len(rows) == len(values) and "title" not in chosen.values():
        return _Refusal("it is JSON, but its items have no title in a form that is known", _AS_RIS)
    name = next((shape.name for shape in jsonrecords.SHAPES if shape in shapes), "JSON table")
    shown = chosen if len(rows) == len(values) else {}
    pieces = [*ahead, *jsonrecords.read_json(found, chosen)]
    return Part(name, held, pieces, census.objects, line, shown)


def _check_fields(source: str, mapping: Mapping[str, str]) -> None:
    """Refuse a mapping that names no field of a record."""
    for header, field in mapping.items():
        if field and field not in FIELDS:
            raise UnreadableExport(
                source,
                f"“{field}”, asked for column “{header}”, is no field of a record",
                f"The fields are: {', '.join(FIELDS)}.",
            )


def _check_headers(source: str, mapping: Mapping[str, str], names: Iterable[str]) -> None:
    """Refuse a mapping that names no header of the file."""
    headers = list(names)
    for header, field in mapping.items():
        if field and header not in headers:
            raise UnreadableExport(
                source, f"it has no column “{header}”", f"Its columns are: {', '.join(headers)}."
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
        content = path.read_bytes()
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
