"""A figure of the collection: the drawing, the same in words, its data, the rows behind each mark.

How to write one
----------------
A topic has a module here with the stem of its compute module, and for every figure a pair:

>>> def describe_topic_view(computed) -> Description: ...   # says it in words
>>> def plot_topic_view(computed) -> Figure: ...   # draws it

``plot_`` fills a :class:`~relnotes.figures.charts.Page` inside ``with house_style():`` and ends::

    return Figure.described(
        "topic-view", words, drawing=page.finished(), data=data, marks=marks
    )

A page is a whole figure; it is not drawn into somebody's axes. For a slide there is the ``scale``
of :func:`~relnotes.figures.make`, and ``figure.drawing`` is the Matplotlib figure.

``data`` is a DataFrame with a column ``mark``, one row or several for each mark; ``marks`` maps the
same names to row ids (``"studies:dominey-2022"``). Mark names are what a reader would call the
mark, such as ``"trust"`` or ``"trust × IDEAS"``: they are what ``figure.rows("trust")`` takes.
Anything chosen beside the data (a strictness, a mode) goes into ``choices``.

A figure that belongs to the collection is registered beside its pair, under ``<module>-<view>``::

    @registered("topic-view")
    def topic_view(collection: Collection) -> Figure:
        return plot_topic_view(compute_topic_view(collection))
"""

from __future__ import annotations

import base64
import html
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.evidence.disk import put_whole
from relnotes.evidence.near import UnknownNameError
from relnotes.figures.charts import Page
from relnotes.figures.markup import as_html
from relnotes.figures.passport import Kind, Passport, as_csv, pdf_keywords, sealed
from relnotes.figures.style import COLUMN, clean, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from relnotes.evidence.collection import Collection

NARROW: Final = COLUMN * 1.5
PRINT_DPI: Final = 300
SCREEN_DPI: Final = 144
KINDS: Final[tuple[Kind, ...]] = ("svg", "pdf", "png")


@dataclass(frozen=True)
class Description:
    """A figure in words, computed from the same data as its marks.

    Attributes
    ----------
    title : str
        The question the figure answers.
    caption : str
        The answer, and how to read the marks.
    alt : str
        What one sees, for somebody who does not: the finding in a sentence or two.
    description : str
        The same at length, in plain sentences: a paragraph a line; lines that begin with ``- `` are
        the items of a list.
    """

    title: str
    caption: str
    alt: str
    description: str


@dataclass(frozen=True, eq=False)
class Figure:
    """A drawing that can say what it shows and where it comes from.

    Attributes
    ----------
    name : str
        Registered name, such as ``overlap-upset``.
    title, caption, alt, description : str
        See :class:`Description`.
    drawing : matplotlib.figure.Figure
        The picture, at the size it is exported for.
    data : DataFrame
        What the marks show; the column ``mark`` names the mark of each row.
    marks : mapping of str to tuple of str
        The row ids behind each mark, each ``table:id``.
    version, citation : str
        Of the collection; empty until the figure is given to one with :meth:`of`.
    choices : mapping of str to str
        What was chosen beside the data, such as the strictness.
    collection : Collection or None
        Where :meth:`rows` looks the rows up.

    Raises
    ------
    ValueError
        If the marks of the data and the marks with row ids are not the same.

    Examples
    --------
    >>> from relnotes.figures.style import house_style, sheet
    >>> with house_style():
    ...     page = sheet(200, 100)
    >>> figure = Figure.described(
    ...     "topic-view",
    ...     Description("Who?", "One.", "One dot.", "There is one dot."),
    ...     drawing=page.figure,
    ...     data=pd.DataFrame({"mark": ["trust"], "frameworks": [3]}),
    ...     marks={"trust": ("concepts:trust",)},
    ... )
    >>> figure.rows("trust")
          table     id
    0  concepts  trust
    """

    name: str
    title: str
    caption: str
    alt: str
    description: str
    drawing: Drawing
    data: pd.DataFrame
    marks: Mapping[str, tuple[str, ...]]
    version: str = ""
    citation: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    collection: Collection | None = None

    def __post_init__(self) -> None:
        if "mark" not in self.data.columns:
            raise ValueError(f"{self.name}: the data need a column ‘mark’")
        unlike = sorted(set(self.data["mark"]) ^ set(self.marks))
        if unlike:
            raise ValueError(
                f"{self.name}: these marks have data but no row ids, or the other way round: "
                f"{', '.join(unlike[:5])}"
            )

    @classmethod
    def described(
        cls,
        name: str,
        description: Description,
        *,
        drawing: Drawing,
        data: pd.DataFrame,
        marks: Mapping[str, tuple[str, ...]],
        choices: Mapping[str, str] | None = None,
    ) -> Figure:
        """Return the figure with the words of a :class:`Description`."""
        return cls(
            name=name,
            title=description.title,
            caption=description.caption,
            alt=description.alt,
            description=description.description,
            drawing=drawing,
            data=data,
            marks=marks,
            choices=choices or {},
        )

    def of(self, collection: Collection) -> Figure:
        """Return the same figure with the version, citation and rows of a collection."""
        whole = f"{collection.title}, version {collection.version}"
        known = replace(self, version=collection.version, citation=whole, collection=collection)
        if not collection.part:
            return known
        only = f"only {collection.part}"
        return replace(
            known,
            title=f"{self.title} ({only})",
            alt=f"{only[0].upper()}{only[1:]}: {self.alt}",
            citation=f"{whole} ({only})",
            choices={**self.choices, "only": json.dumps(collection.chosen)},
        )

    @property
    def file_name(self) -> str:
        """Name of its files, without the ending; that of a part of a collection says which."""
        part = self.collection.part if self.collection is not None else ""
        return "-".join([self.name, "only", *_WORD.findall(part)]) if part else self.name

    # ------------------------------------------------------------ behind the marks

    def row_ids(self, name: str) -> tuple[str, ...]:
        """Return the ids behind all marks that a name stands for, each ``table:id``.

        Parameters
        ----------
        name : str
            Name of a mark, as in the column ``mark`` of the data, or one that marks are made of:
            ``Trust`` stands for ``all of Trust``, and without that for ``Trust × IDEAS`` too.

        Raises
        ------
        UnknownNameError
            If no mark has that name; the message says what comes near.
        """
        asked = name.casefold()
        found = [mark for mark in self.marks if mark.casefold() == f"all of {asked}"]
        found = found or [mark for mark in self.marks if asked in _names_in(mark)]
        if not found:
            names = dict.fromkeys(n for m in self.marks for n in (m, *_PARTS.split(m)))
            raise UnknownNameError(f"The figure {self.name} has no mark", name, names)
        return tuple(dict.fromkeys(row for mark in found for row in self.marks[mark]))

    def rows(self, name: str) -> pd.DataFrame:
        """Return the rows of the collection behind a name.

        Parameters
        ----------
        name : str
            As for :meth:`row_ids`.

        Returns
        -------
        DataFrame
            ``table`` and ``id``; and where the figure belongs to a collection, all columns of the
            rows and their ``source``: their own, or that of the row they judge.
        """
        ids = [row_id.split(":", 1) for row_id in self.row_ids(name)]
        behind = pd.DataFrame(ids, columns=["table", "id"], dtype="str")
        if self.collection is None or behind.empty:
            return behind
        parts = [
            _rows_of(self.collection, str(table), list(part["id"]))
            for table, part in behind.groupby("table", sort=False)
        ]
        return behind.merge(pd.concat(parts).fillna(""), on=["table", "id"], how="left")

    def fingerprint(self) -> str:
        """Return the SHA-256 of the data behind the marks and of their row ids."""
        return Passport.of(self).fingerprint

    def cells(self) -> list[list[str]]:
        """Return the data as text, header first: what the CSV, the page and the passport hold."""
        columns = [[_cell(value) for value in self.data[name]] for name in self.data.columns]
        return [[str(name) for name in self.data.columns], *map(list, zip(*columns, strict=True))]

    # ------------------------------------------------------------ on paper and screen

    def rendered(self, kind: Kind, dpi: int = PRINT_DPI) -> bytes:
        """Return the picture as a file, with its passport; the same bytes every time.

        Parameters
        ----------
        kind : {"svg", "pdf", "png"}
            Which format.
        dpi : int
            Dots per inch of a PNG.
        """
        passport = Passport.of(self)
        title, words, source = clean(self.title), clean(self.alt), clean(self.citation)
        metadata: dict[str, str | None]
        if kind == "svg":
            metadata = {"Date": None, "Title": title, "Description": words, "Source": source}
            metadata["Creator"] = "relnotes"
        elif kind == "pdf":
            metadata = {"CreationDate": None, "Producer": None, "Title": title, "Subject": words}
            metadata |= {"Creator": "relnotes", "Keywords": pdf_keywords(passport)}
        else:
            metadata = {"Software": "relnotes", "Title": title, "Description": words}
            metadata["Source"] = source
        file = io.BytesIO()
        with house_style() as settings:
            settings["svg.hashsalt"] = self.name
            self.drawing.savefig(file, format=kind, dpi=dpi, metadata=metadata)
        contents = file.getvalue()
        if kind == "svg":
            contents = _described(contents, clean(self.description))
        return sealed(contents, kind, passport)

    def save(self, folder: Path | str) -> dict[str, Path]:
        """Write the figure as SVG, PDF, PNG and its data as CSV.

        Parameters
        ----------
        folder : Path or str
            Where to; made if it is not there. A file is replaced only when the new one is whole.

        Returns
        -------
        dict of str to Path
            The files by kind: ``svg``, ``pdf``, ``png``, ``csv``.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        files = {kind: folder / f"{self.file_name}.{kind}" for kind in (*KINDS, "csv")}
        for kind in KINDS:
            put_whole(files[kind], self.rendered(kind))
        put_whole(files["csv"], as_csv(self.cells()).encode("utf-8", "replace"))
        return files

    def savefig(self, *_: object, **__: object) -> None:
        """Say what the word is: somebody who knows Matplotlib tries this one first."""
        raise AttributeError(
            f"A figure is saved as SVG, PDF, PNG and CSV at once, by the name of a folder: "
            f'figure.save("build") writes {self.file_name}.svg there, and so on. '
            "The Matplotlib figure itself is figure.drawing."
        )

    def html(self, image: str | None = None) -> str:
        """Return the figure as accessible HTML: picture, alt text, caption and, folded, the data.

        Parameters
        ----------
        image : str, optional
            Address of the picture; without it the picture is part of the HTML.
        """
        return as_html(self, image)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        png = base64.b64encode(self.rendered("png", SCREEN_DPI)).decode("ascii")
        return {
            "text/html": self.html(),
            "image/png": png,
            "text/plain": f"{self.title}\n{self.caption}\n\n{self.description}",
        }

    def __repr__(self) -> str:
        return f"<Figure {self.name}: {len(self.marks)} marks>"


def plot_nothing(name: str, words: Description) -> Figure:
    """Return a figure that says there is nothing to draw, in the place of an empty frame.

    Parameters
    ----------
    name : str
        Name of the figure.
    words : Description
        Its question, and in the caption why there is no answer.
    """
    with house_style():
        drawing = Page(words.title, words.caption, width=NARROW).finished()
    return Figure.described(
        name,
        words,
        drawing=drawing,
        data=pd.DataFrame({"mark": pd.Series(dtype="str")}),
        marks={},
    )


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return ";".join(str(part) for part in value)
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, float):
        # Ten digits: what the last bits of a sum hold differs from machine to machine.
        return "" if value != value else f"{value:.10g}"  # noqa: PLR0124
    return str(value)


def _described(svg: bytes, description: str) -> bytes:
    """Put the description beside the title, where readers of an SVG's structure look for it."""
    place = svg.index(b"</title>\n") + len(b"</title>\n")
    return (
        svg[:place]
        + f"<desc>{html.escape(description, quote=False)}</desc>\n".encode()
        + svg[place:]
    )


_WORD: Final = re.compile(r"[^\W_]+")
_PARTS: Final = re.compile(r" \+ | × ")


def _names_in(mark: str) -> set[str]:
    whole = mark.casefold()
    return {*_PARTS.split(whole), whole}


def _rows_of(collection: Collection, table: str, ids: list[str]) -> pd.DataFrame:
    """Return rows of one table by id, with the source they rest on."""
    declared = collection.schema.table(table)
    rows = collection.rows(table, ids).astype("str")
    rows.insert(0, "table", table)
    rows.insert(1, "id", collection.row_ids(table)[rows.index])
    sources = [column.name for column in declared.column_of("source")]
    if not sources:
        for link in declared.foreign_keys:
            theirs = [c.name for c in collection.schema.table(link.table).column_of("source")]
            if theirs:
                target = collection.tables[link.table]
                known = target.set_index(link.target)[theirs[0]]
                rows["source"] = rows[link.field].map(known[~known.index.duplicated()])
                break
    return rows
