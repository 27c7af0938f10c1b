"""A figure as accessible HTML: picture, alt text, caption and, folded, its words and data."""

from __future__ import annotations

import base64
import html
import itertools
from typing import TYPE_CHECKING, Final

from relnotes.figures.style import clean

if TYPE_CHECKING:
    from relnotes.figures.figure import Figure

MOST_ROWS_SHOWN: Final = 400


def as_html(figure: Figure, image: str | None = None) -> str:
    """Return a figure as HTML.

    Parameters
    ----------
    figure : Figure
        What to show.
    image : str, optional
        Address of the picture; without it the picture is part of the HTML.
    """
    if image is None:
        encoded = base64.b64encode(figure.rendered("svg")).decode("ascii")
        image = f"data:image/svg+xml;base64,{encoded}"
    width = round(float(figure.drawing.get_size_inches()[0]) * 96)
    return (
        f'<figure class="relnotes-figure">\n'
        f'<img alt="{_escaped(figure.alt)}" width="{width}" '
        f'style="max-width:100%;height:auto" src="{_escaped(image)}">\n'
        f"<figcaption>{_escaped(figure.caption)}\n"
        f"<details><summary>In words, and the data</summary>\n"
        f"{_paragraphs(figure.description)}\n{_table(figure)}</details></figcaption>\n</figure>"
    )


def _table(figure: Figure) -> str:
    header, *rows = figure.cells()
    head = "".join(f'<th scope="col">{_escaped(name)}</th>' for name in header)
    body = "\n".join(
        f"<tr>{''.join(f'<td>{_escaped(cell)}</td>' for cell in row)}</tr>"
        for row in rows[:MOST_ROWS_SHOWN]
    )
    left_out = len(rows) - MOST_ROWS_SHOWN
    file = f"{_escaped(figure.file_name)}.csv"
    more = f"<p>{left_out:,} more rows are in {file}.</p>\n" if left_out > 0 else ""
    return (
        f"<table>\n<caption>What the marks show: {_escaped(figure.title)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n{more}"
    )


def _paragraphs(text: str) -> str:
    """Return each line as a paragraph; those that begin with a dash as items of a list."""
    lines = [line for line in text.split("\n") if line.strip()]
    parts = []
    for is_list, group in itertools.groupby(lines, lambda line: line.startswith("- ")):
        if is_list:
            items = "".join(f"<li>{_escaped(line[2:])}</li>" for line in group)
            parts.append(f"<ul>{items}</ul>")
        else:
            parts += [f"<p>{_escaped(line)}</p>" for line in group]
    return "\n".join(parts)


def _escaped(text: str) -> str:
    return html.escape(clean(text))
