"""BibTeX and BibLaTeX, read by bibtexparser, with every entry accounted for."""

from __future__ import annotations

import contextlib
import functools
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from relnotes.desk.formats.account import Account, Place, Raw, every, first, too_long
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.latex import from_latex
from relnotes.desk.formats.people import NO_NAME, people_in_cell, person
from relnotes.desk.formats.records import Person, Reading, Record
from relnotes.desk.formats.values import (
    doi_of,
    isbns_of,
    issns_of,
    page_range,
    pmid_of,
    tidy,
    year_of,
)

START = re.compile(r"^[ \t]*@(?!(?:comment|string|preamble)\b)[^\s@{}(),=\"]+[ \t]*[{(]",
                   re.MULTILINE | re.IGNORECASE)  # fmt: skip
"""Where an entry starts on a line of its own."""

_USED_NAMES = """
    ENTRYTYPE ID title subtitle booktitle author editor year date journal journaltitle volume
    number issue pages eid doi isbn issn pmid eprint eprinttype url abstract language langid
    publisher institution school organization edition crossref xdata type maintitle
    howpublished archiveprefix
"""
USED = frozenset(_USED_NAMES.split())

_INHERITED_NAMES = """
    author editor publisher institution organization school year date isbn issn volume number
    edition journal journaltitle booktitle language url doi
"""
_INHERITED = _INHERITED_NAMES.split()
"""What an entry takes from the one it names in crossref or xdata, where it has none itself."""

_HOLDING_OWN = frozenset({"author", "url", "doi"})
"""Fields that belong to the parent alone when the parent is a work (crossref, not xdata)."""

MOST_EXPANDED = 50_000_000
"""Characters that @string names and crossrefs may add to a file."""


def read_bibtex(text: str, source: str, encoding: str) -> Reading:
    r"""Read BibTeX or BibLaTeX.

    Comments, preambles and @string definitions are no records. Entries that
    repeat a key or a field are. An entry that cannot be parsed is set aside,
    and reading goes on at the next one.

    Parameters
    ----------
    text : str
        The file, lines ended by LF.
    source : str
        Name of the file.
    encoding : str
        Encoding it was read in, for the account.

    Returns
    -------
    Reading
        One record or set-aside record for every entry.

    Examples
    --------
    >>> reading = read_bibtex("@book{a, title={Trust}}\n@book{a, title={Time}}\n@book{b, title={",
    ...                       "a.bib", "ascii")
    >>> [r.title for r in reading.records], [(r.line, r.reason) for r in reading.rejected]
    (['Trust', 'Time'], [(3, 'a brace or quotation mark in it is never closed')])
    """
    account = Account(source, USED)
    text = _mended(text)
    blocks = _parsed(text)
    strings = _strings(blocks)
    budget = _Budget()
    entries = [
        (block, _fields(block, strings, budget)) for block in blocks if _kind(block) == "entry"
    ]
    by_key = {str(fields["ID"]).lower(): fields for _, fields in reversed(entries)}
    raws = iter(entries)
    lines = text.split("\n")
    starts = _entry_lines(text)
    met: set[int] = set()
    for block, end in zip(blocks, _ends(blocks, len(lines)), strict=True):
        line = (block.start_line or 0) + 1
        kind = _kind(block)
        if kind == "entry":
            met.add(line)
            entry, fields = next(raws)
            if reason := too_long(len(entry.raw)):
                account.set_aside(reason, line=line, text=entry.raw)
                continue
            account.take(
                fields,
                line=line,
                text=entry.raw,
                interpret=functools.partial(interpret, parents=by_key, budget=budget),
            )
        elif kind == "broken":
            met.add(line)
            account.set_aside(_why(block), line=line, text=_whole(block, lines, end))
        elif kind == "stray":
            account.note(f"line {line}: text between the entries belongs to none of them "
                                 f"({_shown(block.raw or '')})")  # fmt: skip
    for line in starts:
        if line not in met:
            account.set_aside("an entry seems to start here, in a form that could not be read",
                              line=line, text=lines[line - 1])  # fmt: skip
    return account.reading("BibTeX", encoding, counted=len(set(starts) | met) + _same_line(blocks))


def _mended(text: str) -> str:
    """Return the text with two slips set right that keep no line from its place.

    A brace on the line after its ``@article``, and a key that is left out.
    """
    text = re.sub(r"^([ \t]*@\w+)[ \t]*(\n[ \t\n]*)([{(])", r"\1\3\2", text, flags=re.MULTILINE)
    return re.sub(
        r"^([ \t]*@(?!string\b|comment\b|preamble\b)\w+[ \t]*[{(])(?=\s*[A-Za-z]+\s*=\s*[\"{])",
        r"\1,",
        text,
        flags=re.MULTILINE | re.IGNORECASE,
    )


def _entry_lines(text: str) -> list[int]:
    lines, number, position = [], 1, 0
    for found in START.finditer(text):
        number += text.count("\n", position, found.start())
        position = found.start()
        lines.append(number)
    return lines


def _parsed(text: str) -> list[Any]:
    import bibtexparser  # noqa: PLC0415 (kept out of the import)

    with _quiet():
        library = bibtexparser.parse_string(text, parse_stack=[])
    return [_unwrapped(block) for block in library.blocks]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep bibtexparser's log from the terminal: what it warns of is in the account."""
    logger = logging.getLogger("bibtexparser")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _unwrapped(block: Any) -> Any:
    """Return the entry that repeats a key or a field, for it is an entry all the same."""
    while type(block).__name__ in ("DuplicateBlockKeyBlock", "DuplicateFieldKeyBlock"):
        block = block.ignore_error_block
    return block


def _kind(block: Any) -> str:
    name = type(block).__name__
    if name == "Entry":
        return "entry"
    if name == "ImplicitComment":
        text = str(block.comment)
        return "stray" if re.search(r"^[^%]*=", text, re.MULTILINE) and "}" in text else "comment"
    if name == "ParsingFailedBlock":
        comment = re.match(r"\s*@(comment|preamble|string)\b", block.raw or "", re.IGNORECASE)
        return "stray" if comment else "broken"
    return "comment"


def _why(block: Any) -> str:
    """Return bibtexparser's reason in the words of someone who typed the entry."""
    reason = str(getattr(block.error, "abort_reason", block.error))
    if "end of file" in reason or "block start" in reason:
        return "a brace or quotation mark in it is never closed"
    if "after entry key `" in reason or "`=`" in reason:
        return "a field has no equals sign and value, or a comma is missing before it"
    if "comma after entry key" in reason:
        return "there is no comma after its key"
    return "a comma is missing between two fields, or a brace is closed too early"


def _ends(blocks: list[Any], lines: int) -> list[int]:
    """Return for each block the line before which the next entry or definition starts."""
    ends, end = [], lines
    for block in reversed(blocks):
        ends.append(end)
        if type(block).__name__ != "ImplicitComment":
            end = block.start_line or 0
    return ends[::-1]


def _whole(block: Any, lines: list[str], end: int) -> str:
    """Return a broken entry to its last line, which lies beyond where the parser gave up."""
    begin = block.start_line or 0
    return "\n".join(lines[begin:end]).rstrip() if end > begin else str(block.raw or "")


def _same_line(blocks: list[Any]) -> int:
    """Count the entries that share their line with an earlier one."""
    lines = [b.start_line for b in blocks if _kind(b) in ("entry", "broken")]
    return len(lines) - len(set(lines))


class _Budget:
    """What @string names and crossrefs may still add, so that no small file grows huge."""

    def __init__(self) -> None:
        self._left = MOST_EXPANDED

    def allows(self, text: str) -> bool:
        self._left -= len(text)
        return self._left >= 0


_MONTHS = {
    name[:3].lower(): name
    for name in (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    )
}
_LONGEST_STRING = 5_000


def _strings(blocks: list[Any]) -> dict[str, str]:
    """Return what each @string name stands for; the months stand for themselves."""
    strings = dict(_MONTHS)
    for block in blocks:
        if type(block).__name__ == "String":
            value = _value(str(block.value), strings, _Budget())
            strings[str(block.key).lower()] = value[:_LONGEST_STRING]
    return strings


def _value(text: str, strings: Mapping[str, str], budget: _Budget) -> str:
    """Return a field's value without its braces or quotes, its @string names resolved."""
    text = text.strip()
    if not text:
        return ""
    if text[0] in '{"' and "#" not in text:
        return text[1:-1] if text[-1] in '}"' and len(text) > 1 else text
    pieces: list[str] = []
    for piece in _split_at_hash(text):
        if piece[:1] in ("{", '"'):
            pieces.append(piece[1:-1] if len(piece) > 1 and piece[-1] in '}"' else piece)
        else:
            meaning = strings.get(piece.lower(), piece)
            pieces.append(meaning if budget.allows(meaning) else piece)
    return "".join(pieces)


def _split_at_hash(text: str) -> list[str]:
    """Split at ``#`` outside braces and quotes."""
    pieces, start, depth, quoted = [], 0, 0, False
    for mark in re.finditer(r"\\.|[{}\"#]", text, re.DOTALL):
        char = mark[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == '"' and depth == 0:
            quoted = not quoted
        elif char == "#" and depth == 0 and not quoted:
            pieces.append(text[start : mark.start()].strip())
            start = mark.end()
    pieces.append(text[start:].strip())
    return pieces


def _fields(block: Any, strings: Mapping[str, str], budget: _Budget) -> dict[str, str | list[str]]:
    """Return an entry's fields as it has them, the names in lower case."""
    fields: dict[str, str | list[str]] = {"ENTRYTYPE": str(block.entry_type), "ID": str(block.key)}
    for item in block.fields:
        for name, text in _separated(str(item.key), str(item.value)):
            value = _value(text, strings, budget)
            held = fields.get(name)
            if held is None:
                fields[name] = value
            elif isinstance(held, list):
                held.append(value)
            else:
                fields[name] = [held, value]
    return fields


def _separated(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield a field, and those a missing comma made part of its value."""
    while True:
        end = _closing(text)
        rest = text[end:].strip()
        further = _FIELD.match(rest) if rest and not rest.startswith("#") else None
        if further is None:
            yield name.lower(), text
            return
        yield name.lower(), text[:end]
        name, text = further[1], rest[further.end() :].strip()


_FIELD = re.compile(r"([A-Za-z][\w-]*)\s*=\s*")


def _closing(text: str) -> int:
    """Return where the brace or quotation mark that opens a value is closed."""
    depth = 0
    if text[:1] not in ("{", '"'):
        return len(text)
    for mark in re.finditer(r'\\.|[{}"]', text, re.DOTALL):
        char = mark[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        if depth == 0 and (char == "}" or (char == '"' and mark.start() > 0)):
            return mark.end()
    return len(text)


def interpret(place: Place, raw: Raw, *, parents: Mapping[str, Raw], budget: _Budget) -> Record:
    """Make a record of an entry, with what it takes from the entries it refers to."""
    own = _with_parents(raw, parents, budget)
    kind = kind_of([*every(raw, "ENTRYTYPE"), *(every(own, "type") if _untyped(raw) else ())])
    title = _titled(own, "title", "subtitle")
    container = first(own, "journaltitle", "journal", "booktitle", "maintitle")
    date = from_latex(first(own, "year", "date"))
    numbers = [from_latex(n) for n in every(own, "isbn", "issn")]
    address = first(own, "url") or _linked(first(own, "howpublished"))
    return Record(
        *place,
        kind=kind,
        title=title or (from_latex(container) if kind == "book" else ""),
        authors=names(every(own, "author")),
        year=year_of(date),
        year_text=date,
        container="" if kind == "book" and not title else from_latex(container),
        volume=from_latex(first(own, "volume")),
        issue=from_latex(first(own, "number", "issue")),
        pages=page_range(from_latex(first(own, "pages", "eid"))),
        doi=_doi(own),
        isbn=tuple(dict.fromkeys(i for n in numbers for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in numbers for i in issns_of(n))),
        pmid=_pmid(own),
        url=from_latex(address),
        abstract=from_latex(first(own, "abstract")),
        language=from_latex(first(own, "language", "langid")),
        publisher=from_latex(first(own, "publisher", "institution", "school", "organization")),
        edition=from_latex(first(own, "edition")),
        editors=names(every(own, "editor")),
        raw=raw,
    )


def _untyped(raw: Raw) -> bool:
    return first(raw, "ENTRYTYPE").lower() in ("misc", "unpublished", "thesis", "report")


def _titled(fields: Raw, title: str, subtitle: str) -> str:
    main, sub = from_latex(first(fields, title)), from_latex(first(fields, subtitle))
    return f"{main}: {sub}" if main and sub else main or sub


def _with_parents(raw: Raw, parents: Mapping[str, Raw], budget: _Budget) -> Raw:
    """Return the fields with those inherited through xdata and crossref, one step up."""
    links = [(key, "xdata") for key in first(raw, "xdata").split(",")]
    links.append((first(raw, "crossref"), "crossref"))
    fields: dict[str, str | list[str]] = dict(raw)
    for key, link in links:
        parent = parents.get(key.strip().lower())
        if not key.strip() or parent is None or parent is raw:
            continue
        for name in _INHERITED:
            if link == "crossref" and name in _HOLDING_OWN:
                continue
            value = first(parent, name)
            if value and not first(fields, name) and budget.allows(value):
                fields[name] = value
        holder = "title" if link == "xdata" else "booktitle"
        value = first(parent, "title")
        if value and not first(fields, holder) and budget.allows(value):
            fields[holder] = value
    return fields


def _doi(fields: Raw) -> str:
    addresses = [t for t in every(fields, "url", "howpublished", "ee") if "doi.org/" in t.lower()]
    found = (doi_of(from_latex(t)) for t in (*every(fields, "doi"), *addresses))
    return next((doi for doi in found if doi), "")


def _pmid(fields: Raw) -> str:
    if first(fields, "eprinttype", "archiveprefix").lower() in ("pubmed", "pmid"):
        return pmid_of(first(fields, "eprint"))
    return pmid_of(first(fields, "pmid"))


def _linked(text: str) -> str:
    found = re.search(r"https?://[^\s{}]+", text)
    return found[0] if found else ""


def names(values: list[str]) -> tuple[Person, ...]:
    r"""Read BibTeX name lists.

    Examples
    --------
    >>> [str(p) for p in names([r"{HM Inspectorate of Probation} and D{\"o}ring, Nicola and "
    ...                         "Ludwig van Beethoven and others"])]
    ['HM Inspectorate of Probation', 'Döring, Nicola', 'van Beethoven, Ludwig']
    """
    found: list[Person] = []
    for value in (" ".join(value.split()) for value in values):
        if " and " not in value.lower() and (";" in value or value.count(",") > 2):
            found.extend(people_in_cell(from_latex(value)))  # names set apart in other ways
            continue
        for name in _split_at_and(value):
            one = _name(name)
            if one is not None:
                found.append(one)
    return tuple(found)


def _split_at_and(value: str) -> list[str]:
    """Split at `and` outside braces."""
    if "{" not in value:
        return re.split(r"\s+and\s+", value, flags=re.IGNORECASE)
    parts, start, depth = [], 0, 0
    for mark in re.finditer(r"\\.|[{}]|\s+and(?=\s)", value, re.IGNORECASE):
        if mark[0] == "{":
            depth += 1
        elif mark[0] == "}":
            depth = max(0, depth - 1)
        elif depth == 0 and mark[0][0] != "\\":
            parts.append(value[start : mark.start()])
            start = mark.end()
    parts.append(value[start:])
    return parts


def _name(name: str) -> Person | None:
    name = name.strip()
    if not name or NO_NAME.fullmatch(name.strip("{} ")):
        return None
    extended = dict(re.findall(r"\b(family|given|prefix|suffix)\s*=\s*\"?([^,\"]+)", name))
    if "family" in extended:  # BibLaTeX's extended form
        family = f"{extended.get('prefix', '')} {extended['family']}"
        return Person(tidy(from_latex(family)), from_latex(extended.get("given", "")))
    if _braced_whole(name):
        plain = from_latex(name)
        return Person(plain, corporate=True) if plain else None
    if "," not in name and "{" in name:  # a braced family name of several words
        found = re.fullmatch(r"(.+?)\s*\{([^\\{}]+)\}", name)
        if found:
            return Person(from_latex(found[2]), from_latex(found[1]))
    return person(from_latex(name))


def _braced_whole(name: str) -> bool:
    """Whether one pair of braces holds the whole name, as those of bodies are written."""
    if not (name.startswith("{") and name.endswith("}")) or name.startswith("{\\"):
        return False
    depth = 0
    for i, char in enumerate(name):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth == 0:
            return i == len(name) - 1
    return False


def _shown(text: str) -> str:
    text = tidy(text[:200])
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
