"""OpenAlex works: JSON pages as its service sends them, lists, and JSON lines."""

from __future__ import annotations

from typing import Any

from relnotes.desk.formats.account import Place, Raw
from relnotes.desk.formats.csljson import read_items
from relnotes.desk.formats.jsonitems import list_of, mapping_of, text_of, texts_of
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.people import people
from relnotes.desk.formats.records import Reading, Record
from relnotes.desk.formats.values import doi_of, issns_of, page_range, pmid_of, tidy, year_of

_USED_NAMES = """
    title display_name type publication_year publication_date authorships biblio doi ids
    language primary_location host_venue abstract_inverted_index abstract
"""
USED = frozenset(_USED_NAMES.split())

MOST_WORDS = 100_000
"""Words an abstract may have when it is put together from its index."""


_SHAPE_NAMES = """
    authorships publication_year publication_date display_name biblio primary_location locations
    host_venue abstract_inverted_index
"""
_SHAPE = frozenset(_SHAPE_NAMES.split())


def is_work(item: Any) -> bool:
    """Whether an item has the shape of an OpenAlex work, or is a page of them."""
    if not isinstance(item, dict):
        return False
    if isinstance(item.get("results"), list) and isinstance(item.get("meta"), dict):
        return True
    known = len(_SHAPE & item.keys())
    return known > 0 if "openalex.org/" in text_of(item.get("id")) else known > 2


def read_openalex(text: str, source: str, encoding: str) -> Reading:
    r"""Read OpenAlex works.

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
        One record or set-aside record for every work.

    Examples
    --------
    >>> work = '{"id": "https://openalex.org/W1", "title": "Trust", "publication_year": 2022}'
    >>> read_openalex(work + "\n" + work, "a.jsonl", "ascii").total
    2
    """
    return read_items(text, source, encoding, form="OpenAlex works", used=USED, interpret=interpret)


def interpret(place: Place, raw: Raw, *, item: dict[str, Any]) -> Record:
    """Make a record of an OpenAlex work."""
    biblio = mapping_of(item.get("biblio"))
    location = mapping_of(item.get("primary_location"))
    venue = mapping_of(location.get("source")) or mapping_of(item.get("host_venue"))
    ids = mapping_of(item.get("ids"))
    kind = kind_of([text_of(item.get("type"))])
    if kind == "article" and text_of(venue.get("type")) == "conference":
        kind = "conference"
    year_text = text_of(item.get("publication_year")) or text_of(item.get("publication_date"))
    issns = [*texts_of(venue.get("issn_l")), *texts_of(venue.get("issn"))]
    return Record(
        *place,
        kind=kind,
        title=tidy(text_of(item.get("title")) or text_of(item.get("display_name"))),
        authors=people(map(_author, list_of(item.get("authorships")))),
        year=year_of(year_text),
        year_text=tidy(year_text),
        container=tidy(
            text_of(venue.get("display_name")) or text_of(location.get("raw_source_name"))
        ),
        volume=tidy(text_of(biblio.get("volume"))),
        issue=tidy(text_of(biblio.get("issue"))),
        pages=page_range(text_of(biblio.get("first_page")), text_of(biblio.get("last_page"))),
        doi=doi_of(text_of(item.get("doi")) or text_of(ids.get("doi"))),
        issn=tuple(dict.fromkeys(i for n in issns for i in issns_of(n))),
        pmid=pmid_of(text_of(ids.get("pmid"))),
        url=tidy(text_of(location.get("landing_page_url")) or text_of(venue.get("url"))),
        abstract=tidy(text_of(item.get("abstract")))
        or abstract_of(item.get("abstract_inverted_index")),
        language=tidy(text_of(item.get("language"))),
        publisher=tidy(
            text_of(venue.get("host_organization_name")) or text_of(venue.get("publisher"))
        ),
        raw=raw,
    )


def _author(authorship: Any) -> str:
    authorship = mapping_of(authorship)
    author = mapping_of(authorship.get("author"))
    return text_of(author.get("display_name")) or text_of(authorship.get("raw_author_name"))


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
