"""Forms to fill in: which tables each takes, what it asks of a work, and as a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from relnotes.desk.formats.records import Person, Record
from relnotes.desk.workbooks import table_workbook
from relnotes.evidence.collection import Collection
from relnotes.evidence.rules.works import isbn_is_valid
from relnotes.evidence.schema import Field
from relnotes.evidence.tables import empty_frame

FORMS: Mapping[str, tuple[str, ...]] = {
    "framework": ("frameworks", "elements", "crosswalk"),
    "element": ("elements", "crosswalk"),
    "judgement": ("crosswalk",),
    "claim": ("claims", "claim_concepts"),
    "finding": ("findings",),
    "study": ("studies",),
    "concept": ("concepts",),
    "term": ("vocabularies",),
    "correction": ("corrections",),
    "event": ("events",),
}
"""What can be added by hand, and the tables it takes."""


def form_bytes(collection: Collection, what: str) -> bytes:
    """Return an empty workbook to fill in, with drop-downs and guidance; `merge` reads it.

    Parameters
    ----------
    collection : Collection
        Gives the declarations and the ids to choose from.
    what : str
        One of `FORMS`.

    Raises
    ------
    KeyError
        If there is no such form.
    """
    tables = {name: empty_frame(collection.schema.table(name)) for name in FORMS[what]}
    columns = collection.schema.table(FORMS[what][0]).columns
    more = [f for f in REFERENCE if f.name not in columns] if what == "study" else []
    return table_workbook(collection, tables, {}, more=more)


def wrong_reference_part(column: Field, typed: str) -> str:
    """Return what is wrong with a part of a reference; empty if nothing is."""
    if not typed:
        return "A value is needed." if column.required else ""
    if column.enum and typed not in column.enum:
        return f"Choose one of the list: {', '.join(column.enum)}."
    if column.pattern and not re.fullmatch(column.pattern, typed):
        return f"Write it like {column.example}."
    if column.name == "isbn" and not isbn_is_valid(typed):
        return "The length or the check digit is wrong."
    return ""


REFERENCE = (
    Field("kind", title="Kind", description="What sort of publication it is.", required=True,
          example="article",
          enum=("article", "book", "chapter", "report", "thesis", "conference", "online", "other")),
    Field("title", title="Title", description="As it is printed.", required=True,
          example="Trust in supervision"),
    Field("authors", title="Authors", description="Family name, comma, given names; several "
          "separated by ;. A body is written without a comma.",
          example="Doe, Jane; Ministry of Examples"),
    Field("year", title="Year", description="Year of publication.", example="2022",
          pattern=r"(1[5-9]|20)\d\d"),
    Field("container", title="Published in", description="Journal, or book of a chapter.",
          example="Journal of Examples"),
    Field("publisher", title="Publisher", description="Publisher or institution.",
          example="Routledge"),
    Field("volume", title="Volume", description="Volume of the journal.", example="69"),
    Field("issue", title="Issue", description="Issue of the volume.", example="4"),
    Field("pages", title="Pages", description="First and last page.", example="417-433",
          pattern=r"[A-Za-z]*\d+(-[A-Za-z]*\d+)?"),
    Field("doi", title="DOI", description="Without an address before it.",
          example="10.1177/0264550513478320", pattern=r"10\.\d{4,9}(\.\d+)*/[^\s{}\\]+"),
    Field("isbn", title="ISBN", description="With ten or thirteen digits.",
          example="978-0-306-40615-7"),
    Field("url", title="Address", description="Where it can be read.",
          example="https://example.org/report", pattern=r"https?://[^\s/$.?#{}\\][^\s{}\\]*"),
)  # fmt: skip


def record_of_form(said: Mapping[str, str]) -> Record:
    """Return a work as a person says it, in the parts of `REFERENCE`."""
    first, _, last = said["pages"].partition("-")
    return Record(
        source="typed in", position=1, line=None, kind=said["kind"] or "other",  # type: ignore[arg-type]
        title=said["title"], authors=tuple(_people(said["authors"])),
        year=int(said["year"]) if said["year"] else None, container=said["container"],
        publisher=said["publisher"], volume=said["volume"], issue=said["issue"],
        pages=(first, last), doi=said["doi"].lower(),
        isbn=(said["isbn"],) if said["isbn"] else (), url=said["url"],
    )  # fmt: skip


def _people(text: str) -> Iterator[Person]:
    for name in (part.strip() for part in text.split(";")):
        family, comma, given = name.partition(",")
        if name:
            yield Person(family.strip(), given.strip(), corporate=not comma)
