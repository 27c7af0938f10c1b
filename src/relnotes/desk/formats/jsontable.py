"""JSON whose items are rows of a table: Zotero's own JSON, and what scripts write."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from relnotes.desk.formats.account import Place, Raw
from relnotes.desk.formats.csljson import read_items
from relnotes.desk.formats.jsonitems import mapping_of, text_of
from relnotes.desk.formats.records import Reading, Record
from relnotes.desk.formats.spreadsheet import record_of


def columns_of(items: Iterable[Any]) -> list[str]:
    """Return the names of the items' fields, in the order they are met.

    Examples
    --------
    >>> columns_of([{"title": "Trust"}, {"title": "Time", "year": 2014}, 7])
    ['title', 'year']
    """
    return list(dict.fromkeys(str(key) for item in items for key in _row(item)))


def read_json_table(text: str, source: str, encoding: str, mapping: Mapping[str, str]) -> Reading:
    """Read JSON items as the rows of a table.

    Parameters
    ----------
    text : str
        The file.
    source : str
        Name of the file.
    encoding : str
        Encoding it was read in, for the account.
    mapping : Mapping of str to str
        Name in the items to field of a record, as for a spreadsheet.

    Returns
    -------
    Reading
        One record or set-aside record for every item.

    Examples
    --------
    >>> text = '[{"title": "Trust", "creators": [{"firstName": "Ann", "lastName": "Doe"}]}]'
    >>> reading = read_json_table(text, "a.json", "ascii",
    ...                           {"title": "title", "creators": "authors"})
    >>> str(reading.records[0].authors[0])
    'Doe, Ann'
    """
    return read_items(
        text,
        source,
        encoding,
        form="JSON table",
        used=frozenset(mapping),
        interpret=functools.partial(interpret, mapping=mapping),
        mapping=mapping,
    )


def interpret(
    place: Place, raw: Raw, *, item: dict[str, Any], mapping: Mapping[str, str]
) -> Record:
    """Make a record of one item."""
    row = _row(item)
    cells: dict[str, str] = {}
    for name, field in mapping.items():
        cell = "; ".join(_texts(row.get(name), editors=field == "editors"))
        cells[field] = f"{cells[field]}; {cell}" if cells.get(field) else cell
    if "creators" in mapping and "editors" not in mapping.values():
        cells["editors"] = "; ".join(_texts(row.get("creators"), editors=True, only=True))
    return record_of(place, raw, cells)


def _row(item: Any) -> dict[str, Any]:
    """Return an item's fields, which Zotero's service puts one level down."""
    item = mapping_of(item)
    return mapping_of(item.get("data")) if "itemType" in mapping_of(item.get("data")) else item


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
