"""The gap map: which concepts have frameworks, claims, syntheses, studies, and which have not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.gaps import (
    CLAIMED,
    DIRECTIONS,
    OPEN,
    STUDY,
    SYNTHESIS,
    UNKNOWN,
    UNNAMED,
    UNSYNTHESISED,
    UNTESTED,
    VOIDS,
    GapMap,
    compute_gaps,
)
from relnotes.evidence.sentences import are, counted, have, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Bars, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.gaps.rows import labels_of, names, on_a_page, spacing
from relnotes.figures.register import registered
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, GREEN, INK, NOTE, ORANGE, QUIET, house_style

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

TITLE: Final = "Which concepts have evidence, and where is there none?"
VOID_WORDS: Final = {
    UNNAMED: "no framework names it",
    UNTESTED: "no claim, no study",
    UNSYNTHESISED: "studies, no synthesis",
    CLAIMED: "claims, but no study",
    OPEN: "open: not known yet",
}
LOOKS: Final = {
    "frameworks": Look("frameworks that name it", BLUE, "bar"),
    "claims": Look("claims about it", QUIET, "bar"),
    SYNTHESIS: Look("syntheses", GREEN, "bar"),
    STUDY: Look("studies", INK, "bar", face=ORANGE, width=0.6),
}
_HEADS: Final = {SYNTHESIS: "syntheses", STUDY: "studies"}
_VOID_SENTENCE: Final[dict[str, Callable[[int], str]]] = {
    UNNAMED: lambda n: f"{are(n)} named by no framework",
    UNTESTED: lambda n: (
        f"{are(n)} named by a framework, but no claim, study or synthesis here "
        f"bears on {'it' if n == 1 else 'them'}"
    ),
    UNSYNTHESISED: lambda n: f"{have(n)} a study, but no synthesis",
}
_LACKS: Final = {
    UNNAMED: "named by no framework",
    UNTESTED: "without claim or study",
    CLAIMED: "with claims alone",
    UNSYNTHESISED: "with studies but no synthesis",
    OPEN: "open",
}
# A codebook made from frameworks has no concept that none names: that would be no finding.
_NO_VOID: Final = {
    UNTESTED: "No concept is known to be named without a claim, study or synthesis about it.",
    UNSYNTHESISED: "No concept is known to have a study, but no synthesis.",
}


def found_gaps(gaps: GapMap) -> tuple[str, ...]:
    """Say what the gap map shows, in sentences computed from it.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_gaps(compute_gaps(Collection.of({})))
    ('The codebook holds no concepts yet.',)
    """
    concepts = gaps.concepts
    if concepts.empty:
        return ("The codebook holds no concepts yet.",)
    total = len(concepts)
    sentences = []
    for void in VOIDS:
        labels = list(concepts.loc[concepts["void"] == void, "label"])
        if labels:
            sentences.append(
                f"{counted(len(labels), 'concept')} of {total:,} "
                f"{_VOID_SENTENCE[void](len(labels))}: {listed(labels, most=6)}."
            )
        elif void in _NO_VOID:
            sentences.append(_NO_VOID[void])
    alone = list(concepts.loc[concepts["void"] == CLAIMED, "label"])
    if alone:
        sentences.append(
            f"{counted(len(alone), 'concept')} {have(len(alone))} claims, but "
            f"no study or synthesis here: {listed(alone, most=6)}."
        )
    still = list(concepts.loc[concepts["void"] == OPEN, "label"])
    if still:
        sentences.append(
            f"Of {counted(len(still), 'concept')} nothing can be said yet, because it is not known "
            "whether a work that bears on it is a study or synthesis, or a framework or claim is "
            f"not coded: {listed(still, most=6)}."
        )
    most = int(concepts["works"].max())
    widest = sorted(concepts.loc[concepts["works"] == most, "label"])
    if most:
        it = "it" if len(widest) == 1 else "them"
        sentences.append(
            f"{listed(widest, most=4)} {have(len(widest))} the most works, {most:,}; that these "
            f"bear on {it} does not say that they show an effect."
        )
    against = int(concepts["against"].sum() + concepts["mixed"].sum())
    if concepts["claims"].sum():
        links = int(concepts["claims"].sum())
        sentences.append(
            f"Of {counted(links, 'link')} between a claim and a concept, "
            f"{f'{against:,} speak' if against > 1 else '1 speaks' if against else 'none speaks'} "
            "against it or both ways."
        )
    return tuple(sentences)


def _answer(gaps: GapMap) -> str:
    concepts = gaps.concepts
    lacking = concepts["void"].value_counts()
    parts = [f"{lacking[void]:,} {words}" for void, words in _LACKS.items() if void in lacking]
    of = f"Of {counted(len(concepts), 'concept')}"
    return f"{of}: {listed(parts)}." if parts else f"{of} none lacks a framework or a synthesis."


def describe_gaps(gaps: GapMap) -> Description:
    """Say in words which concepts have which evidence."""
    found = found_gaps(gaps)
    if gaps.concepts.empty:
        return Description(TITLE, found[0], "An empty map: there are no concepts.", found[0])
    return Description(
        TITLE,
        f"{' '.join(found)} A work bears on a concept when an element that names the concept, or a "
        "claim about it, rests on the work; works that report one study count once.",
        f"Bars of frameworks, claims, syntheses and studies by concept. {_answer(gaps)}",
        "\n".join(
            [
                _answer(gaps),
                *(
                    f"- {row['label']}: {counted(row['frameworks'], 'framework')}, "
                    f"{counted(row['claims'], 'claim')}, "
                    f"{counted(row[SYNTHESIS], 'synthesis', 'syntheses')}, "
                    f"{counted(row[STUDY], 'study', 'studies')}"
                    + (f"; {VOID_WORDS[row['void']]}" if row["void"] else "")
                    + "."
                    for row in gaps.concepts.to_dict("records")
                ),
            ]
        ),
    )


def plot_gaps(gaps: GapMap) -> Figure:
    """Draw the concepts with their frameworks, claims and works, and say where there are none.

    Returns
    -------
    Figure
        Marks: each concept and kind of evidence, as ``Trust × study``, and ``Trust × void``.
    """
    words = describe_gaps(gaps)
    if gaps.concepts.empty:
        return plot_nothing("gaps-map", words)
    concepts, left = on_a_page(gaps.concepts, "works")
    labels = labels_of(concepts)
    data, marks = _data(gaps, concepts, labels)
    unknown = int(gaps.bearing.loc[gaps.bearing["kind"] == UNKNOWN, "study"].nunique())
    note = (
        f"What counts as named: {gaps.lens.words}. "
        "Works that are neither study nor synthesis, such as rules and guides, stand in the table; "
        "works that report one study count once. "
        + (
            f"The design of {counted(unknown, 'work')} is not known: of concepts that need one "
            "nothing is said. "
            if unknown
            else ""
        )
        + left
    )
    with house_style():
        page = Page(TITLE, _answer(gaps), note.strip())
        page.key(LOOKS.values())
        columns = [
            _bars(data, what, labels, {"frameworks": 56.0, "claims": 56.0}.get(what, 32.0))
            for what in LOOKS
        ]
        voids = [VOID_WORDS.get(void, "") for void in concepts["void"]]
        bold = [void in VOIDS for void in concepts["void"]]
        silent = Text(voids, "missing", [f"{x} × void" for x in labels], size=NOTE, bold=bold)
        row, air = spacing(page, concepts, 24)
        page.rows(labels, [*names(concepts), *columns, silent], row=row, air=air, gap=6.0)
    return Figure.described("gaps-map", words, drawing=page.finished(), data=data, marks=marks)


def _bars(data: pd.DataFrame, what: str, labels: list[str], wide: float) -> Bars:
    rows = data[data["what"] == what].to_dict("records")
    place = {label: n for n, label in enumerate(labels)}
    marks = [
        Mark(str(r["mark"]), place[r["concept"]], LOOKS[what], r["count"], label=str(r["said"]))
        for r in rows
    ]
    scale = Scale.counts(what, max([int(r["count"]) for r in rows], default=1), wide)
    return Bars(scale, marks, _HEADS.get(what, what), 5.0, 44.0 if what == "claims" else 14.0)


def _data(
    gaps: GapMap, concepts: pd.DataFrame, labels: list[str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """One row for each concept and kind of evidence that it has, and one for what it lacks."""
    bearing = dict(list(gaps.bearing.groupby(["concept_id", "kind"], sort=False)))
    rows: list[dict[str, Any]] = []
    marks: dict[str, tuple[str, ...]] = {}
    for label, row in zip(labels, concepts.to_dict("records"), strict=True):
        for what in ("frameworks", "claims", SYNTHESIS, STUDY):
            if not row[what]:
                continue
            works = bearing.get((row["concept_id"], what), gaps.bearing.iloc[:0])
            ids = [i for i in row["row_ids"] if i.startswith(f"{what}:")]
            ids += [f"studies:{key}" for key in works["key"]]
            rows.append(
                _row(label, what, int(row[what]), _said(row, what), listed(list(works["label"])))
            )
            marks[str(rows[-1]["mark"])] = tuple(dict.fromkeys(ids))
        if row["void"]:
            rows.append(_row(label, "void", 0, VOID_WORDS[row["void"]], ""))
            own = row["row_ids"] or (f"concepts:{row['concept_id']}",)
            marks[str(rows[-1]["mark"])] = tuple(own)
    return pd.DataFrame(rows, columns=["mark", "concept", "what", "count", "said", "works"]), marks


def _row(label: str, what: str, count: int, said: str, works: str) -> dict[str, Any]:
    return {
        "mark": f"{label} × {what}",
        "concept": label,
        "what": what,
        "count": count,
        "said": said,
        "works": works,
    }


def _said(row: dict[Any, Any], what: str) -> str:
    """Write the number; for claims also how many speak against, or both ways."""
    other = [f"{row[d]:,} {d}" for d in DIRECTIONS[1:] if what == "claims" and row[d]]
    return ", ".join([f"{row[what]:,}", *other])


@registered("gaps-map")
def gaps_map(collection: Collection) -> Figure:
    """Draw which concepts of a collection have which evidence."""
    return plot_gaps(compute_gaps(collection))
