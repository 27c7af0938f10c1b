"""JSON from strangers: the items of an array, a wrapper or JSON lines, one at a time.

Items are decoded one by one, so that a broken one costs itself alone and the
whole never stands in memory as objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from relnotes.desk.formats.account import too_long
from relnotes.desk.formats.values import storable

MOST_BROKEN = 1_000
"""Broken items after which the rest of a file is set aside as one piece."""

WRAPPERS = ("results", "items", "message", "works", "references", "data", "records")
"""Keys under which services and programs put the list of items."""

_SPACE = re.compile(r"[\s,]*")
_WHITE = re.compile(r"\s*")
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its value, or why there is none, and where its text stands."""

    line: int
    start: int
    end: int
    value: Any = None
    broken: str = ""


def _whole_number(text: str) -> int | str:
    return int(text) if len(text) < 1_000 else text  # Python refuses to read longer ones


_DECODER = json.JSONDecoder(parse_int=_whole_number, parse_constant=str, strict=False)


def items(text: str) -> Iterator[Item]:
    r"""Yield the items of a JSON text.

    Parameters
    ----------
    text : str
        An array, an object that wraps one (`WRAPPERS`), objects one after
        another (JSON lines), or one object alone.

    Yields
    ------
    Item
        In order; `broken` says in words why an item could not be decoded.

    Examples
    --------
    >>> [(i.line, i.value, i.broken) for i in items('[{"a": 1},\n{"a": },\n{"a": NaN}]')]
    [(1, {'a': 1}, ''), (2, None, 'it is not valid JSON'), (3, {'a': 'NaN'}, '')]
    >>> [i.value for i in items('{"meta": {}, "results": [1, 2]}')]
    [1, 2]
    """
    start = _array_start(text)
    if start is None:
        yield from _walk(text, 0, closed_by="")
    else:
        yield from _walk(text, start, closed_by="]")


def _array_start(text: str) -> int | None:
    """Return where the list of items starts; None where objects stand one after another."""
    position = _after_space(text, 0)
    for _ in range(3):  # {"message": {"items": [ … is as deep as it goes
        if text[position : position + 1] == "[":
            return position + 1
        found = _wrapped(text, position)
        if found is None:
            return None
        position = found
    return None


def _wrapped(text: str, position: int) -> int | None:
    """Return where the value of a wrapping key starts in the object at `position`."""
    if text[position : position + 1] != "{":
        return None
    position = _after_space(text, position + 1)
    while text[position : position + 1] == '"':
        try:
            key, position = _DECODER.raw_decode(text, position)
            position = _after_space(text, position)
            if text[position : position + 1] != ":":
                return None
            position = _after_space(text, position + 1)
            if key in WRAPPERS and text[position : position + 1] == "[":
                return position
            if key == "message" and text[position : position + 1] == "{":
                return position
            _, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return None
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
    return None


def _walk(text: str, position: int, *, closed_by: str) -> Iterator[Item]:
    line = text.count("\n", 0, position) + 1
    counted, broken = position, 0
    while True:
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        if position >= len(text) or (closed_by and text[position] == closed_by):
            return
        line += text.count("\n", counted, position)
        counted = position
        value, reason = None, ""
        try:
            value, end = _DECODER.raw_decode(text, position)
        except RecursionError:
            reason, end = "it is nested too deeply", _resumption(text, position, closed_by)
        except ValueError:
            reason, end = "it is not valid JSON", _resumption(text, position, closed_by)
        if length := too_long(end - position):
            value, reason = None, length
        broken += bool(reason)
        if broken > MOST_BROKEN:
            reason = f"more than {MOST_BROKEN:,} items of the file are broken; this is all the rest"
            yield Item(line, position, len(text), None, reason)
            return
        yield Item(line, position, end, value, reason)
        position = max(end, position + 1)


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
    """Return an item's fields as text; what is nested deeper stays JSON.

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
