"""Agreement of two codings: concept by concept, how many elements both relate, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from relnotes.analysis.agreement import Agreement, compute_agreement, found_agreement, worth
from relnotes.analysis.overlap.naming import readable
from relnotes.evidence.sentences import counted, listed, number
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Bars, Dots, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, INK, NOTE, ORANGE, PAPER, clean, house_style, shortened

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

TITLE: Final = "On which concepts do the two codings agree?"
MOST_ROWS: Final = 40
ALPHA: Final = Look("alpha with its interval", INK, "D", 4.8)


def describe_agreement_concepts(agreement: Agreement) -> Description:
    """Say in words on which concepts two codings agree.

    Parameters
    ----------
    agreement : Agreement
        What :func:`relnotes.analysis.agreement.compute_agreement` found.
    """
    shown = _shown(agreement)
    if shown.empty:
        nothing = (
            " ".join(found_agreement(agreement))
            if agreement.absent or not agreement.elements
            else "Neither coding relates an element to a concept: there is nothing to compare."
        )
        return Description(TITLE, nothing, nothing, nothing)
    first, second = agreement.coders
    lead = _lead(agreement, shown)
    overall = (
        ""
        if np.isnan(agreement.alpha)
        else f" Over all concepts alpha is {number(agreement.alpha, 2)} ({agreement.level:.0%} "
        f"interval {number(agreement.low, 2)} to {number(agreement.high, 2)})."
    )
    caption = f"{lead}{overall} {worth(agreement.coders)} What counts: {agreement.lens.words}."
    alt = f"Bars of the elements that each concept has in both codings or in one. {lead}"
    rows = [f"- {_row_words(row, first, second)}." for _, row in shown.iterrows()]
    description = "\n".join([f"{lead}{overall} {worth(agreement.coders)}", *rows])
    return Description(TITLE, caption, alt, description)


def _lead(agreement: Agreement, shown: pd.DataFrame) -> str:
    first, second = agreement.coders
    parted = shown[shown["only_first"] + shown["only_second"] > 0]
    weakest = parted.dropna(subset="alpha").nsmallest(3, "alpha")
    lead = (
        f"On {len(shown) - len(parted):,} of {counted(len(shown), 'concept')} the {first} and the "
        f"{second} coding relate the same elements"
    )
    if not weakest.empty:
        names = [shortened(name, 110) for name in weakest["name"]]
        lead += f"; they agree least on {listed(names)}"
    return f"{lead}."


def _row_words(row: pd.Series[Any], first: str, second: str) -> str:
    alpha = (
        "alpha not defined"
        if np.isnan(row["alpha"])
        else f"alpha {number(row['alpha'], 2)}, from {number(row['low'], 2)} to "
        f"{number(row['high'], 2)}"
    )
    return (
        f"{row['name']}, {row['both']:,} in both, {row['only_first']:,} only {first}, "
        f"{row['only_second']:,} only {second}, {alpha}"
    )


def _shown(agreement: Agreement) -> pd.DataFrame:
    """Return the concepts that a coding uses, the least agreed upon first."""
    concepts = agreement.concepts
    used = concepts[["both", "only_first", "only_second"]].sum(axis=1)
    names = list(map(clean, readable(list(concepts["concept_id"]), concepts["label"])))
    shown = concepts.assign(name=names, used=used)[used > 0]
    return shown.sort_values(
        ["alpha", "used"], ascending=[True, False], kind="stable", ignore_index=True
    )


def plot_agreement_concepts(agreement: Agreement) -> Figure:
    """Draw for each concept the elements of both codings and of one only, and alpha beside them.

    Concepts on which the codings agree in full are named in the note and in the data, not drawn.

    Returns
    -------
    Figure
        Marks: ``Trust × both``, ``Trust × only`` and a coder, ``Trust × alpha``.
    """
    name = "agreement-concepts"
    words = describe_agreement_concepts(agreement)
    shown = _shown(agreement)
    if shown.empty:
        return plot_nothing(name, words)
    parted = shown[shown["only_first"] + shown["only_second"] > 0]
    drawn = (parted if len(parted) else shown).head(MOST_ROWS)
    keys = list(drawn["name"])
    looks = _looks(agreement)
    data, marks = _data(agreement, drawn)
    bars = [
        Mark(r["mark"], keys.index(r["concept"]), looks[r["what"]], r["end"], r["start"],
             label=f"{r['total']:,}" if r["end"] == r["total"] else "")
        for r in data[data["what"] != "alpha"].to_dict("records")
    ]  # fmt: skip
    dots = [
        Mark(r["mark"], keys.index(r["concept"]), ALPHA, r["alpha"], r["low"], r["high"])
        for r in data[data["what"] == "alpha"].to_dict("records")
    ]
    known = data[["alpha", "low"]].min().min()
    least = float(np.floor(known * 2) / 2) if known < -0.02 else 0.0
    numbers = ["not defined" if np.isnan(a) else number(a, 2) for a in drawn["alpha"]]
    alike = [n for n in shown["name"] if n not in set(parted["name"])] if len(parted) else []
    beyond = len(parted) - len(drawn) if len(parted) else len(shown) - len(drawn)
    note = (
        "Alpha is Krippendorff’s: 1 is full agreement, 0 chance; least agreement first."
        + (f" The same elements in both: {listed(alike, most=12)}." if alike else "")
        + (f" Not drawn: {counted(beyond, 'concept')} with more agreement." if beyond else "")
        + f" What counts: {agreement.lens.words}."
    )
    with house_style():
        page = Page(TITLE, _lead(agreement, shown), note)
        page.key([*(looks[w] for w in looks if (data["what"] == w).any()), ALPHA])
        page.rows(
            keys,
            [
                Text.fitting(keys, 128, key=True, size=NOTE),
                Bars(Scale.counts("elements", int(drawn["used"].max()), 140.0), bars, "elements"),
                Dots(Scale.linear("alpha", least, 1.0, 112.0), dots, "alpha"),
                Text(numbers, "alpha", size=NOTE),
            ],
            row=12.0,
        )
    return Figure.described(
        name,
        words,
        drawing=page.finished(),
        data=data,
        marks=marks,
        choices={
            "codings": f"{agreement.coders[0]}, {agreement.coders[1]}",
            "lens": str(agreement.lens),
            "draws": f"{agreement.draws}",
            "seed": f"{agreement.seed}",
        },
    )


def _looks(agreement: Agreement) -> dict[str, Look]:
    """Dark, filled with an edge, and hollow: the parts of a bar differ without colour too."""
    first, second = (f"only {clean(coder)}" for coder in agreement.coders)
    return {
        "both": Look("both", BLUE, "bar"),
        first: Look(first, INK, "bar", face=ORANGE, width=0.6),
        second: Look(second, INK, "bar", face=PAPER, width=0.6),
    }


def _data(
    agreement: Agreement, drawn: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """One row for each part of each bar, and one for each alpha that is defined."""
    rows: list[dict[str, Any]] = []
    marks: dict[str, tuple[str, ...]] = {}
    for concept in drawn.to_dict("records"):
        start = 0
        parts = zip(_looks(agreement), ("both", "only_first", "only_second"), strict=True)
        behind = concept["row_ids"] or (f"concepts:{concept['concept_id']}",)
        base = {"concept": concept["name"], "total": concept["used"]}
        for what, column in parts:
            if not concept[column]:
                continue
            end = start + int(concept[column])
            mark = f"{concept['name']} × {what}"
            rows.append({"mark": mark, "what": what, **base, "start": start, "end": end})
            marks[mark] = tuple(_rows_of_part(behind, column, agreement.coders))
            start = end
        if not np.isnan(concept["alpha"]):
            mark = f"{concept['name']} × alpha"
            known = {k: concept[k] for k in ("alpha", "low", "high")}
            rows.append({"mark": mark, "what": "alpha", **base, **known})
            marks[mark] = tuple(behind)
    columns = ["mark", "concept", "what", "start", "end", "total", "alpha", "low", "high"]
    return pd.DataFrame(rows, columns=columns), marks


def _rows_of_part(ids: tuple[str, ...], part: str, coders: tuple[str, str]) -> list[str]:
    """Return the judgements on the elements that both codings relate, or only one."""
    by = {coder: {i.split("/")[0] for i in ids if i.endswith(f"/{coder}")} for coder in coders}
    first, second = (by[coder] for coder in coders)
    here = {"both": first & second, "only_first": first - second, "only_second": second - first}
    return [i for i in ids if i.split("/")[0] in here[part]] or list(ids)


@registered("agreement-concepts")
def agreement_concepts(collection: Collection) -> Figure:
    """Draw on which concepts two codings of a collection agree."""
    return plot_agreement_concepts(compute_agreement(collection))
