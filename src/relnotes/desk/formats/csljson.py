"""CSL-JSON: what Zotero, pandoc and Crossref write; lists, wrappers and JSON lines alike."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from relnotes.desk.formats.account import Account, Place, Raw
from relnotes.desk.formats.jsonitems import flattened, items, list_of, mapping_of, text_of, texts_of
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.people import person
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

_USED_NAMES = """
    type title author editor issued container-title volume issue page page-first number DOI ISBN
    ISSN PMID URL abstract language publisher edition published published-print published-online
    collection-editor note
"""
USED = frozenset(_USED_NAMES.split())

_TYPE_NAMES = """
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic
    collection dataset document entry entry-dictionary entry-encyclopedia event figure graphic
    hearing interview legal_case legislation manuscript map motion_picture musical_score pamphlet
    paper-conference patent performance periodical personal_communication post post-weblog
    regulation report review review-book software song speech standard thesis treaty webpage
    journal-article book-chapter proceedings-article posted-content monograph edited-book
"""
_TYPES = frozenset(_TYPE_NAMES.split())
_PARTICLES = ("dropping-particle", "non-dropping-particle")


def is_csl(item: Any) -> bool:
    """Whether an item looks like CSL-JSON: by its dates, its names, or its type."""
    if not isinstance(item, dict) or "itemType" in item:
        return False
    names = (mapping_of(name) for name in list_of(item.get("author")))
    return (
        "container-title" in item
        or isinstance(item.get("issued"), dict)
        or any({"family", "literal"} & name.keys() for name in names)
        or (text_of(item.get("type")) in _TYPES and bool({"title", "id"} & item.keys()))
    )


def read_csljson(text: str, source: str, encoding: str) -> Reading:
    """Read CSL-JSON.

    Parameters
    ----------
    text : str
        The file.
    source : str
        Name of the file.
    encoding : str
        Encoding it was read in, for the account.

    Returns
    -------
    Reading
        One record or set-aside record for every item.

    Examples
    --------
    >>> reading = read_csljson('[{"type": "book", "title": "Trust", "issued": {"raw": "1999?"}}]',
    ...                        "a.json", "ascii")
    >>> reading.records[0].kind, reading.records[0].year
    ('book', 1999)
    """
    return read_items(text, source, encoding, form="CSL-JSON", used=USED, interpret=interpret)


def read_items(
    text: str,
    source: str,
    encoding: str,
    *,
    form: str,
    used: frozenset[str],
    interpret: Any,
    mapping: Mapping[str, str] | None = None,
) -> Reading:
    """Read the items of a JSON text with one interpretation; see `read_csljson`."""
    account = Account(source, used)
    counted = 0
    for item in items(text):
        raw_text = text[item.start : item.end]
        pages = list_of(mapping_of(item.value).get("results"))
        for value in pages or [item.value]:
            counted += 1
            reason = item.broken
            if not reason and not isinstance(value, dict):
                reason = "it is not an object with named fields"
            if not reason:
                try:
                    raw = flattened(value)
                except RecursionError:
                    reason = "it is nested too deeply"
            if reason:
                account.set_aside(reason, line=item.line, text=raw_text)
                continue
            account.take(
                raw,
                line=item.line,
                text=raw_text,
                interpret=functools.partial(interpret, item=value),
            )
    return account.reading(form, encoding, counted=counted, mapping=mapping)


def interpret(place: Place, raw: Raw, *, item: dict[str, Any]) -> Record:
    """Make a record of a CSL item."""
    year_text = _date_text(item)
    isbn = texts_of(item.get("ISBN"))
    kind = kind_of([text_of(item.get("type"))])
    return Record(
        *place,
        kind=kind,
        title=tidy(text_of(item.get("title")) or text_of(item.get("title-short"))),
        authors=_people(item.get("author")),
        year=year_of(year_text),
        year_text=year_text,
        container=tidy(text_of(item.get("container-title"))),
        volume=tidy(text_of(item.get("volume"))),
        issue=tidy(text_of(item.get("issue"))),
        pages=page_range(
            text_of(item.get("page"))
            or text_of(item.get("page-first"))
            or (text_of(item.get("number")) if kind == "article" else "")
        ),
        doi=doi_of(text_of(item.get("DOI"))) or _doi_of_address(text_of(item.get("URL"))),
        isbn=tuple(dict.fromkeys(i for n in isbn for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in texts_of(item.get("ISSN")) for i in issns_of(n))),
        pmid=pmid_of(text_of(item.get("PMID")) or _noted(text_of(item.get("note")), "PMID")),
        url=tidy(text_of(item.get("URL"))),
        abstract=tidy(text_of(item.get("abstract"))),
        language=tidy(text_of(item.get("language"))),
        publisher=tidy(text_of(item.get("publisher"))),
        edition=tidy(text_of(item.get("edition"))),
        editors=_people(item.get("editor")) or _people(item.get("collection-editor")),
        raw=raw,
    )


def _doi_of_address(url: str) -> str:
    return doi_of(url) if "doi.org/" in url.lower() else ""


def _noted(note: str, label: str) -> str:
    """Return what a line of the note says under a label, where Zotero keeps such fields."""
    for line in note.split("\n"):
        name, colon, value = line.partition(":")
        if colon and name.strip() == label:
            return value
    return ""


def _date_text(item: dict[str, Any]) -> str:
    """Return the date as text, from parts, the literal form or the raw one."""
    for field in ("issued", "published-print", "published", "published-online"):
        date = item.get(field)
        if isinstance(date, str | int):
            return tidy(str(date))
        date = mapping_of(date)
        spans = []
        for parts in list_of(date.get("date-parts")):
            texts = texts_of(parts)
            if texts:
                spans.append("-".join(t.zfill(2) for t in texts))
        for text in ("/".join(spans), text_of(date.get("literal")), text_of(date.get("raw")),
                     text_of(date.get("year"))):  # fmt: skip
            if text:
                return tidy(text)
    return ""


def _people(value: Any) -> tuple[Person, ...]:
    found = (_person(name) for name in list_of(value))
    return tuple(p for p in found if p is not None)


def _person(name: Any) -> Person | None:
    if isinstance(name, str):
        return person(name)
    name = mapping_of(name)
    literal = tidy(text_of(name.get("literal")) or text_of(name.get("name")))
    if literal:
        return Person(literal, corporate=True)
    particles = [text_of(name.get(p)) for p in _PARTICLES]
    family = tidy(" ".join([*particles, text_of(name.get("family"))]))
    given = tidy(" ".join([text_of(name.get("given")), text_of(name.get("suffix"))]))
    if not family:
        return person(given)
    return Person(family, given)
