"""EndNote XML: each record parsed on its own, so that a broken one costs itself alone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.parsers.expat import errors

from relnotes.desk.formats.account import Account, Place, Raw, every, first, too_long
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.people import people
from relnotes.desk.formats.records import Reading, Record, UnreadableExport
from relnotes.desk.formats.values import (
    doi_of,
    isbns_of,
    issns_of,
    page_range,
    pmid_of,
    tidy,
    year_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

START = re.compile(r"<record(?=[\s>])")
"""Where a record starts."""

_USED_NAMES = """
    ref-type ref-type@name titles/title titles/secondary-title titles/short-title
    periodical/full-title contributors/authors/author contributors/secondary-authors/author
    dates/year dates/pub-dates/date volume number pages isbn electronic-resource-num accession-
    num urls/related-urls/url urls/web-urls/url abstract language publisher edition remote-
    database-name remote-database-provider
"""
USED = frozenset(_USED_NAMES.split())

_REF_TYPES = {
    "0": "journal article", "5": "book section", "6": "book", "3": "conference proceedings",
    "10": "conference proceedings", "12": "web page", "13": "other", "17": "journal article",
    "19": "magazine article", "23": "newspaper article", "27": "report", "28": "edited book",
    "32": "thesis", "36": "pamphlet", "43": "electronic article", "44": "electronic book",
    "46": "government document", "47": "conference paper", "48": "online multimedia",
    "49": "blog", "56": "blog", "58": "standard", "60": "electronic book section",
}  # fmt: skip

_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2})|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));",
    re.IGNORECASE,
)


def read_endnote(text: str, source: str, encoding: str) -> Reading:
    """Read EndNote XML.

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
        One record or set-aside record for every ``<record>``.

    Raises
    ------
    UnreadableExport
        If the file declares XML entities, which no export does and an attack may.

    Examples
    --------
    >>> reading = read_endnote("<xml><records><record><titles><title><style>Tr</style>"
    ...     "<style>ust</style></title></titles></record><record>", "a.xml", "ascii")
    >>> [r.title for r in reading.records], [r.reason for r in reading.rejected]
    (['Trust'], ['it has no </record>'])
    """
    prologue = START.search(text)
    if "<!ENTITY" in text[: prologue.start() if prologue else None].upper():
        raise UnreadableExport(
            source,
            "it declares XML entities, which exports do not and attacks do",
            "Export the references anew from EndNote, or ask the sender for RIS.",
        )
    account = Account(source, USED)
    starts = 0
    for line, fragment in _fragments(text):
        starts += 1
        reason = too_long(len(fragment))
        if not reason and not fragment.endswith("</record>"):
            reason = "it has no </record>"
        if not reason:
            try:
                raw = _fields(_element(fragment))
            except ValueError as fault:
                reason = str(fault)
        if reason:
            account.set_aside(reason, line=line, text=fragment)
        else:
            account.take(raw, line=line, text=fragment, interpret=interpret)
    return account.reading("EndNote XML", encoding, counted=starts)


def _fragments(text: str) -> Iterator[tuple[int, str]]:
    """Yield each record's line and text, to its end tag or to where the next one starts."""
    line, counted = 1, 0
    found = START.search(text)
    while found:
        start = found.start()
        found = START.search(text, found.end())
        stop = found.start() if found else len(text)
        end = text.rfind("</record>", start, stop)
        stop = end + len("</record>") if end >= 0 else stop
        line += text.count("\n", counted, start)
        counted = start
        yield line, text[start:stop].rstrip()


def _element(fragment: str) -> Element:
    """Parse one record; without a document type it can name no entity and no other file.

    Raises
    ------
    ValueError
        In words, when it is not well-formed.
    """
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

    fragment = _UNFIT.sub(" ", fragment)
    for attempt in (fragment, _with_entities_resolved(fragment)):
        try:
            element: Element = fromstring(attempt)
        except ParseError as fault:
            problem = errors.messages.get(fault.code, "not well-formed")
            line, column = fault.position
        except ValueError:  # defusedxml's refusals
            raise ValueError("it holds declarations that no record has") from None
        else:
            return element
    raise ValueError(
        f"it is not well-formed XML ({problem}, line {line} of the record, column {column + 1})"
    )


def _with_entities_resolved(fragment: str) -> str:
    """Return the text with HTML's named characters and bare ampersands made XML."""
    return re.sub(
        r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#[xX][0-9a-fA-F]+);)(\w+;)?",
        lambda m: html.escape(html.unescape(m[0])),
        fragment,
    )


def _fields(record: Element) -> dict[str, str | list[str]]:
    """Return the record's values by the path of their element, runs of style joined."""
    raw: dict[str, str | list[str]] = {}

    def put(path: str, value: str) -> None:
        held = raw.get(path)
        if held is None:
            raw[path] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            raw[path] = [held, value]

    waiting = [(child, str(child.tag)) for child in reversed(record)]
    while waiting:
        element, path = waiting.pop()
        for name, value in element.attrib.items():
            put(f"{path}@{name}", value)
        inner = [child for child in element if child.tag != "style"]
        if inner and path.count("/") < 10:
            waiting.extend((child, f"{path}/{child.tag}") for child in reversed(inner))
        else:
            put(path, "".join(element.itertext()))
    return raw


def interpret(place: Place, raw: Raw) -> Record:
    """Make a record of EndNote's fields."""
    number = first(raw, "ref-type").strip()
    kind = kind_of([first(raw, "ref-type@name"), _REF_TYPES.get(number, "")])
    container = first(raw, "periodical/full-title", "titles/secondary-title")
    date = first(raw, "dates/year", "dates/pub-dates/date")
    numbers = [n for value in every(raw, "isbn") for n in re.split(r"[\r\n;]+", value)]
    addresses = every(raw, "urls/related-urls/url", "urls/web-urls/url")
    resolved = [u for u in addresses if "doi.org/" in u.lower()]
    dois = (doi_of(t) for t in (*every(raw, "electronic-resource-num"), *resolved))
    return Record(
        *place,
        kind=kind,
        title=tidy(first(raw, "titles/title", "titles/short-title")),
        authors=people(every(raw, "contributors/authors/author")),
        year=year_of(date),
        year_text=tidy(date),
        container="" if kind == "book" else tidy(container),
        volume=tidy(first(raw, "volume")),
        issue=tidy(first(raw, "number")) if kind != "book" else "",
        pages=page_range(first(raw, "pages")),
        doi=next((doi for doi in dois if doi), ""),
        isbn=tuple(dict.fromkeys(i for n in numbers for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in numbers for i in issns_of(n))),
        pmid=_pmid(raw),
        url=tidy(addresses[0]) if addresses else "",
        abstract=tidy(first(raw, "abstract")),
        language=tidy(first(raw, "language")),
        publisher=tidy(first(raw, "publisher")),
        edition=tidy(first(raw, "edition")),
        editors=people(every(raw, "contributors/secondary-authors/author")),
        raw=raw,
    )


def _pmid(raw: Raw) -> str:
    database = " ".join(every(raw, "remote-database-name", "remote-database-provider")).lower()
    accession = first(raw, "accession-num")
    if re.search(r"pubmed|medline|\bnlm\b", database) or accession.lower().startswith("pmid"):
        return pmid_of(accession)
    return next(
        (p for u in every(raw, "urls/related-urls/url", "urls/web-urls/url") if (p := pmid_of(u))),
        "",
    )
