"""The figures that belong to a collection, by name.

A name begins with its topic, which is the module that draws it: ``overlap-upset`` stands in
``relnotes.figures.overlap``. A topic is imported when one of its figures is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from relnotes.evidence.collection import open_collection
from relnotes.evidence.near import UnknownNameError
from relnotes.figures.style import of_part, zoomed

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection
    from relnotes.figures.figure import Figure

Maker = Callable[["Collection"], "Figure"]

TOPICS: Final = ("agreement", "audit", "findings", "frameworks", "gaps", "overlap", "timeline")

FIGURES: Final[dict[str, Maker]] = {}
"""The registered figures of the topics imported so far; :func:`names` imports them all."""


def registered(name: str) -> Callable[[Maker], Maker]:
    """Register a function that makes a figure from the collection.

    Parameters
    ----------
    name : str
        ``<topic>-<view>``, where the topic is the module's own name.

    Raises
    ------
    ValueError
        If the name does not begin with the module's name, or is taken.
    """

    def register(function: Maker) -> Maker:
        topic = function.__module__.removeprefix("relnotes.figures.").split(".")[0]
        if name.split("-", 1)[0] != topic:
            raise ValueError(f"{name}: the name of a figure of this module begins with {topic}-")
        taken = FIGURES.get(name)
        if taken is not None and taken.__qualname__ != function.__qualname__:
            raise ValueError(f"{name}: another figure has this name")
        FIGURES[name] = function
        return function

    return register


def names() -> tuple[str, ...]:
    """Return the names of all registered figures, in alphabetical order.

    Examples
    --------
    >>> "overlap-upset" in names()
    True
    """
    for topic in TOPICS:
        importlib.import_module(f"relnotes.figures.{topic}")
    return tuple(sorted(FIGURES))


def make(
    name: str,
    collection: Collection | None = None,
    *,
    only: Mapping[str, str | Iterable[str]] | None = None,
    scale: float = 1.0,
) -> Figure:
    """Draw a registered figure.

    Parameters
    ----------
    name : str
        Registered name.
    collection : Collection, optional
        What to draw; the one that :func:`~relnotes.open_collection` finds by default.
    only : mapping, optional
        Draw a part of the collection, as of
        :meth:`~relnotes.Collection.only`: ``{"setting": "probation"}``.
    scale : float
        How many times larger than in print, such as 1.6 for a slide.

    Raises
    ------
    UnknownNameError
        If no figure has this name; the message says what comes near.
    """
    topic = name.split("-", 1)[0]
    if topic in TOPICS:
        importlib.import_module(f"relnotes.figures.{topic}")
    if name not in FIGURES:
        raise UnknownNameError("There is no figure", name, names())
    collection = collection if collection is not None else open_collection()
    collection = collection.only(**only) if only else collection
    with zoomed(scale), of_part(collection.part):
        return FIGURES[name](collection).of(collection)


def rows_behind_mark(collection: Collection, name: str, mark: str) -> list[tuple[str, str]]:
    """Return table and id of every row behind a mark; nothing for a name of no figure.

    Raises
    ------
    UnknownNameError
        If the figure has no such mark; the message says what comes near.
    """
    if name not in names():
        return []
    found = make(name, collection).row_ids(mark)
    return [(table, row) for table, _, row in (row_id.partition(":") for row_id in found)]
