"""What a notebook cell calls: cite, show a table, say what was found, check a guess.

Everything returned shows itself as plain, accessible HTML without scripts,
with the same in words beside it, and is the same on every run.
"""

from __future__ import annotations

import base64
import html
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import visible
from relnotes.evidence.near import UnknownNameError
from relnotes.evidence.references import plain_reference
from relnotes.evidence.sources import SourceFormError, cited_keys, parse_sources
from relnotes.show.addresses import address
from relnotes.show.explorer import EXPLORER_FILE, explorer_page
from relnotes.show.explorer.picture import draw_matrix

if TYPE_CHECKING:
    from relnotes.figures.figure import Figure

EXPLORER_WAY: Final = f"type <code>relnotes explorer</code> for a page of its own, {EXPLORER_FILE}"
"""What a stored notebook says in the place of a link; the site knows where the page stands."""

READERS_SESSION = "JPY_SESSION_NAME"
"""Set by a Jupyter server for the kernel of an open notebook, and by nothing that stores one."""

MOST_ROWS: Final = 60
"""Rows that a shown table has; the rest is counted below it."""
MOST_BEHIND: Final = 8
"""Rows that are shown of those behind a mark."""

_CODE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")
# The column of a row that says what it is about, in the order in which they are looked for.
_SAYING: Final = (
    "wording", "element_wording", "statement", "claim_label", "outcome", "label", "concept_label",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """Something a cell shows, as HTML and as plain text."""

    as_html: str
    as_text: str

    def _repr_html_(self) -> str:
        return self.as_html

    def __repr__(self) -> str:
        return visible(self.as_text)


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
        words = f"{work.creators} ({self.collection.bibliography.dated(key)}{place})"
        if key not in self.cited:
            self.cited.append(key)
        escaped = html.escape(words)
        link = f'<a href="{html.escape(work.address)}">{escaped}</a>' if work.address else escaped
        return Shown(f"<p>{link}</p>", words)

    def cite_beginning(self) -> Shown:
        """Cite the page that the collection starts from; without one, the first work it has."""
        known = self.collection.bibliography
        first = next((key for key in (self.collection.page, *known) if key in known), "")
        return self.cite(first) if first else say("The bibliography has no work yet.")

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


def show(
    frame: pd.DataFrame,
    caption: str = "",
    columns: Mapping[str, str] | None = None,
    most: int | None = MOST_ROWS,
) -> Shown:
    """Show a table.

    Parameters
    ----------
    frame : DataFrame
        The rows.
    caption : str
        What they are.
    columns : mapping of str to str, optional
        Which columns to show, and under which heading; all by default.
    most : int, optional
        How many rows; all where it is None. A last line counts the rest.

    Examples
    --------
    >>> show(pd.DataFrame({"n": [3000], "sure": ["verified_in_part"]}), "Works", {"n": "Number",
    ...                                                                         "sure": "Sure?"})
    Works
    Number | Sure?
    3,000 | verified in part
    """
    headings = dict(columns) if columns is not None else {str(c): str(c) for c in frame.columns}
    numeric = {c: is_numeric_dtype(frame[c]) and not is_bool_dtype(frame[c]) for c in headings}
    sides = ["right" if numeric[c] else "left" for c in headings]
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{html.escape(heading)}</th>'
        if heading  # an empty heading names nothing, and a screen reader would announce it
        else "<td></td>"
        for heading, side in zip(headings.values(), sides, strict=True)
    )
    shown = frame if most is None else frame.head(most)
    rows = list(
        zip(*([_cell(v, year=c.endswith("year")) for v in shown[c]] for c in headings), strict=True)
    )
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
    more = (
        f"{rest:,} more row{' is' if rest == 1 else 's are'} not shown here; "
        "‘most=None’ as a last word to show() brings all."
        if rest > 0
        else ""
    )
    table = (
        f'<table>\n<caption style="text-align:left">{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
    text = "\n".join([caption, " | ".join(headings.values()), *(" | ".join(r) for r in rows), more])
    return Shown(table + (f"\n<p>{more}</p>" if more else ""), text.strip())


def _cell(value: object, *, year: bool = False) -> str:
    """Write a value as a reader wants it: no codes, no powers of ten, no True or False."""
    if isinstance(value, (list, tuple)):
        parts = [_cell(part) for part in value]
        return (" " if all(part.endswith(".") for part in parts) else "; ").join(parts)
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124  (not a number)
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, Real):
        number = float(value)
        if year:
            return f"{number:.0f}"
        if 0 < abs(number) < 0.001:
            return "under 0.001"
        whole = number.is_integer() or abs(number) >= 1000
        return (f"{number:,.0f}" if whole else f"{number:.3g}").replace("-", "−")
    text = str(value)
    return text.replace("_", " ") if _CODE.fullmatch(text) else text


def behind(figure: Figure, mark: str = "") -> Shown:
    """Show in words the rows behind a mark of a figure.

    Parameters
    ----------
    figure : Figure
        A figure of a collection.
    mark : str
        Name of a mark, or of what marks are made of; the first mark by default.

    Each row leads to its page where the descriptor names the homepage of the collection.
    """
    mark = mark or next(iter(figure.marks), "")
    if not mark or figure.collection is None:
        return say("There is no mark in this figure, so there are no rows behind one.")
    ids = [row_id.partition(":")[::2] for row_id in figure.row_ids(mark)]
    rows = [_in_words(figure.collection, *row) for row in ids[:MOST_BEHIND]]
    table = pd.DataFrame(rows, columns=["table", "words", "source", "id"])
    heads = {"table": "Table", "words": "What it says", "source": "Read in", "id": "Trace it by"}
    shown = show(table, f"Behind the mark ‘{mark}’", heads)
    home = figure.collection.schema.homepage
    linked = shown.as_html
    if re.match("https?://", home):
        for *_, row in rows:
            way = html.escape(urljoin(home, address(figure.collection, *row.split(":", 1))))
            words = f">{html.escape(row)}</td>"
            linked = linked.replace(words, f'><a href="{way}">{words[1:-5]}</a></td>', 1)
    rest = len(ids) - len(rows)
    more = f"{rest:,} more: figure.rows({mark!r}) lists them all." if rest else ""
    return Shown(
        linked + (f"\n<p>{html.escape(more)}</p>" if more else ""),
        f"{shown.as_text}\n{more}".strip(),
    )


def _in_words(collection: Collection, table: str, row_id: str) -> tuple[str, str, str, str]:
    """Return table, words, sources and id of a row."""
    row, works = collection.row(table, row_id), collection.bibliography
    if table == "studies" and row_id in works:
        said = f"{works.author_year(row_id)}: {works[row_id].title}"
    else:
        said = next((str(row[c]) for c in _SAYING if str(row.get(c, "")).strip()), row_id)
    if table == "crosswalk":
        said = f"‘{said}’ related to {row['concept_label']}: {row['relation']}"
    places: list[str] = []
    for cell in _source_cells(collection, table, row_id):
        try:
            places += [_place(collection, s.key, s.locator) for s in parse_sources(cell)]
        except SourceFormError:
            continue
    title = collection.schema.table(table).title
    return title, said, "; ".join(dict.fromkeys(places)), f"{table}:{row_id}"


def _place(collection: Collection, key: str, locator: str) -> str:
    named = key in collection.bibliography
    work = collection.bibliography.author_year(key) if named else key
    return f"{work}, {locator}" if locator else work


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
        In a notebook that somebody has open, the explorer in a frame. What is stored by a run
        without a reader is a picture and the way to the page, which on the site is a link.
    """
    svg, words = draw_matrix(collection)
    drawn = base64.b64encode(svg.encode()).decode()
    shown = (
        f'<p><img src="data:image/svg+xml;base64,{drawn}" alt="{html.escape(words)}"><br>'
        f"Run this cell to open the explorer here, or {EXPLORER_WAY}.</p>"
    )
    if READERS_SESSION in os.environ:
        page = html.escape(explorer_page(collection))
        shown = (
            f'<iframe title="Explorer" style="width:100%;height:40rem;border:1px solid #888" '
            f'srcdoc="{page}"></iframe>'
        )
    return Shown(shown, words)


# ---------------------------------------------------------------- exercises

MISTAKES: Final = {
    "inclusive": "That counts every framework that names these, whatever else it names (at least "
    "these). Asked was for exactly these of the concepts drawn, and no other of them.",
    "empty_as_no": "That counts what is not known as if somebody had looked and found nothing. "
    "Neither ‘not coded’ nor ‘not reported’ is ‘no’.",
    "related_as_same": "That counts wordings which only touch the concept as if they named it. "
    "‘Related’ is not ‘the same’.",
    "reports_as_studies": "That counts reports. Two reports of one study are one study.",
    "rows_as_frameworks": "That counts rows. A framework may name a thing in several of its "
    "elements, and still is one framework.",
    "relatives_as_witnesses": "That counts every framework as a witness of its own. Those that "
    "descend from one another are one voice, repeated.",
    "undated_as_late": "That takes ‘no year known’ for ‘later’. What has no year may be older than "
    "anything that has one.",
    "recall_for_precision": "That is the other share: how many of the second coding’s relations "
    "the first has (recall). Asked was how many of the first coding’s relations the second has "
    "too (precision).",
    "records_as_works": "That counts every record of the file as a new work. One is in the "
    "collection already, and one says too little to be a work.",
    "picture_as_data": "That takes the picture for the data. The picture has not changed; what it "
    "was drawn from has.",
}
"""What a wrong guess may have mistaken for what, and what to say to it."""


def check(guess: object, right: object, **mistaken: object) -> Shown:
    """Hold a guess against the answer, without showing the answer.

    Parameters
    ----------
    guess : object
        A number or a name; None as long as nobody has guessed.
    right : object
        The answer; None where this collection has none.
    **mistaken : object
        What somebody answers who makes one of `MISTAKES`, by its name.

    Raises
    ------
    UnknownNameError
        If there is no mistake of that name.

    Examples
    --------
    >>> check(None, 3)
    Write your guess first.
    >>> check(5, 3, reports_as_studies=5)
    Not yet. That counts reports. Two reports of one study are one study.
    >>> check(4, 3)
    Not yet: the number is smaller.
    """
    for name in mistaken:
        if name not in MISTAKES:
            raise UnknownNameError("There is no mistake", name, MISTAKES)
    if guess is None:
        return _told("Write your guess first.")
    if right is None or right is pd.NA:
        return _told("This collection has no answer to that: too little of it has been coded.")
    guessed, answer = _plain(guess), _plain(right)
    if guessed == answer:
        return _told("Yes. Say in a sentence why it is so, then unfold the answer below.")
    for name, value in mistaken.items():
        if value is not None and value is not pd.NA and guessed == _plain(value):
            return _told(f"Not yet. {MISTAKES[name]}")
    if isinstance(guessed, str) and not isinstance(answer, str):
        return _told("The answer is a number: write it without quotes, such as guess = 3.")
    if isinstance(answer, str) or isinstance(guessed, str):
        return _told("Not yet. The answer is a word, in quotes; look again at what was asked.")
    return _told(f"Not yet: the number is {'larger' if answer > guessed else 'smaller'}.")


def _plain(value: object) -> float | str:
    """Return a number as a number, also one in quotes, and a word without its capitals."""
    text = str(value).strip().casefold()
    try:
        return round(float(text.removesuffix("%").replace(",", "")), 6)
    except ValueError:
        return text


def _told(words: str) -> Shown:
    return Shown(f"<p>{html.escape(words)}</p>", words)


def terminal(command: str, folder: Path) -> Shown:
    """Run a command of relnotes in a folder, as one would in a terminal, and show what it says.

    Parameters
    ----------
    command : str
        Such as ``relnotes check``.
    folder : Path
        Where it runs.
    """
    words = [sys.executable, "-m", "relnotes.cli", *shlex.split(command)[1:]]
    ran = subprocess.run(words, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    said = f"$ {command}\n{ran.stdout}{ran.stderr}".rstrip()
    return Shown(f"<pre>{html.escape(said)}</pre>", said)
