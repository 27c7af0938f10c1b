"""JSON from strangers: the items of an array, a wrapper or JSON lines, one at a time.

Items are decoded one by one, so that a broken one costs itself alone and the
whole never stands in memory as objects.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from relnotes.desk.formats.pieces import too_long
from relnotes.desk.formats.values import storable

MOST_BROKEN = 300
"""Broken items after which the rest of a file is set aside as one piece."""

WRAPPERS = ("results", "items", "message", "works", "references", "data", "records", "docs",
            "result")  # fmt: skip
"""Keys under which services and programs put the list of items."""

_AROUND = ("message", "response", "resultList")
"""Keys under which they put the object with that list."""

_SPACE = re.compile(r"[\s,]*")
_WHITE = re.compile(r"\s*")
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its value, or why there is none, and where its text stands."""

    start: int
    end: int
    value: Any = None
    broken: str = ""
    passed: str = ""


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) < 1_000 else text  # Python refuses to read longer ones


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one with a field twice is two of which the middle is lost.

    Raises
    ------
    ValueError
        In words, if the two differ: the one would hide the other.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = next((key for key, value in pairs if made[key] != value), None)
        if twice is not None:
            raise ValueError(f"it has the field ‘{twice[:100]}’ twice")
    return made


_DECODER = json.JSONDecoder(
    parse_int=_whole_number, parse_constant=str, strict=False, object_pairs_hook=_object
)


def items(text: str) -> Iterator[Item]:
    r"""Yield the items of a JSON text.

    Arrays, objects that wrap one (`WRAPPERS`) and objects one after another, in any
    order and number: an array that is closed is not the end of the file.

    Examples
    --------
    >>> [(i.start, i.value, i.broken) for i in items('[{"a": 1},\n{"a": },\n{"a": NaN}]')]
    [(1, {'a': 1}, ''), (11, None, 'it is not valid JSON'), (20, {'a': 'NaN'}, '')]
    >>> [i.value or i.passed for i in items('{"meta": {}, "results": [{"a": 1}]}\n[{"b": 2}]')]
    ['wrapper of the list', {'a': 1}, {'b': 2}]
    """
    position = broken = depth = 0
    while True:
        between = _CLOSED.match(text, position)
        depth = max(0, depth - between[0].count("]")) if between else depth
        position = between.end() if between else position
        if position >= len(text):
            return
        if text[position] == "[":
            depth += 1
            position += 1
            continue
        wrapped = _wrapped(text, position) if not depth else None
        if wrapped is not None:
            yield Item(position, wrapped, passed="wrapper of the list")
            position = wrapped
            continue
        item = _item(text, position, closed_by="]" if depth else "")
        broken += bool(item.broken)
        if broken > MOST_BROKEN:
            reason = f"more than {MOST_BROKEN:,} items of the file are broken; this is all the rest"
            yield Item(position, len(text), None, reason)
            return
        yield item
        position = max(item.end, position + 1)


_CLOSED = re.compile(r"[\s,\]}]*")


def _item(text: str, position: int, closed_by: str) -> Item:
    """Decode the item at a place, or say why it cannot be and where to go on."""
    value, reason = None, ""
    try:
        value, end = _DECODER.raw_decode(text, position)
    except RecursionError:
        reason, end = "it is nested too deeply", _resumption(text, position, closed_by)
    except json.JSONDecodeError:
        reason, end = "it is not valid JSON", _resumption(text, position, closed_by)
    except ValueError as twice:
        reason, end = str(twice), _resumption(text, position, closed_by)
    if reason:
        end = _work_within(text, position + 1, end)
    if length := too_long(end - position):
        value, reason = None, length
    return Item(position, end, _inner(value), reason)


def _inner(value: Any) -> Any:
    """Return the work itself where Crossref, DataCite or Zotero put it one level down."""
    for key, sign in (("message", "DOI"), ("attributes", "titles"), ("data", "itemType")):
        if sign in mapping_of(mapping_of(value).get(key)):
            return value[key]
    return value


_OBJECT = re.compile(r'\{\s{0,99}"')


def _work_within(text: str, position: int, end: int) -> int:
    """Return where a whole work starts inside a broken item, as in a file that was cut off."""
    for found in itertools.islice(_OBJECT.finditer(text, position, end), _MOST_TRIED):
        try:
            value, _ = _DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        if _OF_A_WORK & value.keys():
            return found.start()
    return end


_MOST_TRIED = 100


def _wrapped(text: str, position: int) -> int | None:
    """Return where the list starts in an object, or the rest of one, that wraps it."""
    opened = text[position] == "{"
    position = _after_space(text, position + opened)
    while text[position : position + 1] == '"':
        try:
            key, position = _DECODER.raw_decode(text, position)
            position = _after_space(text, position)
            if text[position : position + 1] != ":" or key in _OF_A_WORK:
                return None
            position = _after_space(text, position + 1)
            if key in WRAPPERS and _LIST.match(text, position):
                return position
            if (
                key in ("message", "response", "resultList")
                and text[position : position + 1] == "{"
            ):
                return _wrapped(text, position)
            _, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return None
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
    return None if opened or text[position : position + 1] not in ("}", "") else position


_LIST = re.compile(r"\[\s*(?:[{\[]|\]|$)")
_OF_A_WORK = frozenset({"title", "type", "itemType", "DOI", "doi", "author", "authorships"})


def _resumption(text: str, position: int, closed_by: str) -> int:
    """Return where to go on after a broken item.

    Exports put each item at the start of a line with the same indentation, so
    the next such line is where the next item starts; on one long line, it is
    after the braces are balanced again.
    """
    begin = text.rfind("\n", 0, position) + 1
    opening = text[begin:position]
    if not opening.strip():
        found = re.compile(rf"^{re.escape(opening)}(?={{|\]|\}})", re.MULTILINE).search(
            text, position + 1
        )
        while found and text[found.end()] == "}":  # the broken item's own closing brace
            after = _after_space(text, found.end() + 1)
            if text[after : after + 1] in (",", closed_by, ""):
                return found.end() + 1
            found = re.compile(rf"^{re.escape(opening)}(?={{)", re.MULTILINE).search(text, after)
        if found:
            return found.end()
    if not closed_by:
        end = text.find("\n", position)
        return len(text) if end < 0 else end
    depth = 0
    for mark in _MARKS.finditer(text, position):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark[0], 0)
        if depth <= 0 and mark[0] in "}]":
            return mark.end() if depth == 0 else mark.start()
    return len(text)


def _after_space(text: str, position: int) -> int:
    return _WHITE.match(text, position).end()  # type: ignore[union-attr]


def flattened(item: dict[str, Any]) -> dict[str, str | list[str]]:
    """Return an item's fields as text, as they are kept; what is nested deeper stays JSON.

    Raises
    ------
    RecursionError
        If it is nested too deeply to be written.

    Examples
    --------
    >>> flattened({"title": "Trust", "year": 2022, "author": [{"family": "Li"}], "x": None})
    {'title': 'Trust', 'year': '2022', 'author': ['{"family": "Li"}'], 'x': ''}
    """
    return {
        storable(str(key)): [_as_text(v) for v in value]
        if isinstance(value, list)
        else _as_text(value)
        for key, value in item.items()
    }


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return storable(value)
    return storable(json.dumps(value, ensure_ascii=False))


def paths(item: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the plain values of an item, each with the path of its keys.

    Examples
    --------
    >>> list(paths({"biblio": {"volume": 7}, "ISSN": ["1", "2"], "x": None}))
    [('biblio.volume', '7'), ('ISSN', '1'), ('ISSN', '2')]
    """
    if isinstance(item, dict) and depth < _DEEPEST:
        for key, value in item.items():
            yield from paths(value, f"{prefix}.{key}" if prefix else str(key), depth + 1)
    elif isinstance(item, list) and depth < _DEEPEST:
        for value in item:
            yield from paths(value, prefix, depth + 1)
    elif text := text_of(item):
        yield prefix, text


_DEEPEST = 6


def text_of(value: Any) -> str:
    """Return a value as text; the first of a list, and "" for what is no plain value.

    Examples
    --------
    >>> text_of(["Trust", "x"]), text_of(None), text_of(7), text_of({"a": 1})
    ('Trust', '', '7', '')
    """
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def texts_of(value: Any) -> list[str]:
    """Return the plain values of a list, or of the one value, as texts."""
    return [t for t in map(text_of, value if isinstance(value, list) else [value]) if t]


def mapping_of(value: Any) -> dict[str, Any]:
    """Return the value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return the value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []
