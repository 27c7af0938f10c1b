"""Formats of tagged lines, each a table: RIS, PubMed, Web of Science, Ovid, RefWorks, EndNote."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from relnotes.desk.formats.fields import Fields, record_of
from relnotes.desk.formats.people import bodies, people, people_in_lines
from relnotes.desk.formats.pieces import (
    MOST_TEXT,
    MOST_VALUES,
    Piece,
    gathered,
    read_piece,
    too_long,
    too_many,
)
from relnotes.desk.formats.records import Record
from relnotes.desk.formats.values import tidy


@dataclass(frozen=True)
class Format:
    """One format of tagged lines.

    Parameters
    ----------
    name
        In words.
    fields
        Which tag holds which field of a record.
    tag
        Matches a line that opens a value: group 1 the tag, group 2 the value.
    start, end
        Tags that start and end a record; a start ends the record before it, so a
        missing end loses nothing.
    heading
        Tags of the file itself, which belong to no record.
    between
        What stands between names, where each field of them is a plain list.
    runs_on
        Whether a line that is not indented may go on with a value.
    ends
        What a name and a title end in besides: degrees, notes of the database.
    """

    name: str
    fields: Fields
    tag: re.Pattern[str]
    start: frozenset[str] = frozenset()
    end: str = ""
    heading: frozenset[str] = frozenset()
    between: re.Pattern[str] | None = None
    runs_on: bool = False
    ends: tuple[re.Pattern[str], re.Pattern[str]] | None = None

    @functools.cached_property
    def titles(self) -> frozenset[str]:
        """The tags that hold a title, of which a record has one."""
        return frozenset().union(*self.fields.ways["title"])

    @functools.cached_property
    def telling(self) -> frozenset[str]:
        """The tags that name a work, even under no start."""
        return frozenset().union(
            *(way for f in ("title", "authors", "doi") for way in self.fields.ways[f])
        )


_RIS_FIELDS = Fields(
    key="ID", kind="TY", title="TI T1 CT TT ST", book_title="BT",
    container="JF T2 JO SO JA J1 J2 C3",
    authors="AU+A1", editors="A2+ED", year="PY Y1 DA YR", volume="VL", issue="IS",
    first_page="SP C7", last_page="EP", doi="DO DI L3", url="UR L2", isbn="SN+BN",
    pmid="PM+PMID", accession="AN C2", scopus_pmid="C2", database="DB+DP", abstract="AB N2",
    language="LA", publisher="PB PU", edition="ET", note="N1+M1+M3+C1",
)  # fmt: skip

NBIB = Format(
    "PubMed nbib",
    Fields(
        kind="PT", title="TI CTI TT", book_title="BTI", container="JT TA", authors="FAU AU",
        bodies="CN", editors="FED ED", year="DP DEP", volume="VI", issue="IP", pages="PG",
        doi="LID+AID", isbn="ISBN+IS", pmid="PMID", url="URL", abstract="AB", language="LA",
        publisher="PB", edition="EN",
    ),
    re.compile(r"((?i:PMID)(?=[ \t]?-)|[A-Z][A-Z0-9]{1,3}(?=[ \t]{0,3}-(?:[ \t]|$)))"
               r"[ \t]{0,3}-(.*)"),
    start=frozenset({"PMID"}),
)  # fmt: skip

WOS = Format(
    "Web of Science tagged",
    Fields(
        kind="DT PT", title="TI", container="SO", authors="AF AU BA", bodies="CA+GP",
        editors="BE", year="PY EY", volume="VL", issue="IS", first_page="BP AR", last_page="EP",
        doi="DI D2", isbn="BN+SN+EI", pmid="PM", abstract="AB", language="LA", publisher="PU",
    ),
    re.compile(r"([A-Z][A-Z0-9])(?:[ \t]|$)(.*)"),
    start=frozenset({"PT"}), end="ER", heading=frozenset({"FN", "VR", "EF"}),
    between=re.compile("\n"),
)  # fmt: skip

_OVID_ENDS = (
    re.compile(r"(?<=[\w.] )(?:Ph\.? ?D|M\.?D|M\.?P\.?H|M\.?Sc|B\.?Sc|R\.?N|Dr\.?P\.?H|FACSM|"
               r"MBBS)\b[ ,.\w]*[\d,*+ ]*$|[ \d,*+]+$|(?<=[a-z]{3})\.$"),
    re.compile(r"(?:\.?\s*\[[\w :]{3,40}\]\.?)+$"),
)  # fmt: skip

OVID = Format(
    "Ovid tagged",
    Fields(
        kind="PT DT", title="TI OT", container="JN JT SO", authors="AU FA", editors="ED",
        year="YR DP", volume="VO", issue="IP", pages="PG", doi="DO DI", isbn="IS IB SN",
        accession="UI", database="DB", url="LK UR XL", abstract="AB", language="LG",
        publisher="PB PU", edition="ET", pmid="PM",
    ),
    re.compile(r"[ \t]?(?:([A-Z][A-Z0-9]{1,3})[ \t]{0,3}-(?:[ \t]|$)|(?=<\d))(.*)"),
    start=frozenset({"VN", "<"}), between=re.compile(r"\n|;\s"), ends=_OVID_ENDS,
)  # fmt: skip

OVID_LABELLED = Format(
    "Ovid with labels",
    Fields(
        kind="PUBLICATION_TYPE DOCUMENT_TYPE", title="TITLE ORIGINAL_TITLE",
        container="JOURNAL_NAME SOURCE", authors="AUTHORS_FULL_NAME AUTHORS AUTHOR",
        editors="EDITORS EDITOR", year="YEAR_OF_PUBLICATION PUBLICATION_YEAR DATE_OF_PUBLICATION",
        volume="VOLUME", issue="ISSUE", pages="PAGE PAGES",
        doi="DIGITAL_OBJECT_IDENTIFIER DOI DOI_NUMBER",
        isbn="ISSN+ISSN_PRINT+ISBN", accession="UNIQUE_IDENTIFIER", database="DATABASE",
        url="URL", abstract="ABSTRACT", language="LANGUAGE", publisher="PUBLISHER", pmid="PMID",
    ),
    re.compile(r"(?:([A-Z][A-Za-z/&() -]{1,40})[ \t]*$|(?=<\d))(.*)"), start=frozenset({"<"}),
    between=re.compile(r"\n|;\s|\.\s+(?=[A-Z][\w'’-]+,? )"), ends=_OVID_ENDS,
)  # fmt: skip

COCHRANE = Format(
    "Cochrane Library",
    Fields(
        kind="PT", title="TI", container="SO", authors="AU", year="YR", volume="VL", issue="NO",
        pages="PG", doi="DOI", isbn="SN", pmid="PM", url="US", abstract="AB", publisher="PB",
    ),
    re.compile(r"(?:([A-Z]{2,3}):(?: |$)|(?=Record #\d))(.*)"),
    start=frozenset({"<"}), between=re.compile(r"\n|;\s"), runs_on=True,
)  # fmt: skip

REFWORKS = Format(
    "RefWorks tagged",
    Fields(
        kind="RT", title="T1", container="JF T2 JO", authors="A1", editors="A2", year="YR FD",
        volume="VO", issue="IS", first_page="SP", last_page="OP", doi="DO", isbn="SN",
        accession="AN", database="DB+DS", url="UL LK", abstract="AB", language="LA",
        publisher="PB", edition="ED", note="NO",
    ),
    re.compile(r"([A-Z][A-Z0-9])(?:[ \t]|$)(.*)"),
    start=frozenset({"RT"}), runs_on=True,
)  # fmt: skip

REFER = Format(
    "EndNote tagged",
    Fields(
        kind="0", title="T", container="J B", authors="A", bodies="Q", editors="E", year="D 8",
        volume="V", issue="N", pages="P", doi="R", isbn="@", accession="M", database="W+~",
        url="U", abstract="X", language="G", publisher="I", edition="7", note="Z",
    ),
    re.compile(r"%(\S)(?:[ \t]|$)(.*)"),
    start=frozenset({"0"}), runs_on=True,
)  # fmt: skip

RIS_START = re.compile(r"^[ \t]*TY[ \t]{0,4}-", re.MULTILINE | re.IGNORECASE)
"""Where a record of RIS starts, in any of the forms exporters write it."""


def ris(text: str) -> Format:
    """Return RIS as this file writes it: its tags as lenient as its own TY lines are, no more.

    Text that runs on starts lines too ("ad-hoc …"), so a tag without spaces or
    in lower case counts only in a file whose records start in that way.
    """
    from rispy.config import TAG_KEY_MAPPING  # noqa: PLC0415 (kept out of the import)

    starts = {m[0].strip() for m in RIS_START.finditer(text)}
    known = "|".join(sorted(frozenset(TAG_KEY_MAPPING) | _RIS_FIELDS.used))
    forms = [
        r"[ \t]*[A-Z][A-Z0-9][ \t]{2}-",
        rf"(?:{known})[ \t]{{1,4}}-(?=[ \t]|$)",
        r"ER[ \t]*-?[ \t]*$",
    ]
    if any(re.fullmatch(r"TY-", s, re.IGNORECASE) for s in starts):
        forms.append(rf"(?:{known})-")
    lower = any(not s.isupper() for s in starts)
    tag = re.compile(rf"(?={'|'.join(forms)})[ \t]*([A-Z][A-Z0-9]|PMID)[ \t]*-?(.*)",
                     re.IGNORECASE if lower else 0)  # fmt: skip
    return Format("RIS", _RIS_FIELDS, tag, start=frozenset({"TY"}), end="ER",
                  heading=frozenset({"EF", "FN", "VR"}), runs_on=True)  # fmt: skip


@dataclass(slots=True)
class _Block:
    """The lines of one record: tag, value and offset of each; text that runs on is joined by LF."""

    start: int
    tags: list[str] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    end: int = 0
    over: bool = False

    def add(self, tag: str, text: str, place: int) -> None:
        """Take a value, up to the limits of a record."""
        if len(self.tags) > MOST_VALUES or place - self.start > MOST_TEXT:
            self.over = True
        else:
            self.tags.append(tag)
            self.texts.append([text.strip()])
            self.places.append(place)

    def split(self, at: int) -> _Block:
        """Cut off the values from the one with this number on, as a block of their own."""
        later = _Block(self.places[at], self.tags[at:], self.texts[at:], self.places[at:], self.end)
        self.end = later.start
        del self.tags[at:], self.texts[at:], self.places[at:]
        return later


def read_tagged(text: str, form: Format) -> Iterator[Piece]:
    r"""Read a format of tagged lines.

    Examples
    --------
    >>> text = "TY - JOUR\nT1 - Trust\nTY - BOOK\nT1 - Time\n"
    >>> [p.record.title for p in read_tagged(text, ris(text))]
    ['Trust', 'Time']
    >>> text = "PMID- 31452104\nTI  - Trust in\n      supervision.\n"
    >>> [p.record.title for p in read_tagged(text, NBIB)]
    ['Trust in supervision.']
    """
    for block in _blocks(text, form):
        if isinstance(block, Piece):
            yield block
        elif block.over:
            length = block.end - block.start
            yield Piece(block.start, block.end,
                        reason=too_long(length) or too_many(MOST_VALUES + 1))  # fmt: skip
        elif form.start & set(block.tags) or form.telling & set(block.tags):
            pairs = [(tag, "\n".join(t for t in texts if t))
                     for tag, texts in zip(block.tags, block.texts, strict=True)]  # fmt: skip
            yield read_piece(block.start, block.end, gathered(pairs), form.fields.used,
                             functools.partial(_interpret, pairs, form))  # fmt: skip
        else:
            tags = ", ".join(dict.fromkeys(block.tags))
            yield Piece(block.start, block.end, passed=f"lines outside the records ({tags})")


def _blocks(text: str, form: Format) -> Iterator[_Block | Piece]:
    """Gather tagged lines into records, and lines outside them into pieces of their own."""
    block: _Block | None = None
    loose = 0
    blank, position = True, 0
    records = 0
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        line = text[position:stop]
        found = form.tag.match(line)
        tag = (found[1] or "<").strip().replace(" ", "_").upper() if found else ""
        if tag and tag in form.heading:
            if block is not None:
                yield block
            yield from _loose(text, loose, position, after=records)
            yield Piece(position, stop, passed="header of the file")
            block, loose = None, stop
        elif tag and tag == form.end:
            rest = found[2].strip() if found else ""
            if rest:  # the next record, where a file without a last line end was joined to another
                stop = position + line.rindex(rest)
            if block is None:
                yield from _loose(text, loose, position, after=records)
                yield Piece(position, stop, passed="end of a record without a start")
            else:
                block.end = stop
                yield block
                block = None
            loose = stop
        elif found and tag:
            if block is not None and (cut := _cut(block, tag, form, blank)) >= 0:
                later = block.split(cut) if cut < len(block.tags) else None
                yield block
                block = later
            if block is None:
                yield from _loose(text, loose, position, after=records)
                block = _Block(position)
                records += 1
            block.add(tag, found[2], position)
            block.end = loose = stop
        elif block is not None and line.strip() and _runs_on(text, line, stop, form, blank):
            if block.texts and not block.over:
                block.texts[-1].append(line.strip())
            block.end = loose = stop
            block.over = block.over or block.end - block.start > MOST_TEXT
        elif block is not None and line.strip():
            yield block
            block, loose = None, position
        blank = not line.strip()
        position = stop + (text[stop : stop + 1] == "\n")
    if block is not None:
        yield block
    yield from _loose(text, loose, len(text), after=records)


def _runs_on(text: str, line: str, stop: int, form: Format, blank: bool) -> bool:
    """Whether a line goes on with the value above it: indented, or a lone one that has lost it."""
    if form.runs_on or line[0] in " \t" or (form.end and not blank):
        return True
    following = text.find("\n", stop + 1)
    return not blank and bool(form.tag.match(text[stop + 1 : None if following < 0 else following]))


def _cut(block: _Block, tag: str, form: Format, blank: bool) -> int:
    """Return before which value of a block, counted from 0, another record starts; -1 for none.

    A start tag starts one, unless it stands late under a record's own lines; so
    does a second title, for a file whose starts are missing or damaged.
    """
    if tag in form.start:
        if tag not in block.tags and form.start.issuperset(block.tags):
            return -1  # "<1>" and the tag below it start one record
        own = not blank and form.start.isdisjoint(block.tags)
        return -1 if own else len(block.tags)
    if tag not in form.titles or tag not in block.tags or (block.tags[-1] == tag and not blank):
        again = blank and tag == block.tags[0] and form.titles & set(block.tags)
        return len(block.tags) if again else -1
    title = block.tags.index(tag)
    late = next((i for i, t in enumerate(block.tags) if i > title and t in form.start), 0)
    return late if late and not blank else len(block.tags)


_BANNER = re.compile(
    r"\W*\d*\W*|<\d+\.?\s*>|(?:record|reference|result|item|citation)s?\b.{0,60}\d.{0,40}|"
    r"[\w ]{2,60}: .*|[-=_*#~. ]+|[\w ]+, \w+ \d{4}.*",
    re.IGNORECASE,
)


def _loose(text: str, start: int, end: int, *, after: int) -> Iterator[Piece]:
    """Yield text outside the records: a banner or numbering is passed over, the rest set aside."""
    found = text[start:end]
    if not found.strip():
        return
    banner = all(_BANNER.fullmatch(line.strip()[:300]) for line in found.split("\n"))
    if banner or not after:
        yield Piece(start, end, passed="numbering or banner" if after else "preamble")
    else:
        yield Piece(start, end, reason="the text belongs to no record")


def _interpret(pairs: list[tuple[str, str]], form: Format) -> Record:
    values = form.fields.of(pairs)
    read = people if form.between else people_in_lines
    of_name, of_title = form.ends or (_NO_END, _NO_END)

    def names(role: str) -> list[str]:
        texts = values.get(role, [])
        if form.between is None:
            return texts
        listed = (re.sub(r"\s*\[[^\[\]]*\]", "", text) for text in texts)
        parts = (name for text in listed for name in form.between.split(text))
        return [_ended(tidy(name), of_name) for name in parts]

    authors = read(names("authors")) + bodies(names("bodies"))
    values["title"] = [_ended(tidy(title), of_title) for title in values.get("title", [])]
    return record_of(values, gathered(pairs), authors, read(names("editors")))


_NO_END = re.compile(r"(?!)")
_LONGEST_WORDING = 600


def _ended(text: str, end: re.Pattern[str]) -> str:
    """Return a name or title without what it ends in besides; what is longer is neither."""
    return text if len(text) > _LONGEST_WORDING else end.sub("", text) or text
