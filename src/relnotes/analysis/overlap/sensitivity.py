"""What changes when judgements are let in more strictly, or coded by someone else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Memberships
from relnotes.analysis.overlap.pairs import compute_pairs, compute_similarity
from relnotes.analysis.overlap.presence import CORE, SINGLE, compute_presence
from relnotes.analysis.overlap.strictness import Strictness

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

CONCLUSION_COLUMNS = [
    "conclusion", "kind", "about", "at_baseline", "holds_in", "fails_in", "unclear_in", "survives",
]  # fmt: skip


class Setting(NamedTuple):
    """A coding and a strictness: one way to read the crosswalk."""

    coder: str
    strictness: Strictness

    def __str__(self) -> str:
        return f"{self.coder}/{self.strictness}"


class _Conclusion(NamedTuple):
    kind: str
    about: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Sensitivity:
    """The same questions answered in every setting of strictness and coding.

    Attributes
    ----------
    settings : DataFrame
        One row per setting: ``coder``, ``strictness``, ``sets`` (frameworks compared), ``items``
        (concepts named at all), ``links`` (memberships), ``spearman`` (rank correlation of the
        concepts' counts with those of the baseline; NaN where either does not vary) and
        ``top_kept`` (share of the baseline's top concepts that are at the top here).
    counts : DataFrame
        One row per setting and concept: ``coder``, ``strictness``, ``item``, ``label``, ``sets``,
        ``of`` (frameworks compared), ``share``, ``rank``, ``band``, ``rank_change`` (places
        gained on the baseline; negative: lost; NA where it is not named in both).
    pairs : DataFrame
        One row per setting and pair of frameworks: ``coder``, ``strictness``, ``set_a``,
        ``set_b``, ``shared``, ``jaccard``, ``rank`` (1 is the most alike).
    conclusions : DataFrame
        Every conclusion that holds in some setting: ``conclusion`` (a sentence), ``kind``
        (``core``, ``top``, ``single`` or ``closest``), ``about`` (ids), ``at_baseline``,
        ``holds_in``, ``fails_in``, ``unclear_in`` (settings in which a framework it is about is
        not compared) and ``survives`` (it fails nowhere).
    baseline : Setting
    top : int
        How many places count as the top.
    """

    settings: pd.DataFrame = field(repr=False, compare=False)
    counts: pd.DataFrame = field(repr=False, compare=False)
    pairs: pd.DataFrame = field(repr=False, compare=False)
    conclusions: pd.DataFrame = field(repr=False, compare=False)
    baseline: Setting
    top: int = 10


def compute_sensitivity(
    collection: Collection,
    coders: Sequence[str] = ("lexical", "reading"),
    baseline: tuple[str, Strictness | str] = ("reading", Strictness.CLOSE),
    top: int = 10,
) -> Sensitivity:
    """Compare every strictness and coding with a baseline.

    Parameters
    ----------
    collection : Collection
    coders : sequence of str
        The codings to compare.
    baseline : pair of coder and strictness
        The setting the others are measured against.
    top : int
        How many places count as the top of the ranking.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ValueError
        If the baseline's coder is not among `coders`, `top` is below 1, or a coding is unknown.
    """
    start = Setting(baseline[0], Strictness(baseline[1]))
    if start.coder not in coders:
        raise ValueError(f"the baseline is coded by {start.coder!r}, which is not in {coders!r}")
    if top < 1:
        raise ValueError(f"top is {top}; give 1 or more")
    read = {
        Setting(coder, strictness): Memberships.from_crosswalk(collection, strictness, coder)
        for coder in coders
        for strictness in Strictness
    }
    presence = {setting: compute_presence(memberships) for setting, memberships in read.items()}
    base = presence[start]
    return Sensitivity(
        settings=pd.DataFrame(
            [
                {
                    **setting._asdict(),
                    "sets": len(read[setting].sets),
                    "items": int((found["sets"] > 0).sum()),
                    "links": int(found["sets"].sum()),
                    "spearman": _rank_correlation(base, found),
                    "top_kept": _kept(_top(base, top), _top(found, top)),
                }
                for setting, found in presence.items()
            ]
        ),
        counts=pd.concat(
            [_counts(setting, found, read[setting], base) for setting, found in presence.items()],
            ignore_index=True,
        ),
        pairs=pd.concat(
            [_pairs(setting, memberships) for setting, memberships in read.items()],
            ignore_index=True,
        ),
        conclusions=_conclusions(read, presence, start, top),
        baseline=start,
        top=top,
    )


def _counts(
    setting: Setting, presence: pd.DataFrame, memberships: Memberships, base: pd.DataFrame
) -> pd.DataFrame:
    counts = presence[["item", "label", "sets", "share", "rank", "band"]].copy()
    counts.insert(3, "of", len(memberships.sets))
    before = base.set_index("item")["rank"].reindex(counts["item"]).array
    counts["rank_change"] = before - counts["rank"]
    return _of_setting(setting, counts)


def _pairs(setting: Setting, memberships: Memberships) -> pd.DataFrame:
    pairs = compute_pairs(memberships)[["set_a", "set_b", "shared", "jaccard"]].copy()
    pairs["rank"] = pairs["jaccard"].rank(method="min", ascending=False).astype("Int64")
    return _of_setting(setting, pairs)


def _of_setting(setting: Setting, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "coder", setting.coder)
    table.insert(1, "strictness", setting.strictness.value)
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


def _conclusions(
    read: dict[Setting, Memberships],
    presence: dict[Setting, pd.DataFrame],
    start: Setting,
    top: int,
) -> pd.DataFrame:
    drawn = {
        setting: {
            (conclusion.kind, conclusion.about): conclusion
            for conclusion in _draw(read[setting], found, top)
        }
        for setting, found in presence.items()
    }
    # The baseline's conclusions first, then the others as the settings come.
    every = {
        key: conclusion for setting in (start, *drawn) for key, conclusion in drawn[setting].items()
    }
    lines = []
    for key, conclusion in every.items():
        holds = [setting for setting in drawn if key in drawn[setting]]
        unclear = [
            setting
            for setting, memberships in read.items()
            if setting not in holds and not _can_tell(conclusion, memberships)
        ]
        fails = [setting for setting in drawn if setting not in (*holds, *unclear)]
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


def _draw(memberships: Memberships, presence: pd.DataFrame, top: int) -> Iterator[_Conclusion]:
    """Draw the conclusions that one setting supports."""
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


def _can_tell(conclusion: _Conclusion, memberships: Memberships) -> bool:
    named = conclusion.about if conclusion.kind == "closest" else conclusion.about[1:]
    return all(name in memberships.sets for name in named)
