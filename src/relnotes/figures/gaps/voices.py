"""Whose voice: who was asked about which concept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.gaps import Voices, compute_voices
from relnotes.evidence.sentences import counted, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Cells, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.gaps.rows import labels_of, names, on_a_page, spacing
from relnotes.figures.register import registered
from relnotes.figures.style import BLUE, GREEN, INK, NOTE, house_style, shortened

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

TITLE: Final = "Whose voice: who was asked about which concept?"
MOST_GROUPS: Final = 18
WORK: Final = Look("in a work that asked them", BLUE, "o", 6.0)
ACCOUNT: Final = Look("in an account of theirs", GREEN, "D", 5.2)
BOTH: Final = Look("in both", INK, "s", 5.8)


def found_voices(voices: Voices) -> tuple[str, ...]:
    """Say who was asked, in sentences computed from the map of voices.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_voices(compute_voices(Collection.of({})))
    ('No source is coded yet as having asked anybody.',)
    """
    sources, concepts = voices.sources, voices.concepts
    sentences = []
    if sources.empty:
        sentences.append("No source is coded yet as having asked anybody.")
    else:
        groups = sources.groupby("voice", sort=False)["study"].nunique()
        sentences.append(
            "Asked were "
            + listed([f"{voice} ({counted(int(n), 'source')})" for voice, n in groups.items()])
            + "."
        )
        of_voice = voices.cells.drop_duplicates(["concept_id", "voice"])["voice"].value_counts()
        for voice in groups.index:
            if voice not in of_voice.index:
                sentences.append(f"What {voice} said is linked to no concept yet.")
        one = concepts[concepts["asked"] > 0]
        none = concepts[concepts["asked"] == 0]
        sentences.append(
            f"On {len(one):,} of {counted(len(concepts), 'concept')} somebody was asked"
            + (
                f"; on {listed(list(none['label']), most=5)} nobody that is coded."
                if len(none)
                else "."
            )
        )
    if voices.uncoded:
        sentences.append(
            f"The voices of {counted(voices.uncoded, 'work')} are not yet coded, so an empty place "
            "says only that no coded source asked."
        )
    if len(voices.unheard):
        sentences.append(
            "In the words of the tables, these groups are concerned and not among those coded as "
            f"asked: {listed(list(voices.unheard['people']), most=8)}."
        )
    return tuple(sentences)


def _answer(voices: Voices) -> str:
    """Say who was asked, and on how many concepts."""
    sources, concepts = voices.sources, voices.concepts
    groups = sources.groupby("voice", sort=False)["study"].nunique().head(4)
    who = [f"{shortened(str(voice), 150)} ({int(n):,})" for voice, n in groups.items()]
    asked = int((concepts["asked"] > 0).sum())
    return (
        f"On {asked:,} of {counted(len(concepts), 'concept')} somebody was asked; most sources "
        f"asked {listed(who)}."
    )


def describe_voices(voices: Voices) -> Description:
    """Say in words who was asked about which concept."""
    found = found_voices(voices)
    sources, concepts = voices.sources, voices.concepts
    if sources.empty or concepts.empty or voices.cells.empty:
        nobody = f"An empty map: {found[0] if sources.empty else 'none of them on a concept here.'}"
        return Description(TITLE, " ".join(found), nobody, " ".join(found))
    silent = sources[sources["concepts"] == 0].drop_duplicates("source_id")
    caption = f"{' '.join(found)} Reports of one study count once."
    if len(silent):
        caption += (
            f" Asked, but not drawn, because no judgement or claim links "
            f"{'it' if len(silent) == 1 else 'them'} to a concept: "
            f"{listed(list(silent['label']), most=6)}."
        )
    said = dict(zip(sources["source_id"], sources["label"], strict=True))
    labels = dict(zip(concepts["concept_id"], concepts["label"], strict=True))
    cells = voices.cells.drop_duplicates(["concept_id", "source_id", "voice"])
    return Description(
        TITLE,
        caption,
        f"Grid of concepts by the groups that were asked. {_answer(voices)}",
        "\n".join(
            [
                " ".join(found),
                *(
                    f"- {labels[concept]}: "
                    + "; ".join(
                        f"{v} in {said[s]}" for v, s in zip(g["voice"], g["source_id"], strict=True)
                    )
                    + "."
                    for concept, g in cells.groupby("concept_id", sort=False)
                ),
            ]
        ),
    )


def plot_voices(voices: Voices) -> Figure:
    """Draw which groups were asked about which concept, in works or in accounts of their own.

    Returns
    -------
    Figure
        Marks: each concept and group, as ``Trust × practitioners``.
    """
    words = describe_voices(voices)
    if words.alt.startswith("An empty map"):
        return plot_nothing("gaps-voices", words)
    asked = voices.concepts[voices.concepts["asked"] > 0].reset_index(drop=True)
    concepts, left = on_a_page(asked, "asked")
    labels = labels_of(concepts)
    every = list(dict.fromkeys(voices.sources["voice"]))
    groups = [g for g in every if (voices.cells["voice"] == g).any()][:MOST_GROUPS]
    data, marks = _data(voices, dict(zip(concepts["concept_id"], labels, strict=True)), groups)
    looks = {look.words: look for look in (WORK, ACCOUNT, BOTH)}
    rows = {label: n for n, label in enumerate(labels)}
    cells = [
        Mark(r["mark"], rows[r["concept"]], looks[r["heard"]], groups.index(r["voice"]))
        for r in data.to_dict("records")
    ]
    none = len(voices.concepts) - len(asked)
    silent = [g for g in every if g not in groups]
    notes = [
        f"What counts as about a concept: {voices.lens.words}. Reports of one study count once.",
        f"Nobody coded was asked on {counted(none, 'concept')}." if none else "",
        f"Asked on no concept here: {listed(silent, most=4)}." if silent else "",
        f"The voices of {counted(voices.uncoded, 'work')} are not yet coded."
        if voices.uncoded
        else "",
        left,
    ]
    with house_style():
        page = Page(TITLE, _answer(voices), " ".join(n for n in notes if n))
        page.key([looks[w] for w in looks if (data["heard"] == w).any()])
        # Who they are stands in the table: a row has no room for so many names.
        how_many = [f"{n:,}" for n in concepts["asked"]]
        counts = Text(how_many, "sources", width=28.0, align="right", size=NOTE)
        pitch = (page.width - 116 - 28 - 107) / len(groups)
        grid = Cells(groups, cells, min(24.0, pitch), cap=130.0, size=NOTE)
        row, air = spacing(page, concepts, grid.head())
        page.rows(labels, [*names(concepts), counts, grid], row=row, air=air)
    return Figure.described("gaps-voices", words, drawing=page.finished(), data=data, marks=marks)


def _data(
    voices: Voices, labels: dict[str, str], groups: list[str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    said = dict(zip(voices.sources["source_id"], voices.sources["label"], strict=True))
    here = voices.cells["concept_id"].isin(labels) & voices.cells["voice"].isin(groups)
    rows, marks = [], {}
    for (concept, voice), cells in voices.cells[here].groupby(["concept_id", "voice"], sort=False):
        tables = {str(source).partition(":")[0] for source in cells["source_id"]}
        heard = BOTH if len(tables) > 1 else WORK if tables == {"studies"} else ACCOUNT
        mark = f"{labels[str(concept)]} × {voice}"
        sources = listed([said[s] for s in dict.fromkeys(cells["source_id"])])
        rows.append((mark, labels[str(concept)], voice, heard.words, sources))
        ids = [
            i
            for source, behind in zip(cells["source_id"], cells["row_ids"], strict=True)
            for i in (source, *behind)
        ]
        marks[mark] = tuple(dict.fromkeys(ids))
    return pd.DataFrame(rows, columns=["mark", "concept", "voice", "heard", "sources"]), marks


@registered("gaps-voices")
def gaps_voices(collection: Collection) -> Figure:
    """Draw who was asked about which concept of a collection."""
    return plot_voices(compute_voices(collection))
