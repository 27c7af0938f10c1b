"""What was measured: effects by measure on axes of their own, directions as directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.findings import (
    COUNT,
    DIRECTION,
    EFFECT,
    EFFECTS,
    compute_conflicts,
    compute_findings,
    finding_in_words,
    number_in_words,
)
from relnotes.figures.figure import Description, Figure
from relnotes.figures.register import registered
from relnotes.figures.style import (
    BAND,
    BLUE,
    EMPTY,
    FAINT,
    INK,
    LABEL,
    MARGIN,
    NOTE,
    PAGE,
    PAPER,
    QUIET,
    VERMILION,
    counted,
    draw_boxes,
    draw_dots,
    draw_lines,
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

    from relnotes.evidence.collection import Collection

MEASURE_WORDS: Final = {
    "r": "Correlation (r)",
    "odds_ratio": "Odds ratio, on a logarithmic scale",
    "percentage_point_difference": "Difference in percentage points",
}
DIRECTION_WORDS: Final = {
    "favourable": "favourable",
    "none": "no difference found",
    "mixed": "mixed",
    "unfavourable": "unfavourable",
}
_ARROWS: Final = {
    "favourable": (">", BLUE),
    "none": ("o", PAPER),
    "mixed": ("D", QUIET),
    "unfavourable": ("<", VERMILION),
}
_WORDS: Final = {"not_reported": "n.r.", "not_coded": "n.c.", "not_applicable": "–", "": "–"}

_ROW: Final = 23.0
_TEXT: Final = 190.0
_STUDIES, _PEOPLE = MARGIN + 214.0, MARGIN + 254.0
_LEFT, _RIGHT = MARGIN + 278.0, MARGIN + 392.0
_VALUES: Final = MARGIN + 402.0


def found_findings(findings: pd.DataFrame) -> tuple[str, ...]:
    """Say what was measured, in sentences computed from the findings.

    Parameters
    ----------
    findings : DataFrame
        From :func:`~relnotes.analysis.findings.compute_findings`.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_findings(compute_findings(Collection.of({})))
    ('The collection holds no findings yet.',)
    """
    if findings.empty:
        return ("The collection holds no findings yet.",)
    number = {kind: int((findings["kind"] == kind).sum()) for kind in (EFFECT, DIRECTION, COUNT)}
    sentences = [
        f"{counted(len(findings), 'finding')} from {counted(findings['key'].nunique(), 'work')}: "
        f"{counted(number[EFFECT], 'effect with a number', 'effects with a number')}, "
        f"{counted(number[DIRECTION], 'direction without one', 'directions without one')} and "
        f"{counted(number[COUNT], 'count')}."
    ]
    effects = findings[findings["kind"] == EFFECT]
    if len(effects):
        whole = int(effects["ci_low"].notna().sum())
        measures = [m for m in EFFECTS if (effects["measure"] == m).any()]
        apart = f"The {len(measures)} measures have an axis each, and nothing is pooled."
        sentences.append(
            f"An interval is known for {whole:,} of {counted(len(effects), 'effect')}. "
            + (apart if len(measures) > 1 else "Nothing is pooled.")
        )
    for (measure, outcome), group in effects.groupby(["measure", "outcome"], sort=False):
        if len(group) > 1:
            ends = sorted(float(e) for e in group["estimate"])
            low, high = (number_in_words(str(measure), e) for e in (ends[0], ends[-1]))
            apart = group["ci_low"].max() > group["ci_high"].min()
            known = group["ci_low"].notna().all() and group["ci_high"].notna().all()
            overlap = (
                f", and their intervals {'do not all overlap' if apart else 'overlap'}"
                if known
                else ""
            )
            sentences.append(
                f"{counted(len(group), 'report')} on {outcome} give {low} to {high}{overlap}."
            )
    differing = compute_conflicts(findings).to_dict("records")
    for outcome in dict.fromkeys(str(row["outcome"]) for row in differing):
        parts = [
            f"{row['findings']:,} {DIRECTION_WORDS[row['direction']]}"
            for row in differing
            if row["outcome"] == outcome
        ]
        sentences.append(f"On {outcome} the reports differ: {listed(parts)}.")
    own = findings[findings["origin"] == "listed"]
    if len(own):
        reporting = len(set(own["key"]))
        with_number = len(set(own.loc[own["kind"] == EFFECT, "key"]))
        sentences.append(
            f"{counted(reporting, 'work')} of the page’s list "
            f"{'has' if reporting == 1 else 'have'} a finding here; "
            f"{f'{with_number:,}' if with_number else 'none'} with an effect in numbers."
        )
    else:
        sentences.append("No finding comes from a work of the page’s list.")
    return tuple(sentences)


def describe_findings(findings: pd.DataFrame) -> Description:
    """Say in words what was measured and which way it points."""
    title = "What was measured, and which way does it point?"
    found = found_findings(findings)
    drawn = findings[findings["kind"] != COUNT]
    if drawn.empty:
        text = " ".join(found)
        return Description(title, text, f"An empty forest plot: {found[0]}", text)
    effects = findings[findings["kind"] == EFFECT]
    converted = int(effects["as_d"].notna().sum())
    counts = int((findings["kind"] == COUNT).sum())
    caption = " ".join(found)
    if converted:
        caption += (
            " The last column converts correlations and odds ratios into d by published formulas; "
            "different outcomes are not made comparable by that."
        )
    if counts:
        caption += f" {counted(counts, 'count')} {'is' if counts == 1 else 'are'} not drawn."
    measures = [MEASURE_WORDS[m] for m in EFFECTS if (effects["measure"] == m).any()]
    directions = int((findings["kind"] == DIRECTION).sum())
    return Description(
        title,
        caption + " k is the number of studies, N that of people or cases.",
        f"Forest plot of {counted(len(effects), 'effect')}"
        + (
            f" ({listed(measures)}), {'one axis' if len(measures) == 1 else 'an axis each'}"
            if measures
            else ""
        )
        + f", with {counted(directions, 'finding')} given as direction only below; "
        + f"{counted(len(compute_conflicts(findings)['outcome'].unique()), 'outcome')} with "
        + "reports that differ.",
        " ".join(
            f"{row['label']}, {finding_in_words(row)}; {row['comparison']}."
            for row in findings.to_dict("records")
        ),
    )


@dataclass(frozen=True)
class _Axis:
    """An axis of one measure: where numbers stand, and what is no effect."""

    low: float
    high: float
    null: float
    logarithmic: bool

    @classmethod
    def over(cls, rows: Sequence[dict[Any, Any]], measure: str) -> _Axis:
        numbers = [
            float(row[column])
            for row in rows
            for column in ("estimate", "ci_low", "ci_high")
            if not pd.isna(row[column])
        ]
        logarithmic = measure == "odds_ratio" and min(numbers) > 0
        null = 1.0 if measure == "odds_ratio" else 0.0
        ends = [math.log(n) if logarithmic else n for n in (*numbers, null)]
        low, high = min(ends), max(ends)
        room = (high - low) * 0.08 or 1.0
        return cls(low - room, high + room, null, logarithmic)

    def __call__(self, number: float) -> float:
        value = math.log(number) if self.logarithmic else number
        return _LEFT + (value - self.low) / (self.high - self.low) * (_RIGHT - _LEFT)

    def ticks(self) -> list[float]:
        """Round numbers on the axis, three to six of them."""
        if self.logarithmic:
            tens = [10.0**p for p in range(-15, 16)]
            rounds = [1.0, *tens, *(a * ten for a in (2, 5, 3, 1.5, 1.2) for ten in tens)]
            kept: list[float] = []
            for number in rounds:
                inside = self.low <= math.log(number) <= self.high
                if inside and all(abs(self(number) - self(other)) >= 28 for other in kept):
                    kept.append(number)
            return kept
        span = self.high - self.low
        power = 10.0 ** math.floor(math.log10(span / 5))
        wide = next(power * s for s in (1, 2, 5, 10) if span / (power * s) <= 5)
        first, last = math.ceil(self.low / wide), math.floor(self.high / wide)
        return [float(f"{n * wide:.6g}") for n in range(first, last + 1)]


def plot_findings(findings: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Draw effects by measure, each measure on its own axis, and directions as arrows."""
    with house_style():
        description = describe_findings(findings)
        sections = [
            (MEASURE_WORDS[m], m, _records(findings, EFFECT, m))
            for m in EFFECTS
            if len(_records(findings, EFFECT, m))
        ]
        pointing = _records(findings, DIRECTION)
        if pointing:
            sections.append(("Only the direction is given", "", pointing))
        lines = ["n.c.: not yet coded here; n.r.: not reported by the source; –: does not apply."]
        width = PAGE - 2 * MARGIN
        top = MARGIN + heading_height(description.title, lines, width) + 14
        height = sum(
            20 + _ROW * len(rows) + (26 if measure else 10) for _, measure, rows in sections
        )
        page = sheet(PAGE, top + height + (8 if sections else 24), ax)
        y = write_heading(page, description.title, lines if sections else [], width)
        if sections:
            for x, head, align in (
                (_STUDIES, "k", "right"),
                (_PEOPLE, "N", "right"),
                (_VALUES, "estimate and interval", "left"),
            ):
                write(page, x, top - 3, head, size=NOTE, colour=QUIET, align=align)  # type: ignore[arg-type]
        else:
            write(page, MARGIN, y + 8, found_findings(findings)[0], colour=QUIET)
        y = top
        for head, measure, rows in sections:
            y = _draw_section(page, head, measure, rows, y)
        data, marks = _findings_data(findings)
        return Figure.described(
            "findings-forest",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
        )


def _records(findings: pd.DataFrame, kind: str, measure: str = "") -> list[dict[Any, Any]]:
    here = findings[findings["kind"] == kind]
    return (here[here["measure"] == measure] if measure else here).to_dict("records")


def _draw_section(
    ax: Axes, head: str, measure: str, rows: Sequence[dict[Any, Any]], top: float
) -> float:
    write(ax, MARGIN, top + 12, head, size=LABEL, weight="bold")
    draw_lines(ax, [(MARGIN, top + 17, PAGE - MARGIN, top + 17)], FAINT)
    first = top + 20
    bottom = first + _ROW * len(rows)
    bands = [(MARGIN, first + n * _ROW, PAGE - 2 * MARGIN, _ROW) for n in range(0, len(rows), 2)]
    draw_boxes(ax, bands, BAND, zorder=0.2)
    for number, row in enumerate(rows):
        _draw_words(ax, row, first + number * _ROW)
    if not measure:
        for number, row in enumerate(rows):
            marker, face = _ARROWS.get(row["direction"], ("D", QUIET))
            y = first + number * _ROW + _ROW / 2
            x = (_LEFT + _RIGHT) / 2
            edge = QUIET if face == PAPER else face
            draw_dots(ax, [x], [y], 7, face, marker, edgecolors=edge, linewidths=1.0, zorder=3)
            words = DIRECTION_WORDS.get(row["direction"], str(row["direction"]))
            write(ax, _VALUES, y + 2.6, words, size=NOTE)
        return bottom + 10
    axis = _Axis.over(rows, measure)
    ticks = axis.ticks()
    draw_lines(ax, [(axis(t), first, axis(t), bottom) for t in ticks], EMPTY, zorder=0.4)
    null = axis(axis.null)
    draw_lines(ax, [(null, first, null, bottom + 3)], INK, linewidths=0.8, zorder=1)
    for tick in ticks:
        text = f"{tick:g}".replace("-", "−")
        write(ax, axis(tick), bottom + 10, text, size=NOTE, colour=QUIET, align="center")
    for number, row in enumerate(rows):
        _draw_effect(ax, row, measure, axis, first + number * _ROW)
    return bottom + 26


def _draw_words(ax: Axes, row: dict[Any, Any], top: float) -> None:
    origin = {"listed": " (listed)", "named": " (named)"}.get(row["origin"], "")
    label = shortened(str(row["label"]), _TEXT - 36, NOTE, "bold") + origin
    write(ax, MARGIN + 6, top + 9.4, label, size=NOTE, weight="bold")
    outcome = shortened(str(row["outcome"]), _TEXT - (56 if row["differs"] else 0), NOTE)
    if row["differs"]:
        draw_lines(ax, [(MARGIN + 2, top + 2, MARGIN + 2, top + _ROW - 2)], VERMILION, linewidths=2)
        outcome += "; reports differ"
    write(ax, MARGIN + 6, top + 18.6, outcome, size=NOTE, colour=QUIET)
    for x, column in ((_STUDIES, "studies"), (_PEOPLE, "participants")):
        write(ax, x, top + 14, _counted(row, column), size=NOTE, align="right")


def _counted(row: dict[Any, Any], column: str) -> str:
    if pd.isna(row[column]):
        return _WORDS.get(row[f"{column}_empty"], "–")
    least = column == "participants" and row["participants_bound"] == "at_least"
    return f"{'≥ ' if least else ''}{int(row[column]):,}"


def _draw_effect(ax: Axes, row: dict[Any, Any], measure: str, axis: _Axis, top: float) -> None:
    y = top + _ROW / 2
    whole = not pd.isna(row["ci_low"]) and not pd.isna(row["ci_high"])
    if whole:
        low, high = axis(float(row["ci_low"])), axis(float(row["ci_high"]))
        draw_lines(ax, [(low, y, high, y)], BLUE, linewidths=1.3, zorder=2)
        ends = [(low, y - 3, low, y + 3), (high, y - 3, high, y + 3)]
        draw_lines(ax, ends, BLUE, linewidths=1.0, zorder=2)
    x = axis(float(row["estimate"]))
    draw_dots(
        ax, [x], [y], 5.5, BLUE if whole else PAPER, "s", edgecolors=BLUE, linewidths=1.1, zorder=3
    )
    text = number_in_words(measure, float(row["estimate"]))
    if not pd.isna(row["as_d"]):
        text += f";  d ≈ {float(row['as_d']):.2f}".replace("-", "−")
    write(ax, _VALUES, top + 9.4, text, size=NOTE)
    if whole:
        level = "" if pd.isna(row["ci_level"]) else f"{float(row['ci_level']):g}%: "
        second = f"{level}{float(row['ci_low']):g} to {float(row['ci_high']):g}".replace("-", "−")
    else:
        second = f"interval {_WORDS.get(row['ci_low_empty'], '–')}"
    direction = DIRECTION_WORDS.get(row["direction"], "")
    if measure == "percentage_point_difference" and direction:
        second = f"{direction}; {second}"
    write(ax, _VALUES, top + 18.6, second, size=NOTE, colour=QUIET)


def _findings_data(findings: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    data = findings.drop(columns=["note", "source"]).copy()
    for column in ("estimate", "ci_low", "ci_high", "ci_level", "studies", "participants"):
        word = data.pop(f"{column}_empty")
        data[column] = data[column].astype(object).where(data[column].notna(), word)
    data["as_d"] = data["as_d"].astype(object).where(data["as_d"].notna(), "")
    data.insert(0, "mark", data["finding_id"])
    marks: dict[str, tuple[str, ...]] = {
        row["finding_id"]: (f"findings:{row['finding_id']}", f"studies:{row['key']}")
        for row in findings.to_dict("records")
    }
    return data, marks


@registered("findings-forest")
def findings_forest(collection: Collection) -> Figure:
    """Draw what the works of a collection measured."""
    return plot_findings(compute_findings(collection))
