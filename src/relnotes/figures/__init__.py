"""The figures of the collection, registered by name.

A name begins with its topic, which is the module that draws it: ``overlap-upset`` stands in
``relnotes.figures.overlap``. A topic is imported when one of its figures is asked for.
"""

from __future__ import annotations

import difflib
import gc
import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from relnotes.evidence.faults import shortened

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection
    from relnotes.figures.figure import Figure

__all__ = ["FIGURES", "make", "names", "registered"]

FIGURES: Final[dict[str, Callable[[Collection], Figure]]] = {}
"""The registered figures of the topics imported so far; :func:`names` imports them all."""

_MACHINERY: Final = {"charts", "columns", "figure", "manifest", "passport", "scales", "style"}


def registered(
    name: str,
) -> Callable[[Callable[[Collection], Figure]], Callable[[Collection], Figure]]:
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

    def register(function: Callable[[Collection], Figure]) -> Callable[[Collection], Figure]:
        topic = function.__module__.removeprefix(f"{__name__}.").split(".")[0]
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
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _MACHINERY:
            importlib.import_module(f"{__name__}.{module.name}")
    return tuple(sorted(FIGURES))


def make(name: str, collection: Collection) -> Figure:
    """Draw a registered figure of a collection.

    Parameters
    ----------
    name : str
        Registered name.
    collection : Collection
        What to draw.

    Raises
    ------
    KeyError
        If no figure has this name; the message lists those there are.
    """
    topic = name.split("-", 1)[0]
    # The drawing library comes in here, and nothing of it is garbage: the collector would walk
    # its many objects again and again in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _made(name, topic, collection)
    finally:
        if collecting:
            gc.enable()


def _made(name: str, topic: str, collection: Collection) -> Figure:
    if name not in FIGURES and topic in {m.name for m in pkgutil.iter_modules(__path__)}:
        importlib.import_module(f"{__name__}.{topic}")
    if name not in FIGURES:
        raise KeyError(f"There is no figure ‘{name}’. There are: {', '.join(names())}.")
    return FIGURES[name](collection).of(collection)


def rows_behind_mark(collection: Collection, name: str, mark: str) -> list[tuple[str, str]]:
    """Return table and id of every row behind a mark; nothing for a name of no figure.

    Raises
    ------
    KeyError
        If the figure has no such mark; the message names the nearest ones.
    """
    if name not in names():
        return []
    marks = make(name, collection).marks
    if mark not in marks:
        near = difflib.get_close_matches(mark, list(marks), n=3, cutoff=0.3) or list(marks)[:3]
        hint = " or ".join(f"‘{shortened(m)}’" for m in near)
        raise KeyError(f"The figure {name} has no mark ‘{shortened(mark)}’. Did you mean {hint}?")
    rows = []
    for row_id in marks[mark]:
        table, _, row = row_id.partition(":")
        rows.append((table, row))
    return rows
