"""What a notebook cell calls: cite a work, list the references, show a table, say what was found.

Everything returned shows itself as plain, accessible HTML without scripts,
with the same in words beside it, and is the same on every run.
"""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd
from pandas.api.types import is_numeric_dtype

from relnotes.evidence.bibliography import plain_reference
from relnotes.evidence.collection import Collection
from relnotes.evidence.sources import cited_keys
from relnotes.show.explorer import EXPLORER_FILE, explorer_page
from relnotes.show.explorer.picture import draw_matrix

if TYPE_CHECKING:
    from relnotes.figures.figure import Figure

READERS_SESSION = "JPY_SESSION_NAME"
"""Set by a Jupyter server for the kernel of an open notebook, and by nothing that stores one."""

MOST_ROWS = 60
"""Rows a shown table has; the rest is counted below it."""


@dataclass(frozen=True)
class Shown:
    """Something a cell shows, as HTML and as plain text."""

    as_html: str
    as_text: str

    def _repr_html_(self) -> str:
        return self.as_html

    def __repr__(self) -> str:
        return self.as_text


@dataclass
class Notes:
    """The citations of one notebook.

    Parameters
    ----------
    collection : Collection
        Whose bibliography is cited.

    Examples
    --------
    >>> from relnotes import open_collection
    >>> notes = Notes(open_collection())
    >>> key = sorted(notes.collection.bibliography)[0]
    >>> cited = notes.cite(key)
    >>> notes.cited == [key]
    True
    """

    collection: Collection
    cited: list[str] = field(default_factory=list)

    def cite(self, key: str, locator: str = "") -> Shown:
        """Cite a work, as author and year with a link.

        Parameters
        ----------
        key : str
            Citation key.
        locator : str
            Page or section; may be empty.

        Returns
        -------
        Shown
            Such as ``Dominey and Canton (2022, p. 417)``.

        Raises
        ------
        KeyError
            If the bibliography has no such key.
        """
        if key not in self.collection.bibliography:
            raise KeyError(f"The bibliography has no entry ‘{key}’.")
        work = self.collection.bibliography[key]
        place = f", {locator}" if locator else ""
        words = f"{work.creators} ({work.year or 'n.d.'}{place})"
        if key not in self.cited:
            self.cited.append(key)
        escaped = html.escape(words)
        link = f'<a href="{html.escape(work.address)}">{escaped}</a>' if work.address else escaped
        return Shown(f"<p>{link}</p>", words)

    def keys_behind(self, figure: Figure) -> list[str]:
        """Return the citation keys of the sources behind a figure's marks.

        Parameters
        ----------
        figure : Figure
            A figure of the collection.

        Returns
        -------
        list of str
            In alphabetical order, each once.
        """
        ids = sorted({row_id for rows in figure.marks.values() for row_id in rows})
        cells = [c for row in ids for c in _source_cells(self.collection, *row.split(":", 1))]
        keys = {key for cell in cells for key in cited_keys(cell, "source")}
        return sorted(key for key in keys if key in self.collection.bibliography)

    def references(self) -> Shown:
        """List the works cited in this notebook, formatted, in alphabetical order."""
        formatted = self.collection.bibliography.references(self.cited)
        items = "\n".join(f"<li>{reference}</li>" for reference in formatted.values())
        return Shown(
            f"<ul>\n{items}\n</ul>",
            "\n".join(plain_reference(reference) for reference in formatted.values()),
        )


def _source_cells(collection: Collection, table: str, row_id: str) -> list[str]:
    """Return the source cells of a row, or of the rows it judges."""
    row = collection.row(table, row_id)
    declared = collection.schema.table(table)
    own = [str(row[f.name]) for f in declared.column_of("source")]
    linked = [
        cell
        for key in declared.foreign_keys
        if table == "crosswalk" and key.table == "elements"
        for cell in _source_cells(collection, "elements", str(row[key.field]))
    ]
    return own + linked


def show(frame: pd.DataFrame, caption: str = "", columns: Mapping[str, str] | None = None) -> Shown:
    """Show a table.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    caption : str
        What they are.
    columns : mapping of str to str, optional
        Which columns to show, and under which heading; all by default.

    Returns
    -------
    Shown
        At most 60 rows; the rest is counted in a last line.

    Examples
    --------
    >>> show(pd.DataFrame({"n": [3]}), "Counts", {"n": "Works"})
    Counts
    Works
    3
    """
    headings = dict(columns) if columns is not None else {str(c): str(c) for c in frame.columns}
    sides = ["right" if is_numeric_dtype(frame[c]) else "left" for c in headings]
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{html.escape(heading)}</th>'
        if heading  # an empty heading names nothing, and a screen reader would announce it
        else "<td></td>"
        for heading, side in zip(headings.values(), sides, strict=True)
    )
    columns_shown = [[_cell(v) for v in frame[c].head(MOST_ROWS)] for c in headings]
    rows = list(zip(*columns_shown, strict=True))
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td style="text-align:{side}">{html.escape(cell)}</td>'
            for cell, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    rest = len(frame) - len(rows)
    more = "" if rest <= 0 else f"{rest} more row{'s' if rest > 1 else ''} not shown."
    table = (
        f'<table>\n<caption style="text-align:left">{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
    text = "\n".join([caption, " | ".join(headings.values()), *(" | ".join(r) for r in rows), more])
    return Shown(table + (f"\n<p>{more}</p>" if more else ""), text.strip())


def _cell(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return "" if pd.isna(value) else f"{value:.3g}"
    return "" if value is None or value is pd.NA else str(value)


def say(sentences: str | Iterable[str]) -> Shown:
    """Say computed sentences, one a line.

    Parameters
    ----------
    sentences : str or iterable of str
        Whole sentences.

    Examples
    --------
    >>> say(["One framework names trust.", "None names luck."])
    One framework names trust.
    None names luck.
    """
    lines: Sequence[str] = [sentences] if isinstance(sentences, str) else list(sentences)
    items = "\n".join(f"<li>{html.escape(line)}</li>" for line in lines)
    return Shown(f"<ul>\n{items}\n</ul>", "\n".join(lines))


def explore(collection: Collection) -> Shown:
    """Open the explorer below the cell.

    Parameters
    ----------
    collection : Collection

    Returns
    -------
    Shown
        A picture and a link; in a notebook that somebody has open, the explorer in a frame. What
        is stored by a run without a reader is the picture and the link, never the page.
    """
    svg, words = draw_matrix(collection)
    drawn = base64.b64encode(svg.encode()).decode()
    shown = (
        f'<p><a href="{EXPLORER_FILE}"><img src="data:image/svg+xml;base64,{drawn}" '
        f'alt="{html.escape(words)}"><br>Open the explorer</a>: the command relnotes explorer '
        f"writes {EXPLORER_FILE}.</p>"
    )
    if READERS_SESSION in os.environ:
        page = html.escape(explorer_page(collection))
        shown = (
            f'<iframe title="Explorer" style="width:100%;height:40rem;border:1px solid #888" '
            f'srcdoc="{page}"></iframe>'
        )
    return Shown(shown, words)
