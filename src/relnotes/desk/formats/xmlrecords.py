"""XML of EndNote and PubMed: each record on its own, so that a broken one costs itself alone."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.parsers.expat import errors

from relnotes.desk.formats.fields import Fields, record_of
from relnotes.desk.formats.people import bodies, people
from relnotes.desk.formats.pieces import Piece, Raw, gathered, read_piece, spread, too_long
from relnotes.desk.formats.records import Person, Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

START = re.compile(r"<(record|PubmedArticle|PubmedBookArticle)(?=[\s>])")
"""Where a record starts."""

ENDNOTE = Fields(
    kind="ref-type@name ref-type", title="titles/title titles/short-title",
    container="periodical/full-title titles/secondary-title periodical/abbr-1",
    authors="contributors/authors/author", editors="contributors/secondary-authors/author",
    year="dates/year dates/pub-dates/date", volume="volume", issue="number", pages="pages",
    doi="electronic-resource-num", isbn="isbn", accession="accession-num",
    database="remote-database-name+remote-database-provider",
    url="urls/related-urls/url urls/web-urls/url", abstract="abstract", language="language",
    publisher="publisher", edition="edition", note="notes",
)  # fmt: skip

_CITATION, _ARTICLE = "MedlineCitation", "MedlineCitation/Article"
_ISSUE, _BOOK = f"{_ARTICLE}/Journal/JournalIssue", "BookDocument/Book"
PUBMED = Fields(
    kind=f"{_ARTICLE}/PublicationTypeList/PublicationType BookDocument/PublicationType",
    title=f"{_ARTICLE}/ArticleTitle BookDocument/ArticleTitle {_ARTICLE}/VernacularTitle",
    book_title=f"{_BOOK}/BookTitle",
    container=f"{_ARTICLE}/Journal/Title {_CITATION}/MedlineJournalInfo/MedlineTA",
    year=f"{_ISSUE}/PubDate/Year {_ISSUE}/PubDate/MedlineDate {_ARTICLE}/ArticleDate/Year "
         f"{_BOOK}/PubDate/Year",
    volume=f"{_ISSUE}/Volume", issue=f"{_ISSUE}/Issue",
    pages=f"{_ARTICLE}/Pagination/MedlinePgn {_ARTICLE}/Pagination/StartPage",
    doi=f"{_ARTICLE}/ELocationID+PubmedData/ArticleIdList/ArticleId+"
        "BookDocument/ArticleIdList/ArticleId",
    isbn=f"{_ARTICLE}/Journal/ISSN+{_CITATION}/MedlineJournalInfo/ISSNLinking+{_BOOK}/Isbn",
    pmid=f"{_CITATION}/PMID BookDocument/PMID",
    abstract=f"{_ARTICLE}/Abstract/AbstractText BookDocument/Abstract/AbstractText",
    language=f"{_ARTICLE}/Language BookDocument/Language",
    publisher=f"{_BOOK}/Publisher/PublisherName",
)  # fmt: skip
_AUTHORS = ("MedlineCitation/Article/AuthorList", "BookDocument/AuthorList",
            "BookDocument/Book/AuthorList")  # fmt: skip

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


def read_xml(text: str) -> Iterator[Piece]:
    """Read XML of EndNote or PubMed.

    Examples
    --------
    >>> pieces = list(read_xml("<xml><records><record><titles><title><style>Tr</style>"
    ...     "<style>ust</style></title></titles></record><record>"))
    >>> [p.record.title for p in pieces if p.record], [p.reason for p in pieces if p.reason]
    (['Trust'], ['it has no </record>'])
    """
    for start, end, name in _fragments(text):
        fragment = text[start:end]
        reason = too_long(end - start)
        if not reason and not fragment.endswith(f"</{name}>"):
            reason = f"it has no </{name}>"
        if not reason:
            try:
                element = _element(fragment)
            except ValueError as fault:
                reason = str(fault)
        if reason:
            yield Piece(start, end, reason=reason)
            continue
        raw = _fields(element)
        if name == "record":
            interpret = functools.partial(_endnote, raw)
            used = ENDNOTE.used
        else:
            interpret = functools.partial(_pubmed, raw, element)
            used = PUBMED.used
        yield read_piece(start, end, raw, used, interpret)


def _fragments(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each record's place and name, to its end tag or to where the next one starts."""
    found = START.search(text)
    while found:
        start, name = found.start(), found[1]
        found = START.search(text, found.end())
        stop = found.start() if found else len(text)
        end = text.rfind(f"</{name}>", start, stop)
        stop = end + len(name) + 3 if end >= 0 else start + len(text[start:stop].rstrip())
        yield start, stop, name


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


_STYLES = frozenset({"style", "i", "b", "u", "sub", "sup", "em", "strong"})


def _fields(record: Element) -> dict[str, str | list[str]]:
    """Return the record's values by the path of their element, runs of style joined."""
    found: list[tuple[str, str]] = []

    def put_loose(*texts: str | None) -> None:
        found.extend(("text between the fields", t) for t in texts if t and t.strip())

    put_loose(record.text)
    waiting = [(child, str(child.tag)) for child in reversed(record)]
    while waiting:
        element, path = waiting.pop()
        found += [(f"{path}@{name}", value) for name, value in element.attrib.items()]
        inner = [child for child in element if child.tag not in _STYLES]
        put_loose(element.tail, element.text if inner else "")
        if inner and path.count("/") < 10:
            waiting.extend((child, f"{path}/{child.tag}") for child in reversed(inner))
        else:
            found.append((path, "".join(element.itertext())))
    return gathered(found)


def _endnote(raw: Raw) -> Record:
    values = ENDNOTE.of(spread(raw))
    numbers = [_REF_TYPES.get(t.strip(), t) for t in values.get("kind", [])]
    values["kind"] = numbers
    if "book" in map(str.lower, numbers):
        values.pop("issue", None)  # the number of volumes
    authors = people(values.get("authors", []))
    return record_of(values, raw, authors, people(values.get("editors", [])))


def _pubmed(raw: Raw, element: Element) -> Record:
    values = PUBMED.of(spread(raw))
    values["doi"] = [text for text in values.get("doi", []) if text.startswith("10.")]
    roles = [(group.get("Type", "authors"), _people(group))
             for path in _AUTHORS for group in element.iterfind(path)]  # fmt: skip
    authors = tuple(p for role, found in roles if role == "authors" for p in found)
    editors = tuple(p for role, found in roles if role == "editors" for p in found)
    return record_of(values, raw, authors, editors)


def _people(group: Element) -> tuple[Person, ...]:
    found: list[Person] = []
    for author in group.iterfind("Author"):
        family = author.findtext("LastName")
        given = author.findtext("ForeName") or author.findtext("Initials") or ""
        if family:
            found.append(Person(family, given))
        else:
            found.extend(bodies(filter(None, [author.findtext("CollectiveName")])))
    return tuple(found)
