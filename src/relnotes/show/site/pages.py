"""What a page of the site is made of: words that lead somewhere, sections, the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from relnotes.evidence.collection import Collection


@dataclass(frozen=True)
class Cell:
    """Words on a page, and where they lead.

    Attributes
    ----------
    text : str
        Plain words; markup in them is shown, not obeyed.
    href : str
        Address from the site's root, or a work's own address; empty for none.
    html : str
        A formatted reference or a picture, which stands in the place of the words.
    parts : tuple of Cell
        Where the words lead to several places: each of them, in their place.
    """

    text: str
    href: str = ""
    html: str = ""
    parts: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Section:
    """A headed part of a page: sentences, then a table.

    Attributes
    ----------
    anchors : tuple of str
        Ids of the rows of the table, where something leads to them.
    """

    title: str
    sentences: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """The page of one row.

    Attributes
    ----------
    name : str
        Address without its ending, from the site's root.
    kind : str
        What the row is, in a word.
    facts : tuple of (str, Cell)
        Column titles and values.
    citation : str
        How to cite this page.
    json : mapping
        The row and the rows connected with it, for programs.
    """

    name: str
    kind: str
    title: str
    lead: str
    facts: tuple[tuple[str, Cell], ...]
    sections: tuple[Section, ...]
    citation: str
    json: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A finished page: its name without ending, title and body.

    Attributes
    ----------
    kind : str
        What it is, in a word; `KINDS` says it for search engines.
    words : tuple of str
        What the search finds it by.
    json : mapping or None
        The same as data, where there is any.
    """

    name: str
    title: str
    body: str
    kind: str = ""
    words: tuple[str, ...] = ()
    json: Mapping[str, Any] | None = None


def citation(collection: Collection, title: str, name: str) -> str:
    """Say how to cite a page."""
    whole = f"{collection.title}, version {collection.version}"
    return f"{whole}." if name == "index" else f"‘{title}’. In {whole}, {name}."
