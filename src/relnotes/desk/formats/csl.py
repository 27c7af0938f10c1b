"""A record as a CSL-JSON item, so that what was read can be compared by any other program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from relnotes.desk.formats.records import Person, Record

_TYPES = {
    "article": "article-journal", "book": "book", "chapter": "chapter", "report": "report",
    "thesis": "thesis", "conference": "paper-conference", "online": "webpage",
    "other": "document",
}  # fmt: skip


def csl_of(record: Record) -> dict[str, Any]:
    """Return a record as an item that fits the schema of CSL-JSON; what is empty is left out.

    Examples
    --------
    >>> csl_of(Record("a.ris", 3, 9, "book", "Trust", (Person("Doe", "Ann"),), 2014, "2014"))
    {'id': '3', 'type': 'book', 'title': 'Trust', 'author': [{'family': 'Doe', 'given': 'Ann'}], \
'issued': {'date-parts': [[2014]]}}
    """
    date = {"date-parts": [[record.year]]} if record.year else {"raw": record.year_text}
    item = {
        "id": str(record.position),
        "type": _TYPES[record.kind],
        "title": record.title,
        "author": _names(record.authors),
        "editor": _names(record.editors),
        "issued": date if record.year or record.year_text else None,
        "container-title": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "page": "-".join(page for page in record.pages if page),
        "DOI": record.doi,
        "PMID": record.pmid,
        "ISBN": " ".join(record.isbn),
        "ISSN": " ".join(record.issn),
        "URL": record.url,
        "abstract": record.abstract,
        "language": record.language,
        "publisher": record.publisher,
        "edition": record.edition,
    }
    return {name: value for name, value in item.items() if value}


def _names(people: Iterable[Person]) -> list[dict[str, str]]:
    return [
        {"literal": person.family} if person.corporate else
        {"family": person.family, "given": person.given} if person.given else
        {"family": person.family}
        for person in people
    ]  # fmt: skip
