"""JSON of works: CSL-JSON (Zotero, pandoc, Crossref), OpenAlex, DataCite, and rows of tables."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from relnotes.desk.formats.fields import Fields, record_of
from relnotes.desk.formats.jsonitems import (
    Item,
    flattened,
    list_of,
    mapping_of,
    paths,
    text_of,
    texts_of,
)
from relnotes.desk.formats.people import people, person
from relnotes.desk.formats.pieces import Piece, read_piece
from relnotes.desk.formats.records import Person, Record
from relnotes.desk.formats.tables import record_of_cells
from relnotes.desk.formats.values import tidy

CSL = Fields(
    key="id", kind="type", title="title title-short", subtitle="subtitle",
    container="container-title",
    authors="author", editors="editor collection-editor",
    year="issued published-print published published-online", volume="volume", issue="issue",
    pages="page page-first number", doi="DOI", isbn="ISBN+ISSN", pmid="PMID", url="URL",
    abstract="abstract", language="language", publisher="publisher", edition="edition",
    note="note",
)  # fmt: skip

OPENALEX = Fields(
    kind="type", title="title display_name",
    container="primary_location.source.display_name host_venue.display_name "
              "primary_location.raw_source_name",
    authors="authorships", year="publication_year publication_date", volume="biblio.volume",
    issue="biblio.issue", first_page="biblio.first_page", last_page="biblio.last_page",
    doi="doi ids.doi", pmid="ids.pmid",
    isbn="primary_location.source.issn_l+primary_location.source.issn+host_venue.issn_l+"
         "host_venue.issn",
    url="primary_location.landing_page_url host_venue.url", abstract="abstract",
    language="language",
    publisher="primary_location.source.host_organization_name host_venue.publisher",
)  # fmt: skip
_OPENALEX_USED = frozenset(
    {name.partition(".")[0] for name in OPENALEX.used} | {"abstract_inverted_index"}
)

DATACITE = Fields(
    kind="types.citeproc types.resourceTypeGeneral", title="titles.title",
    container="container.title relatedItems.titles.title",
    year="publicationYear dates.date", volume="container.volume relatedItems.volume",
    issue="container.issue relatedItems.issue",
    first_page="container.firstPage relatedItems.firstPage",
    last_page="container.lastPage relatedItems.lastPage", doi="doi id",
    isbn="container.identifier", url="url", abstract="descriptions.description",
    language="language", publisher="publisher publisher.name",
)  # fmt: skip
_DATACITE_USED = frozenset(
    {name.partition(".")[0] for name in DATACITE.used} | {"creators", "contributors"}
)

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

_SHAPE_NAMES = """
    authorships publication_year publication_date display_name biblio primary_location locations
    host_venue abstract_inverted_index
"""
_SHAPE = frozenset(_SHAPE_NAMES.split())

MOST_WORDS = 100_000
"""Words an abstract may have when it is put together from its index."""


def _is_csl(item: Any) -> bool:
    """Whether an item looks like CSL-JSON: by its dates, its names, or its type."""
    if not isinstance(item, dict) or "itemType" in item:
        return False
    names = (mapping_of(name) for name in list_of(item.get("author")))
    return (
        "container-title" in item
        or isinstance(item.get("issued"), dict | list)
        or any({"family", "literal"} & name.keys() for name in names)
        or (text_of(item.get("type")) in _TYPES and bool({"title", "id"} & item.keys()))
    )


def _is_openalex(item: Any) -> bool:
    """Whether an item has the shape of an OpenAlex work."""
    if not isinstance(item, dict):
        return False
    known = len(_SHAPE & item.keys())
    return known > 0 if "openalex.org/" in text_of(item.get("id")) else known > 2


def _is_datacite(item: Any) -> bool:
    """Whether an item has the shape in which DataCite gives a work."""
    return isinstance(item, dict) and {"titles", "creators"} <= item.keys()


def read_json(found: Iterable[Item], mapping: Mapping[str, str]) -> Iterator[Piece]:
    """Read JSON items, each by its shape; where it has none, as a row of a table.

    Examples
    --------
    >>> from relnotes.desk.formats.jsonitems import items
    >>> text = '[{"type": "book", "title": "Trust", "issued": {"raw": "1999?"}}]'
    >>> [(p.record.kind, p.record.year) for p in read_json(items(text), {})]
    [('book', 1999)]
    """
    for item in found:
        if item.passed or item.broken:
            yield Piece(item.start, item.end, reason=item.broken, passed=item.passed)
        elif not isinstance(item.value, dict):
            yield Piece(item.start, item.end, reason="it is not an object with named fields")
        else:
            yield _piece(item, mapping)


def _piece(item: Item, mapping: Mapping[str, str]) -> Piece:
    shape = shape_of(item.value)
    used = shape.used if shape else frozenset(mapping)
    interpret = shape.interpret if shape else functools.partial(_row_record, mapping=mapping)
    try:
        raw = flattened(item.value)
    except RecursionError:
        return Piece(item.start, item.end, reason="it is nested too deeply")
    return read_piece(item.start, item.end, raw, used,
                      functools.partial(interpret, item.value, raw))  # fmt: skip


def _csl(item: dict[str, Any], raw: Mapping[str, Any]) -> Record:
    plain = {name: value for name, value in item.items() if name in CSL.used}
    dates = {n: _date_text(plain.pop(n)) for n in CSL.used & plain.keys() & _DATES}
    names = {n: _people(plain.pop(n, None)) for n in ("author", "editor", "collection-editor")}
    firsts = {n: texts_of(v) if n in ("ISBN", "ISSN") else text_of(v) for n, v in plain.items()}
    values = CSL.of(paths(firsts | dates))
    if text_of(item.get("type")) not in ("article", "article-journal", "journal-article"):
        values["pages"] = [t for t in values.get("pages", []) if t != text_of(item.get("number"))]
    return record_of(values, raw, names["author"], names["editor"] or names["collection-editor"])


_DATES = frozenset({"issued", "published-print", "published", "published-online"})


def _date_text(date: Any) -> str:
    """Return a date as text, from parts, the literal form or the raw one."""
    if isinstance(date, str | int):
        return tidy(str(date))
    if isinstance(date, list):  # as pandoc once wrote it
        date = date[0] if date else {}
    date = mapping_of(date)
    spans = []
    for parts in list_of(date.get("date-parts")):
        texts = texts_of(parts)
        if texts and texts[0].startswith("-"):
            spans.append(f"{texts[0].strip('-').zfill(5)} BC")  # five figures are no year of ours
        elif texts:
            spans.append("-".join(t.zfill(2) for t in texts))
    ways = ("/".join(spans), *(text_of(date.get(n)) for n in ("literal", "raw", "year")))
    return tidy(next((text for text in ways if text), ""))


def _people(value: Any) -> tuple[Person, ...]:
    found = (_person(name) for name in list_of(value))
    return tuple(p for p in found if p is not None and p.family.lower() != "others")


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


def _openalex(item: dict[str, Any], raw: Mapping[str, Any]) -> Record:
    nested = {n: v for n, v in item.items() if n in _OPENALEX_USED and n != "authorships"}
    abstract = abstract_of(nested.pop("abstract_inverted_index", None))
    values = OPENALEX.of(paths(nested))
    values["kind"] = [text_of(item.get("type"))]
    source = mapping_of(mapping_of(item.get("primary_location")).get("source"))
    if values["kind"] == ["article"] and text_of(source.get("type")) == "conference":
        values["kind"] = ["conference"]
    values.setdefault("abstract", [abstract])
    return record_of(values, raw, people(map(_author, list_of(item.get("authorships")))))


def _author(authorship: Any) -> str:
    authorship = mapping_of(authorship)
    author = mapping_of(authorship.get("author"))
    return text_of(author.get("display_name")) or text_of(authorship.get("raw_author_name"))


def _datacite(item: dict[str, Any], raw: Mapping[str, Any]) -> Record:
    values = DATACITE.of(paths({n: v for n, v in item.items() if n in _DATACITE_USED}))
    titles = map(mapping_of, list_of(item.get("titles")))
    values["subtitle"] = [text_of(t.get("title")) for t in titles
                          if t.get("titleType") == "Subtitle"]  # fmt: skip
    creators, contributors = (
        list(map(mapping_of, list_of(item.get(n)))) for n in ("creators", "contributors")
    )
    edited = [one for one in contributors if one.get("contributorType") == "Editor"]
    return record_of(values, raw, _created(creators), _created(edited))


def _created(creators: Iterable[Mapping[str, Any]]) -> tuple[Person, ...]:
    names = (
        {"family": one.get("familyName"), "given": one.get("givenName")}
        if one.get("familyName") else
        {"literal": one.get("name")} if one.get("nameType") == "Organizational" else
        text_of(one.get("name"))
        for one in creators
    )  # fmt: skip
    return _people(list(names))


def abstract_of(index: Any) -> str:
    """Put an abstract together from the places of its words.

    Examples
    --------
    >>> abstract_of({"Trust": [0, 3], "begets": [1], "more": [2]})
    'Trust begets more Trust'
    """
    places = [
        (place, word)
        for word, found in mapping_of(index).items()
        for place in list_of(found)
        if isinstance(place, int)
    ]
    if len(places) > MOST_WORDS:
        return ""
    return tidy(" ".join(word for _, word in sorted(places)))


class Shape(NamedTuple):
    """A form in which a program gives works: its name, how it is told, and how it is read."""

    name: str
    has_it: Callable[[Any], bool]
    used: frozenset[str]
    interpret: Callable[[dict[str, Any], Mapping[str, Any]], Record]


SHAPES = (
    Shape("OpenAlex works", _is_openalex, _OPENALEX_USED, _openalex),
    Shape("DataCite works", _is_datacite, _DATACITE_USED, _datacite),
    Shape("CSL-JSON", _is_csl, CSL.used, _csl),
)


def shape_of(item: Any) -> Shape | None:
    """Return the form of a work that an item has; None for a row of a table."""
    return next((shape for shape in SHAPES if shape.has_it(item)), None)


# Items that are rows of a table: Zotero's own JSON, and what scripts write


def columns_of(found: Iterable[Any]) -> list[str]:
    """Return the names of the items' fields, in the order they are met.

    Examples
    --------
    >>> columns_of([{"title": "Trust"}, {"title": "Time", "year": 2014}, 7])
    ['title', 'year']
    """
    return list(dict.fromkeys(str(key) for item in found for key in mapping_of(item)))


def _row_record(
    item: dict[str, Any], raw: Mapping[str, Any], *, mapping: Mapping[str, str]
) -> Record:
    cells: dict[str, str] = {}
    for name, field in mapping.items():
        cell = "; ".join(_texts(item.get(name), editors=field == "editors"))
        cells[field] = f"{cells[field]}; {cell}" if cells.get(field) else cell
    if "creators" in mapping and "editors" not in mapping.values():
        cells["editors"] = "; ".join(_texts(item.get("creators"), editors=True, only=True))
    return record_of_cells(raw, cells)


def _texts(value: Any, *, editors: bool, only: bool = False) -> list[str]:
    """Return the texts of a value; of a list of creators, those of the role asked for."""
    found = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            role = text_of(one.get("creatorType"))
            if (role == "editor") == editors or not (role or only):
                found.append(_name(one))
        else:
            found.append(text_of(one))
    return [text for text in found if text.strip()]


def _name(creator: dict[str, Any]) -> str:
    """Return a creator as "Family, Given"; a body ends in a comma, as EndNote marks it."""
    for family, given in (("lastName", "firstName"), ("family", "given")):
        if text_of(creator.get(family)):
            return f"{text_of(creator[family])}, {text_of(creator.get(given))}"
    name = text_of(creator.get("name"))
    return f"{name}," if name and "creatorType" in creator else name
