"""BibTeX and BibLaTeX, scanned entry by entry, so that a broken one costs itself alone."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from relnotes.desk.formats.fields import Fields, record_of
from relnotes.desk.formats.latex import from_latex
from relnotes.desk.formats.people import NO_NAME, bodies, people_in_cell, person
from relnotes.desk.formats.pieces import Broken, Piece, Raw, gathered, read_piece, spread
from relnotes.desk.formats.records import Person, Record
from relnotes.desk.formats.values import line_end, pmid_of, tidy

START = re.compile(r"^[ \t]*@[ \t]*[^\s@{}(),=\"]{1,40}[ \t]*\n?[ \t]*[{(]", re.MULTILINE)
"""Where an entry or definition starts on a line of its own."""

_OPENING = re.compile(r"@\s*([^\s@{}(),=\"]{1,40})\s*([{(])")
_KEY = re.compile(r"\s*([^\s,{}=\"#]*(?: [^\s,{}=\"#]+){0,5})\s*(?=[,})]|$)")
_SOLE = re.compile(r"[^\s={},\"#%()]{1,100}\s*=")
_NAME = re.compile(r"([^\s={},\"#%()]{1,100}(?:[^\S\n][^\s={},\"#%()]{1,20}){0,2})\s*=\s*")
_BETWEEN = re.compile(r"(?:[\s,]|%[^\n]*)*")
_BARE = re.compile(r"[^\s,{}\"#()]+")
_HASH = re.compile(r"\s*#\s*")
_BRACES = re.compile(r"\\.|[{}]|^[ \t]*@\w{1,40}[ \t]*[{(]\s*[^\s,{}]*\s*,",
                     re.DOTALL | re.MULTILINE)  # fmt: skip
_QUOTES = re.compile(r"\\.|[{}\"]|^[ \t]*@\w{1,40}[ \t]*[{(]\s*[^\s,{}]*\s*,",
                     re.DOTALL | re.MULTILINE)  # fmt: skip
_LOST = re.compile(r"\b[A-Za-z]{1,30}\s{0,5}=\s{0,5}[{\"\w]")
_COMMENTED = re.compile(r"\s*(?:%|@comment\b)", re.IGNORECASE)

FIELDS = Fields(
    key="ID", kind="ENTRYTYPE", title="title", subtitle="subtitle",
    container="journaltitle journal booktitle maintitle", authors="author", editors="editor",
    year="year date", volume="volume", issue="number issue", pages="pages eid", doi="doi",
    isbn="isbn+issn", pmid="pmid", url="url ee", abstract="abstract", language="language langid",
    publisher="publisher institution school organization", edition="edition", note="note+annote",
)  # fmt: skip
_BESIDES = ("crossref", "xdata", "type", "howpublished", "archiveprefix", "eprint", "eprinttype")
USED = FIELDS.used.union(_BESIDES)

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

_NO_RECORDS = {"comment": "comment", "preamble": "preamble", "string": "definition"}


@dataclass(slots=True)
class _Block:
    """One entry or definition: its place, type, key and fields, or what is wrong with it."""

    start: int
    end: int
    type: str
    key: str = ""
    fields: list[tuple[str, list[str]]] = field(default_factory=list)
    reason: str = ""


def read_bibtex(text: str) -> Iterator[Piece]:
    r"""Read BibTeX or BibLaTeX.

    Comments, preambles and @string definitions are no records. Entries that
    repeat a key or a field are. An entry that cannot be parsed is set aside,
    and reading goes on at the next one.

    Examples
    --------
    >>> text = "@book{a, title={Trust}}\n@book{a, title={Time}}\n@book{b, title={"
    >>> [p.record.title if p.record else p.reason for p in read_bibtex(text)]
    ['Trust', 'Time', 'a brace or quotation mark in it is never closed']
    """
    blocks = list(_blocks(text))
    strings, budget = _strings(blocks), _Budget()
    raws = [
        gathered([("ENTRYTYPE", b.type), ("ID", b.key),
                  *((name, _value(value, strings, budget)) for name, value in b.fields)])
        for b in blocks
    ]  # fmt: skip
    parents = {b.key.lower(): raw for b, raw in zip(reversed(blocks), reversed(raws), strict=True)}
    position = 0
    for block, raw in zip(blocks, raws, strict=True):
        yield from _between(text, position, block.start)
        position = block.end
        if name := _NO_RECORDS.get(block.type):
            yield Piece(block.start, block.end, passed=name)
        elif block.reason:
            yield Piece(block.start, block.end, reason=block.reason)
        else:
            yield read_piece(block.start, block.end, raw, USED,
                             functools.partial(interpret, raw, parents, budget))  # fmt: skip
    yield from _between(text, position, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Piece]:
    """Yield what stands between entries: a comment by BibTeX's rule, unless it has fields."""
    found = text[start:end]
    if found.strip(" \t\n,;"):
        lost = "}" in found and any(
            _LOST.search(line) for line in found.split("\n") if not _COMMENTED.match(line)
        )
        yield (Piece(start, end, reason="text between the entries belongs to none of them")
               if lost else Piece(start, end, passed="comment"))  # fmt: skip


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the entries and definitions of a text, in order."""
    found = START.search(text)
    while found:
        block = _block(text, text.index("@", found.start()))
        if block.reason and block.type in _NO_RECORDS:
            block.end = min(block.end, line_end(text, block.start))
            block.reason = ""
        yield block
        same_line = _OPENING.match(text, _blanks_end(text, block.end))
        found = same_line or START.search(text, block.end)


def _blanks_end(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t,}":
        position += 1
    return position


def _block(text: str, start: int) -> _Block:
    """Read one entry; a broken one goes on to where the next starts."""
    opening = _OPENING.match(text, start)
    if opening is None:  # cut off behind its name
        return _Block(start, _next_start(text, start + 1), "", reason=_UNCLOSED)
    block = _Block(start, start, opening[1].lower())
    close = "}" if opening[2] == "{" else ")"
    position = opening.end()
    try:
        if block.type in ("comment", "preamble"):
            block.end = _closed(text, opening.end() - 1, _BRACES) if close == "}" else \
                text.index(close, position) + 1  # fmt: skip
            return block
        if block.type != "string":
            key = _KEY.match(text, position)
            if key:
                block.key, position = key[1], key.end()
            elif not _SOLE.match(text, _BETWEEN.match(text, position).end()):  # type: ignore[union-attr]
                raise Broken("there is no comma after its key")
        block.end = _read_fields(text, position, close, block.fields)
    except (Broken, ValueError) as fault:
        block.reason = str(fault) if isinstance(fault, Broken) else _UNCLOSED
        block.end = _next_start(text, opening.end())
    return block


_UNCLOSED = "a brace or quotation mark in it is never closed"


def _next_start(text: str, position: int) -> int:
    following = START.search(text, position)
    end = following.start() if following else len(text)
    return position + len(text[position:end].rstrip())


def _read_fields(text: str, position: int, close: str, fields: list[tuple[str, list[str]]]) -> int:
    """Read the fields of an entry into a list; return where the entry ends."""
    while True:
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]
        if position >= len(text):
            raise Broken(_UNCLOSED)
        if text[position] in (close, "}"):
            return position + 1
        name = _NAME.match(text, position)
        if name is None:
            raise Broken("a field has no equals sign and value, or a comma is missing before it")
        position = name.end()
        pieces: list[str] = []
        while True:
            start = position
            if text[position : position + 1] == "{":
                position = _closed(text, position, _BRACES)
            elif text[position : position + 1] == '"':
                position = _closed(text, position, _QUOTES)
            elif bare := _BARE.match(text, position):
                position = bare.end()
            if position > start:
                pieces.append(text[start:position])
            joined = _HASH.match(text, position)
            if joined is None:
                break
            position = joined.end()
        fields.append((name[1].lower(), pieces))


def _closed(text: str, position: int, marks: re.Pattern[str]) -> int:
    """Return behind the brace or quotation mark that closes the one at this place."""
    depth = 0
    quoted = text[position] == '"'
    for mark in marks.finditer(text, position + quoted):
        char = mark[0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == '"':
            if depth == 0:
                return mark.end()
            continue
        elif len(char) > 2:
            break  # the next entry starts: what was opened is never closed
        if depth == 0 and not quoted and char == "}":
            return mark.end()
        if depth < 0:
            break
    raise Broken(_UNCLOSED)


class _Budget:
    """What @string names and crossrefs may still add, so that no small file grows huge."""

    def __init__(self) -> None:
        self._left = MOST_EXPANDED

    def allows(self, text: str) -> bool:
        self._left -= len(text)
        return self._left >= 0


_MONTH_NAMES = """
    January February March April May June July August September October November December
"""
_MONTHS = {name[:3].lower(): name for name in _MONTH_NAMES.split()}
_LONGEST_STRING = 5_000


def _strings(blocks: Iterable[_Block]) -> dict[str, str]:
    """Return what each @string name stands for; the months stand for themselves."""
    strings = dict(_MONTHS)
    for block in blocks:
        if block.type == "string":
            for name, pieces in block.fields:
                strings[name] = _value(pieces, strings, _Budget())[:_LONGEST_STRING]
    return strings


def _value(pieces: list[str], strings: Mapping[str, str], budget: _Budget) -> str:
    """Return a field's value without its braces or quotes, its @string names resolved."""
    plain = []
    for piece in pieces:
        if piece[0] in '{"':
            plain.append(piece[1:-1])
        else:
            meaning = strings.get(piece.lower(), piece)
            plain.append(meaning if budget.allows(meaning) else piece)
    return "".join(plain)


def interpret(raw: Raw, parents: Mapping[str, Raw], budget: _Budget) -> Record:
    """Make a record of an entry, with what it takes from the entries it refers to."""
    own = _with_parents(raw, parents, budget)
    values = FIELDS.of(spread(own))
    authors, editors = values.pop("authors", []), values.pop("editors", [])
    plain = {name: [from_latex(text) for text in texts] for name, texts in values.items()}
    if _first(raw, "ENTRYTYPE") in ("misc", "unpublished", "thesis", "report"):
        plain["kind"] += [_first(own, "type")]
    published = _first(own, "howpublished")
    link = re.search(r"https?://[^\s{}]+", published)
    if link:
        plain.setdefault("url", []).append(link[0])
    if _first(own, "eprinttype", "archiveprefix").lower() in ("pubmed", "pmid"):
        plain["pmid"] = [_first(own, "eprint")]
    if "pmid" in plain:
        plain["pmid"] = [pmid_of(text) for text in plain["pmid"]]
    return record_of(plain, raw, names(authors), names(editors))


def _first(raw: Raw, *names: str) -> str:
    held = (raw.get(name, "") for name in names)
    texts = (text for value in held for text in (value if isinstance(value, list) else (value,)))
    return next((text for text in texts if text), "")


def _with_parents(raw: Raw, parents: Mapping[str, Raw], budget: _Budget) -> Raw:
    """Return the fields with those inherited through xdata and crossref, one step up."""
    links = [(key, "xdata") for key in _first(raw, "xdata").split(",")]
    links.append((_first(raw, "crossref"), "crossref"))
    fields: dict[str, str | list[str]] = dict(raw)
    for key, link in links:
        parent = parents.get(key.strip().lower())
        if not key.strip() or parent is None or parent is raw:
            continue
        for name in _INHERITED:
            if link == "crossref" and name in _HOLDING_OWN:
                continue
            value = _first(parent, name)
            if value and not _first(fields, name) and budget.allows(value):
                fields[name] = value
        holder = "title" if link == "xdata" else "booktitle"
        value = _first(parent, "title")
        if value and not _first(fields, holder) and budget.allows(value):
            fields[holder] = value
    return fields


def names(values: list[str]) -> tuple[Person, ...]:
    r"""Read BibTeX name lists.

    Examples
    --------
    >>> [str(p) for p in names([r"{HM Inspectorate of Probation} and D{\"o}ring, Nicola and "
    ...                         "Ludwig van Beethoven and others"])]
    ['HM Inspectorate of Probation', 'Döring, Nicola', 'van Beethoven, Ludwig']
    """
    found: list[Person] = []
    for value in (re.sub(r"^and\s+", "", " ".join(value.split())) for value in values):
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
        return next(iter(bodies([from_latex(name)])), None)
    if "," not in name and "{" in name:  # a braced family name of several words
        found = re.fullmatch(r"(.+?)\s*\{([^\\{}]+)\}", name)
        if found:
            return Person(from_latex(found[2]), from_latex(found[1]))
    return _by_grammar(from_latex(name)) or person(from_latex(name))


def _by_grammar(name: str) -> Person | None:
    """Read "First von Last" as BibTeX does: the particles reach from the first small word on."""
    words = name.split()
    start = next((i for i, word in enumerate(words[:-1]) if i and word[0].islower()), 0)
    read = person(name)
    if not start or "," in name or read is None or read.corporate or words[-1].isupper():
        return None
    return Person(" ".join(words[start:]), " ".join(words[:start]))


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
