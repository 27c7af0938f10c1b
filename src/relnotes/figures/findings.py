"""What was measured: effects by measure on axes of their own, directions as directions."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.findings import (
    COUNT,
    DIRECTION,
    DIRECTIONS,
    EFFECT,
    compute_conflicts,
    compute_findings,
    finding_in_words,
    interval_in_words,
    number_in_words,
)
from relnotes.analysis.independence import group_sharing
from relnotes.evidence.sentences import counted, have, listed, number
from relnotes.figures.charts import FURNITURE, Look, Mark, Page
from relnotes.figures.columns import Dots, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.scales import Scale
from relnotes.figures.style import (
    BLUE,
    INK,
    NOTE,
    PAGE_HEIGHT,
    PAPER,
    QUIET,
    VERMILION,
    house_style,
)

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

Row = dict[Hashable, Any]

TITLE: Final = "What was measured, and which way does it point?"
DIRECTION_WORDS: Final = {
    "favourable": "favourable",
    "none": "no difference found",
    "mixed": "mixed",
    "unfavourable": "unfavourable",
}
UNSAID: Final = "direction not coded"
LOOKS: Final = {
    "favourable": Look(DIRECTION_WORDS["favourable"], BLUE, "s", 5.6),
    "none": Look(DIRECTION_WORDS["none"], QUIET, "o", 5.6, face=PAPER, width=1.2),
    "mixed": Look(DIRECTION_WORDS["mixed"], QUIET, "D", 5.2),
    "unfavourable": Look(DIRECTION_WORDS["unfavourable"], VERMILION, "v", 6.4),
}
_UNSAID: Final = Look(UNSAID, INK, "x", 5.0)
_NULL: Final = Look("no effect", INK, "line", dash=(3, 2), width=0.9)
_WORDS: Final = {"not_reported": "n.r.", "not_coded": "n.c."}
_CI: Final = {True: "estimate, 95% CI", False: "estimate, CI"}
_SECTION: Final = 34.0
"""Points that the head of a section takes."""
_LEAST_ROW: Final = 11.0
MOST_DOTS: Final = 16
"""How many findings of one outcome stand beside each other."""


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
    numbers = {kind: int((findings["kind"] == kind).sum()) for kind in (EFFECT, DIRECTION, COUNT)}
    works, most = findings["key"].nunique(), _most_witnesses(findings)
    fewer = f", which are at most {counted(most, 'witness', 'witnesses')}" if most < works else ""
    sentences = [
        f"{counted(len(findings), 'finding')} from {counted(works, 'work')}{fewer}: "
        f"{counted(numbers[EFFECT], 'effect with a number', 'effects with a number')}, "
        f"{counted(numbers[DIRECTION], 'direction without one', 'directions without one')} and "
        f"{counted(numbers[COUNT], 'count')}."
    ]
    effects = findings[findings["kind"] == EFFECT]
    if len(effects):
        sentences.append(_said_of_intervals(effects))
    for (measure, outcome), group in effects.groupby(["measure", "outcome"], sort=False):
        if len(group) > 1:
            sentences.append(_said_of_reports(str(measure), str(outcome), group))
    differing = compute_conflicts(findings).to_dict("records")
    for outcome in dict.fromkeys(str(row["outcome"]) for row in differing):
        parts = [
            f"{row['findings']:,} {DIRECTION_WORDS[row['direction']]}"
            for row in differing
            if row["outcome"] == outcome
        ]
        sentences.append(f"On {outcome} the reports differ: {listed(parts)}.")
    sentences.append(_appraised(findings))
    own = findings[findings["origin"] == "listed"]
    if len(own):
        reporting = len(set(own["key"]))
        with_number = len(set(own.loc[own["kind"] == EFFECT, "key"]))
        sentences.append(
            f"{counted(reporting, 'work')} of the page’s list "
            f"{have(reporting)} a finding here; "
            f"{f'{with_number:,}' if with_number else 'none'} with an effect in numbers."
        )
    return tuple(sentences)


def _appraised(findings: pd.DataFrame) -> str:
    """Say of how many findings the quality of the evidence was appraised."""
    made = int((findings["appraisal"] != "").sum())
    if not made:
        return "No appraisal of quality was made."
    if made == len(findings):
        return "The quality of the evidence was appraised for all of them."
    return f"The quality of the evidence was appraised for {made:,} of {len(findings):,}."


def _said_of_intervals(effects: pd.DataFrame) -> str:
    ends = effects[["ci_low", "ci_high"]].notna().sum(axis=1)
    whole, half = int((ends == 2).sum()), int((ends == 1).sum())
    known = f"An interval is known for {whole:,} of {counted(len(effects), 'effect')}"
    known += f", and one end of it for {half:,} more. " if half else ". "
    measures = effects["measure"].nunique()
    if measures == 1:
        return f"{known}Nothing is pooled."
    return f"{known}The {measures:,} measures have an axis each, and nothing is pooled."


def _said_of_reports(measure: str, outcome: str, group: pd.DataFrame) -> str:
    ends = sorted(float(e) for e in group["estimate"])
    low, high = (number_in_words(measure, e) for e in (ends[0], ends[-1]))
    said = f"{counted(len(group), 'report')} on {outcome} give {low} to {high}"
    if group[["ci_low", "ci_high"]].notna().to_numpy().all():
        apart = group["ci_low"].max() > group["ci_high"].min()
        said += f", and their intervals {'do not all overlap' if apart else 'overlap'}"
    return f"{said}; {_said_of_witnesses(group)}."


def _said_of_witnesses(group: pd.DataFrame) -> str:
    """Say how many witnesses the reports are: those that rest on the same studies are one."""
    works, most = group["key"].nunique(), _most_witnesses(group)
    unknown = int(group.loc[~group["shares_known"], "key"].nunique())
    said = f"they rest on {counted(works, 'work')}"
    if most < works:
        witnesses = counted(most, "witness", "witnesses")
        said += f" and are at most {witnesses}, since some share studies"
    if unknown:
        which = f"{unknown:,} of these" if unknown < works else "these"
        verb = "shares" if unknown == 1 else "share"
        said += f"; whether {which} {verb} studies with others is not known"
    elif most == works > 1:
        said += " that share no studies"
    return said


def _most_witnesses(findings: pd.DataFrame) -> int:
    """Count works that report no common study and share none."""
    sharing = dict(zip(findings["study"], findings["shares"], strict=True))
    return len(group_sharing(sharing, sharing))


def _answer(findings: pd.DataFrame) -> str:
    """Say which way the findings point that point somewhere."""
    pointing = findings[findings["kind"] != COUNT]
    ways = pointing["direction"].map(DIRECTION_WORDS).fillna(UNSAID).value_counts()
    parts = [f"{int(ways[w]):,} {w}" for w in (*DIRECTION_WORDS.values(), UNSAID) if w in ways]
    effects = int((pointing["kind"] == EFFECT).sum())
    return (
        f"{counted(len(pointing), 'finding')}: {listed(parts)}; "
        f"{f'{effects:,}' if effects else 'none'} with a number. {_appraised(pointing)}"
    )


def describe_findings(findings: pd.DataFrame) -> Description:
    """Say in words what was measured and which way it points."""
    found = found_findings(findings)
    if findings[findings["kind"] != COUNT].empty:
        text = " ".join(found)
        return Description(TITLE, text, f"An empty forest plot: {found[0]}", text)
    effects = findings[findings["kind"] == EFFECT]
    caption = " ".join(found)
    if effects["as_d"].notna().any():
        caption += (
            " The last column converts correlations and odds ratios into d by published formulas; "
            "different outcomes are not made comparable by that."
        )
    return Description(
        TITLE,
        caption + " k is the number of studies, N that of people or cases.",
        f"Forest plot of {counted(len(effects), 'effect')} by measure and "
        f"{counted(int((findings['kind'] == DIRECTION).sum()), 'direction')}. {_answer(findings)}",
        "\n".join(
            [
                f"{_answer(findings)} One by one:",
                *(
                    f"- {row['label']}, {finding_in_words(row)}; {row['comparison']}; "
                    f"design: {_design(row) or 'not known'}; "
                    f"appraisal of quality: {row['appraisal'] or 'none'}."
                    for row in findings.to_dict("records")
                ),
            ]
        ),
    )


def plot_findings(findings: pd.DataFrame) -> Figure:
    """Draw effects by measure, each measure on its own axis, and directions by outcome.

    Returns
    -------
    Figure
        Marks: each finding by its id; counts are not drawn.
    """
    words = describe_findings(findings)
    pointing = findings[findings["kind"] != COUNT]
    if pointing.empty:
        return plot_nothing("findings-forest", words)
    drawn, lines = _on_a_page(pointing)
    counts, left = int((findings["kind"] == COUNT).sum()), len(pointing) - len(drawn)
    out = [f"{counted(counts, 'count')}, which compares nothing"] if counts == 1 else []
    out += [f"{counted(counts, 'count')}, which compare nothing"] if counts > 1 else []
    out += [f"{counted(left, 'finding')} for want of room"] if left else []
    differ = list(dict.fromkeys(drawn.loc[drawn["differs"], "outcome"]))
    note = ""
    if (drawn["kind"] == EFFECT).any():
        note = (
            "k: studies; N: people or cases; n.r.: not reported; n.c.: not yet coded. Lines are "
            "confidence intervals (CI), of which an arrow goes on beyond the axis; d ≈: converted "
            "into a standardised mean difference."
        )
    note += _ladder(drawn)
    note += f" Reports differ on {listed(differ, most=4)}." if differ else ""
    note += f" Not drawn: {listed(out)}." if out else ""
    with house_style():
        page = Page(TITLE, _answer(findings), note)
        looks = [LOOKS[d] for d in DIRECTIONS if (drawn["direction"] == d).any()]
        unsaid = not drawn["direction"].isin(DIRECTIONS).all()
        page.key([*looks, *([_UNSAID] if unsaid else []), _NULL])
        effects = drawn[drawn["kind"] == EFFECT]
        for _, rows in effects.groupby("measure", sort=False):
            _draw_effects(page, rows.to_dict("records"), lines)
        if len(effects) < len(drawn):
            _draw_directions(page, drawn[drawn["kind"] != EFFECT], lines)
    ends = [_ends(row) for row in drawn.to_dict("records")]
    data = drawn.drop(columns=["note", "source"]).assign(
        row=drawn["finding_id"].where(drawn["kind"] == EFFECT, drawn["outcome"]),
        line_from=[low for low, _ in ends],
        line_to=[high for _, high in ends],
        direction_words=drawn["direction"].map(DIRECTION_WORDS).fillna(UNSAID),
    )
    data.insert(0, "mark", data["finding_id"])
    ids = zip(drawn["finding_id"], drawn["key"], drawn["origin"], strict=True)
    return Figure.described(
        "findings-forest",
        words,
        drawing=page.finished(),
        data=data,
        marks={f: (f"findings:{f}", *([f"studies:{k}"] if o else [])) for f, k, o in ids},
    )


def _design(row: Mapping[Hashable, Any]) -> str:
    """Write a design with its step on the ladder, where there is one."""
    step = "" if pd.isna(row["step"]) else f"{int(row['step'])} "
    return f"{step}{row['design']}"


def _ladder(drawn: pd.DataFrame) -> str:
    """Say which designs the numbers stand for, the highest step first."""
    known = drawn.dropna(subset="step").drop_duplicates(["step", "design"])
    known = known.sort_values(["step", "design"], ascending=[False, True], kind="stable")
    steps = [
        f"{step} {', '.join(rows['design'])}" for step, rows in known.groupby("step", sort=False)
    ]
    if not steps:
        return ""
    without = (
        " A finding without one has no design that is known." if drawn["step"].isna().any() else ""
    )
    return f" Numbers of designs are steps of a ladder: {'; '.join(steps)}.{without}"


def _on_a_page(pointing: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the findings that a page holds, and how many lines their words may take.

    An effect has a row of its own; directions have one for each outcome, where `place` counts them.
    """
    effects = pointing[pointing["kind"] == EFFECT]
    order = pointing["direction"].map({d: n for n, d in enumerate(DIRECTIONS)})
    directions = pointing.assign(order=order)[pointing["kind"] != EFFECT]
    directions = directions.sort_values(
        ["order", "step"], ascending=[True, False], kind="stable"
    ).drop(columns="order")
    directions["place"] = directions.groupby("outcome", sort=False).cumcount() + 1
    directions = directions[directions["place"] <= MOST_DOTS]
    sections = effects["measure"].nunique() + (len(directions) > 0)
    room = PAGE_HEIGHT - 130 - _SECTION * sections
    most = max(4, int(room / _LEAST_ROW))
    fullest = list(directions["outcome"].value_counts(sort=True).index)
    outcomes = fullest[: max(most // 2, most - len(effects))]
    effects = effects.head(most - len(outcomes))
    drawn = pd.concat([effects, directions[directions["outcome"].isin(outcomes)]])
    return drawn, 2 if (len(effects) + len(outcomes)) * 22 <= room else 1


def _section(page: Page, head: str) -> None:
    page.words(page.left, page.y + 6, head, size=8.0, weight="bold")
    page.y += 6


def _draw_directions(page: Page, directions: pd.DataFrame, lines: int) -> None:
    """Draw the findings of an outcome side by side, each in the look of its direction."""
    _section(page, "Only the direction is given")
    of_outcome = {str(outcome): rows for outcome, rows in directions.groupby("outcome")}
    keys = sorted(of_outcome, key=lambda outcome: (-len(of_outcome[outcome]), outcome))
    marks = [
        Mark(
            row["finding_id"],
            keys.index(row["outcome"]),
            _look(row),
            row["place"],
            label="" if pd.isna(row["step"]) else f"{int(row['step'])}",
        )
        for row in directions.to_dict("records")
    ]
    who = ["; ".join(dict.fromkeys(of_outcome[key]["label"])) for key in keys]
    most = int(directions["place"].max())
    scale = Scale.counts("findings", most, max(106.0, 16.0 * most))
    page.rows(
        keys,
        [
            Text(keys, key=True, most=lines, width=114.0, size=NOTE),
            Dots(scale, marks, "findings"),
            Text(who, most=lines, size=NOTE),
        ],
        row=_LEAST_ROW,
    )


def _draw_effects(page: Page, rows: list[Row], lines: int) -> None:
    """Draw the effects of one measure on an axis of their own."""
    first = rows[0]
    ends: list[str] = [] if pd.isna(first["null"]) else [f"no effect at {first['null']:g}"]
    ends += ["logarithmic scale"] if first["logarithmic"] else []
    _section(page, ": ".join([str(first["measure_label"]), ", ".join(ends)]).removesuffix(": "))
    keys = [str(row["finding_id"]) for row in rows]
    level = {row["ci_level"] for row in rows if interval_in_words(row)} <= {95}
    scale = _scale(str(first["measure"]), rows)
    frame = page.rows(
        keys,
        [
            Text([_who(row) for row in rows], most=lines, width=92.0, size=NOTE),
            Text([str(row["outcome"]) for row in rows], most=lines, width=60.0, size=NOTE),
            Text([_judged(row) for row in rows], "design", most=lines, width=61.0, size=NOTE),
            Text([_counted(row, "studies") for row in rows], "k", key=True, width=16.0, size=NOTE),
            Text([_counted(row, "participants") for row in rows], "N", width=33.0, size=NOTE),
            Dots(scale, [_mark(row, n) for n, row in enumerate(rows)]),
            Text([_value(row, level) for row in rows], _CI[level], most=lines, size=NOTE),
            Text([_as_d(row) for row in rows], "d ≈", width=22.0, size=NOTE),
        ],
        row=_LEAST_ROW,
        gap=5.0,
    )
    left = frame.lefts[5]
    if not pd.isna(first["null"]):
        x, part = left + scale(float(first["null"])), f"axis:{scale.name}:null"
        page.line(_NULL, x, frame.top, x, frame.bottom, FURNITURE, part)
    for n, row in enumerate(rows):
        if row["logarithmic"] and not pd.isna(row["ci_low"]) and row["ci_low"] <= 0:
            arrow = replace(_look(row), shape="<", size=4.5)
            page.dot(arrow, left + 2.5, frame.y[n], keys[n], "beyond")


def _mark(row: Row, number: int) -> Mark:
    low, high = _ends(row)
    return Mark(str(row["finding_id"]), number, _look(row), float(row["estimate"]), low, high)


def _look(row: Row) -> Look:
    return LOOKS.get(row["direction"], _UNSAID)


def _ends(row: Row) -> tuple[float, float]:
    """Return from where to where the line goes: half an interval goes as far as the estimate.

    On a logarithmic axis 0 is never reached: there the line begins at a third of the estimate.
    """
    if row["kind"] != EFFECT or (pd.isna(row["ci_low"]) and pd.isna(row["ci_high"])):
        return math.nan, math.nan
    at = float(row["estimate"])
    low = at if pd.isna(row["ci_low"]) else float(row["ci_low"])
    high = at if pd.isna(row["ci_high"]) else float(row["ci_high"])
    return (at / 3 if row["logarithmic"] and low <= 0 else low), high


def _scale(name: str, rows: list[Row]) -> Scale:
    null, logarithmic = rows[0]["null"], bool(rows[0]["logarithmic"])
    numbers = [n for row in rows for n in (float(row["estimate"]), *_ends(row)) if n == n]  # noqa: PLR0124
    numbers += [] if pd.isna(null) else [float(null)]
    low, high = min(numbers), max(numbers)
    if logarithmic:
        room = max((high / low) ** 0.08, 1.05)
        return Scale.log(name, low / room, high * room, 80.0)
    room = (high - low) * 0.08 or 1.0
    return Scale.linear(name, low - room, high + room, 80.0)


def _who(row: Row) -> str:
    origin = {"listed": " (listed)", "named": " (named)"}.get(row["origin"], "")
    return f"{row['label']}{origin}"


def _judged(row: Row) -> str:
    return "; ".join(part for part in (_design(row) or "n.c.", row["appraisal"]) if part)


def _counted(row: Mapping[Hashable, Any], column: str) -> str:
    if pd.isna(row[column]):
        return _WORDS.get(row[f"{column}_empty"], "–")
    least = column == "participants" and row["participants_bound"] == "at_least"
    return f"{'≥ ' if least else ''}{int(row[column]):,}"


def _as_d(row: Row) -> str:
    return "" if pd.isna(row["as_d"]) else number(float(row["as_d"]), 2)


def _value(row: Row, level_known: bool) -> str:
    """Write an estimate and its interval, whose level is left out where the head says it."""
    estimate = f"{float(row['estimate']):g}".replace("-", "−")
    interval = interval_in_words(row).removeprefix("95% " if level_known else "")
    interval = interval.replace("interval ", "")
    missing = _WORDS.get(row["ci_low_empty"], "does not apply")
    return f"{estimate} ({interval or f'CI {missing}'})"


@registered("findings-forest")
def findings_forest(collection: Collection) -> Figure:
    """Draw what the works of a collection measured."""
    return plot_findings(compute_findings(collection))
