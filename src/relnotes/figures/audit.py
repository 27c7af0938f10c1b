"""The audit drawn: every reference as a thread from the page's print to its verified entry."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.collections import PolyCollection

from relnotes.analysis.audit import (
    STAGES,
    VERIFICATION_WORDS,
    Audit,
    compute_audit,
    compute_flow,
)
from relnotes.figures.figure import Description, Figure
from relnotes.figures.register import registered
from relnotes.figures.style import (
    INK,
    MARGIN,
    NOTE,
    ORANGE,
    PAGE,
    PAPER,
    QUIET,
    SHADES,
    VERMILION,
    counted,
    draw_boxes,
    heading_height,
    house_style,
    listed,
    sheet,
    shortened,
    write,
    write_heading,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from relnotes.evidence.collection import Collection

STAGE_WORDS: Final = {
    "place": "where the page has it",
    "text": "in the page’s text",
    "print": "as printed",
    "verification": "entry as checked",
}
_INKS: Final = {
    "verified": SHADES[5],
    "verified in part": SHADES[3],
    "inferred": SHADES[2],
    "unverified": ORANGE,
    "not found": VERMILION,
}
MOST_NAMED: Final = 60
"""Works beyond which threads bear no names."""

_NAMES: Final = 128.0
_THREAD: Final = 10.0
_TALLEST: Final = 460.0
_GAP: Final = 19.0
_BAR: Final = 5.0
_ENDS: Final = 82.0
_BACKED: Final = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}


def found_audit(audit: Audit) -> tuple[str, ...]:
    """Say what became of the page's references, in sentences computed from the audit.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_audit(compute_audit(Collection.of({})))
    ('The page lists and names no works.',)
    """
    if audit.works.empty:
        return ("The page lists and names no works.",)
    own = audit.listed
    sentences = []
    if len(own):
        lines = "" if audit.lines is None else f", in {counted(audit.lines, 'printed line')}"
        sentences.append(f"The page lists {counted(len(own), 'work')}{lines}.")
        cited = audit.listed_and_cited
        sentences.append(
            f"Its text names {len(cited):,} of them"
            + (f": {listed(list(cited['label']), most=6)}." if len(cited) else ".")
        )
    else:
        sentences.append("The page lists no work.")
    named = audit.named_not_listed
    if len(named):
        sentences.append(
            f"It names {counted(len(named), 'work')} without listing "
            f"{'it' if len(named) == 1 else 'them'}: {listed(list(named['label']), most=8)}."
        )
    wrong = audit.printed_wrongly
    if len(wrong):
        sentences.append(
            f"{counted(len(wrong), 'listed work')} {'is' if len(wrong) == 1 else 'are'} printed "
            f"wrongly in some point, with {counted(int(wrong['corrections'].sum()), 'correction')} "
            f"in all: {listed(_faults(audit), most=9)}."
        )
    elif len(own):
        sentences.append("No listed work is known to be printed wrongly.")
    if len(own):
        states = own["verification"].value_counts()
        sentences.append(
            "Of the listed works, "
            + listed(
                [
                    f"{int(states[s]):,} {_is(int(states[s]))} {s}"
                    for s in VERIFICATION_WORDS.values()
                    if s in states
                ]
            )
            + "."
        )
    return tuple(sentences)


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _faults(audit: Audit) -> list[str]:
    return [
        f"{row['label']} ({listed([field.replace('_', ' ') for field in row['fields']])})"
        for row in audit.printed_wrongly.to_dict("records")
    ]


def describe_audit(audit: Audit) -> Description:
    """Say in words what became of the page's references."""
    title = "What became of the page’s references?"
    found = found_audit(audit)
    if audit.works.empty:
        return Description(title, found[0], f"An empty chart: {found[0]}", found[0])
    own, named = audit.listed, audit.named_not_listed
    done = int((audit.works["verification"] == "verified").sum())
    return Description(
        title,
        " ".join(found) + " Each thread is a work; its colour says how far its entry was checked.",
        f"Flow of {counted(len(own), 'listed work')} and {counted(len(named), 'work')} named only: "
        f"{len(audit.listed_and_cited):,} listed and named in the text, "
        f"{len(audit.printed_wrongly):,} printed wrongly, {done:,} of all fully verified.",
        " ".join(
            f"{row['label']}: {row['place']}; {row['text']}; {row['print']}"
            + (f" ({', '.join(row['fields'])})" if row["fields"] else "")
            + f"; {row['verification']}."
            for row in audit.works.to_dict("records")
        ),
    )


def plot_audit(audit: Audit, ax: Axes | None = None) -> Figure:
    """Draw every reference as a thread through the four stages of the audit."""
    with house_style():
        description = describe_audit(audit)
        flow = compute_flow(audit)
        number = len(audit.works)
        thick = min(_THREAD, _TALLEST / max(number, 1))
        lines = ["A thread is a work, from the page’s print on the left to what was checked."]
        width = PAGE - 2 * MARGIN
        top = MARGIN + heading_height(description.title, lines, width) + 24
        most = int(flow["stage"].value_counts().max()) if len(flow) else 1
        height = number * thick + (most - 1) * _GAP
        page = sheet(PAGE, top + height + (16 if number else 8), ax)
        y = write_heading(page, description.title, lines if number else [], width)
        if number:
            _draw_flow(page, audit, top, thick, height)
        else:
            write(page, MARGIN, y + 8, description.caption, colour=QUIET)
        data = audit.works.drop(columns="row_ids").rename(columns={"label": "mark"})
        data = data[["mark", *data.columns.drop("mark")]]
        marks = dict(zip(audit.works["label"], audit.works["row_ids"], strict=True))
        return Figure.described(
            "audit-references",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
        )


def _draw_flow(ax: Axes, audit: Audit, top: float, thick: float, height: float) -> None:
    flow = compute_flow(audit)
    named = len(audit.works) <= MOST_NAMED
    left = MARGIN + (_NAMES if named else 4)
    across = dict(zip(STAGES, np.linspace(left, PAGE - MARGIN - _ENDS, len(STAGES)), strict=True))
    ink = {row["key"]: _INKS[row["verification"]] for row in audit.works.to_dict("records")}
    places: dict[str, dict[str, float]] = {}
    for stage in STAGES:
        x = float(across[stage])
        last = stage == STAGES[-1]
        write(ax, x, top - 16, STAGE_WORDS[stage], size=NOTE, colour=QUIET)
        nodes = flow[flow["stage"] == stage]
        gaps = (len(nodes) - 1) * _GAP
        y = top + (height - len(audit.works) * thick - gaps) / 2
        places[stage] = {}
        for node in nodes.to_dict("records"):
            for key in node["keys"]:
                places[stage][key] = y
                y += thick
            start = y - len(node["keys"]) * thick
            draw_boxes(ax, [(x, start, _BAR, y - start)], INK, zorder=3)
            words = f"{node['node']}, {node['works']:,}"
            if last:
                write(ax, x + _BAR + 4, (start + y) / 2 + 2.5, words, size=NOTE, weight="bold")
            else:
                write(ax, x, start - 4, words, size=NOTE, weight="bold", zorder=5, bbox=_BACKED)
            y += _GAP
    threads, inks = [], []
    for stage, following in pairwise(STAGES):
        for key, start in places[stage].items():
            threads.append(
                _thread(
                    float(across[stage]) + _BAR,
                    start,
                    float(across[following]),
                    places[following][key],
                    thick,
                )
            )
            inks.append(ink[key])
    drawn = PolyCollection(threads, facecolors=inks, edgecolors="white", linewidths=0.6, zorder=1)
    ax.add_collection(drawn, autolim=False)
    if named:
        labels = dict(zip(audit.works["key"], audit.works["label"], strict=True))
        for key, y in places[STAGES[0]].items():
            text = shortened(labels[key], _NAMES - 8, NOTE)
            write(ax, left - 5, y + thick / 2 + 2.5, text, size=NOTE, align="right")


def _thread(x: float, y: float, end: float, below: float, thick: float) -> NDArray[np.float64]:
    """Return the outline of a band that swings from one height to another."""
    share = np.linspace(0, 1, 24)
    swing = share**2 * (3 - 2 * share)
    upper = np.column_stack([x + share * (end - x), y + swing * (below - y)])
    lower = upper[::-1] + np.array([0.0, thick])
    return np.vstack([upper, lower])


@registered("audit-references")
def audit_references(collection: Collection) -> Figure:
    """Draw what became of the references of a collection's source page."""
    return plot_audit(compute_audit(collection))
