"""What changes when judgements are let in more strictly, or coded by someone else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.lens import BASELINE, BASES, Lens, Strictness, codings, main_coder
from relnotes.analysis.overlap.memberships import Memberships
from relnotes.analysis.overlap.pairs import compute_similarity
from relnotes.analysis.overlap.presence import CORE, SINGLE, compute_presence
from relnotes.evidence.lexical import LEXICAL

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

CONCLUSION_COLUMNS = [
    "conclusion", "kind", "about", "at_baseline", "holds_in", "fails_in", "unclear_in", "survives",
]  # fmt: skip


class _Conclusion(NamedTuple):
    kind: str
    about: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Sensitivity:
    """The same questions answered through every lens.

    Attributes
    ----------
    lenses : DataFrame
        One row per lens: ``coder``, ``strictness``, ``basis``, ``sets`` (compared), ``items``
        (concepts named at all), ``links`` (memberships), ``spearman`` (rank correlation of the
        concepts' counts with those of the baseline; NaN where either does not vary) and
        ``top_kept`` (share of the baseline's top concepts that are at the top here).
    counts : DataFrame
        One row per lens and concept: the lens, ``item``, ``label``, ``sets``,
        ``of`` (frameworks compared), ``share``, ``rank``, ``band``, ``rank_change`` (places
        gained on the baseline; negative: lost; NA where it is not named in both).
    read : mapping of Lens to Memberships
        What each lens reads.
    baseline : Lens
    top : int
        How many places count as the top.
    """

    lenses: pd.DataFrame = field(repr=False, compare=False)
    counts: pd.DataFrame = field(repr=False, compare=False)
    read: Mapping[Lens, Memberships] = field(repr=False, compare=False)
    baseline: Lens
    top: int = 10

    @cached_property
    def conclusions(self) -> pd.DataFrame:
        """Every conclusion that holds through some lens.

        ``conclusion`` (a sentence), ``kind`` (``core``, ``top``, ``single`` or ``closest``),
        ``about`` (ids), ``at_baseline``, ``holds_in``, ``fails_in``, ``unclear_in`` (lenses
        through which a framework it is about is not compared) and ``survives`` (it fails nowhere).
        """
        return _conclusions(self.read, self.baseline, self.top)


def compute_sensitivity(
    collection: Collection,
    lens: Lens | str = BASELINE,
    coders: Sequence[str] | None = None,
    top: int = 10,
) -> Sensitivity:
    """Compare every strictness, basis and coding with a baseline.

    Parameters
    ----------
    lens : Lens or str
        The baseline that the others are measured against.
    coders : sequence of str, optional
        The codings to compare; all that the collection has by default.
    top : int
        How many places count as the top of the ranking.

    Raises
    ------
    ValueError
        If the baseline's coder is not among `coders`, `top` is below 1, or a coding is unknown.
    """
    start = Lens.of(lens).on(collection)
    coders = coders or codings(collection) or (main_coder(collection),)
    if start.coder not in coders:
        raise ValueError(f"the baseline is coded by {start.coder!r}, which is not in {coders!r}")
    if top < 1:
        raise ValueError(f"top is {top}; give 1 or more")
    lenses = [
        Lens(level, basis, who)
        for who in coders
        for basis in BASES[: 1 if who == LEXICAL else None]  # whatever the rule makes is explicit
        for level in Strictness
    ]
    read = {lens: Memberships.from_crosswalk(collection, lens) for lens in lenses}
    presence = {lens: compute_presence(memberships) for lens, memberships in read.items()}
    base = presence[start]
    return Sensitivity(
        lenses=pd.DataFrame(
            [
                {
                    "coder": lens.coder,
                    "strictness": lens.strictness.value,
                    "basis": lens.basis,
                    "sets": len(read[lens].sets),
                    "items": int((found["sets"] > 0).sum()),
                    "links": int(found["sets"].sum()),
                    "spearman": _rank_correlation(base, found),
                    "top_kept": _kept(_top(base, top), _top(found, top)),
                }
                for lens, found in presence.items()
            ]
        ),
        counts=pd.concat(
            [_counts(lens, found, read[lens], base) for lens, found in presence.items()],
            ignore_index=True,
        ),
        read=read,
        baseline=start,
        top=top,
    )


def _counts(
    lens: Lens, presence: pd.DataFrame, memberships: Memberships, base: pd.DataFrame
) -> pd.DataFrame:
    counts = presence[["item", "label", "sets", "share", "rank", "band"]].copy()
    counts.insert(3, "of", len(memberships.sets))
    before = base.set_index("item")["rank"].reindex(counts["item"]).array
    counts["rank_change"] = before - counts["rank"]
    return _of_lens(lens, counts)


def _of_lens(lens: Lens, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "coder", lens.coder)
    table.insert(1, "strictness", lens.strictness.value)
    table.insert(2, "basis", lens.basis)
    return table


def _rank_correlation(base: pd.DataFrame, other: pd.DataFrame) -> float:
    first = base.set_index("item")["sets"].rank()
    second = other.set_index("item")["sets"].rank().reindex(first.index)
    if first.nunique() < 2 or second.nunique() < 2:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _top(presence: pd.DataFrame, top: int) -> set[str]:
    return set(presence.loc[(presence["rank"] <= top).fillna(value=False), "item"])


def _kept(base: set[str], other: set[str]) -> float:
    return len(base & other) / len(base) if base else float("nan")


def _conclusions(read: Mapping[Lens, Memberships], start: Lens, top: int) -> pd.DataFrame:
    drawn = {
        lens: {
            (conclusion.kind, conclusion.about): conclusion
            for conclusion in _draw(memberships, top)
        }
        for lens, memberships in read.items()
    }
    compared = {lens: frozenset(memberships.sets) for lens, memberships in read.items()}
    # The baseline's conclusions first, then the others as the lenses come.
    every = {key: conclusion for lens in (start, *drawn) for key, conclusion in drawn[lens].items()}
    lines = []
    for key, conclusion in every.items():
        holds = [lens for lens in drawn if key in drawn[lens]]
        named = conclusion.about if conclusion.kind == "closest" else conclusion.about[1:]
        unclear = [
            lens for lens in drawn if lens not in holds and not compared[lens].issuperset(named)
        ]
        fails = [lens for lens in drawn if lens not in (*holds, *unclear)]
        lines.append(
            (
                conclusion.text,
                conclusion.kind,
                conclusion.about,
                start in holds,
                tuple(map(str, holds)),
                tuple(map(str, fails)),
                tuple(map(str, unclear)),
                not fails,
            )
        )
    return pd.DataFrame(lines, columns=CONCLUSION_COLUMNS)


def _draw(memberships: Memberships, top: int) -> Iterator[_Conclusion]:
    """Draw the conclusions that one lens supports."""
    presence = compute_presence(memberships)
    label_of = dict(zip(memberships.sets, memberships.set_labels, strict=True))
    highest = _top(presence, top)
    for item, label, band, sets in zip(
        presence["item"], presence["label"], presence["band"], presence["set_ids"], strict=True
    ):
        if band == CORE:
            yield _Conclusion("core", (item,), f"{label} is core.")
        if item in highest:
            yield _Conclusion(
                "top", (item,), f"{label} is among the {top} most widely named concepts."
            )
        if band == SINGLE:
            yield _Conclusion("single", (item, *sets), f"Only {label_of[sets[0]]} names {label}.")
    for name, near in _closest(memberships):
        text = f"No framework is closer to {label_of[name]} than {label_of[near]}."
        yield _Conclusion("closest", (name, near), text)


def _closest(memberships: Memberships) -> Iterator[tuple[str, str]]:
    """Each set with those nearest to it, if they share anything."""
    similarity = np.nan_to_num(compute_similarity(memberships).to_numpy())
    np.fill_diagonal(similarity, 0)
    for name, row in zip(memberships.sets, similarity, strict=True):
        best = row.max(initial=0.0)
        if best > 0:
            yield from ((name, memberships.sets[place]) for place in np.flatnonzero(row == best))
