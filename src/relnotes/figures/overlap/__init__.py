"""Overlap drawn: UpSet, matrix, fingerprint, sensitivity, and wordings that meet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from relnotes.analysis.independence import compute_independence
from relnotes.analysis.overlap import (
    BASELINE,
    Intersection,
    Intersections,
    Memberships,
    Strictness,
    compute_concept_matrix,
    compute_intersections,
    compute_sensitivity,
    find_nearest_pair,
)
from relnotes.evidence.sentences import counted
from relnotes.figures.figure import Description, plot_nothing
from relnotes.figures.overlap.fingerprint import (
    describe_overlap_fingerprint,
    plot_overlap_fingerprint,
)
from relnotes.figures.overlap.matrix import describe_overlap_matrix, plot_overlap_matrix
from relnotes.figures.overlap.meeting import describe_overlap_meeting, plot_overlap_meeting
from relnotes.figures.overlap.nouns import (
    CONCEPTS_BY_FRAMEWORK,
    CONCEPTS_BY_SETTING,
    FRAMEWORKS_BY_CONCEPT,
    Nouns,
)
from relnotes.figures.overlap.sensitivity import (
    describe_overlap_sensitivity,
    plot_overlap_sensitivity,
)
from relnotes.figures.overlap.upset import (
    describe_overlap_upset,
    plot_overlap_upset,
)
from relnotes.figures.register import registered

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection
    from relnotes.figures.figure import Figure

__all__ = [
    "CONCEPTS_BY_FRAMEWORK",
    "CONCEPTS_BY_SETTING",
    "FRAMEWORKS_BY_CONCEPT",
    "Nouns",
    "describe_overlap_fingerprint",
    "describe_overlap_matrix",
    "describe_overlap_meeting",
    "describe_overlap_sensitivity",
    "describe_overlap_upset",
    "plot_overlap_fingerprint",
    "plot_overlap_matrix",
    "plot_overlap_meeting",
    "plot_overlap_sensitivity",
    "plot_overlap_upset",
]

# What the registered figures show; the functions take anything else.
MOST_NAMED_CONCEPTS: Final = 8
LARGEST: Final = 24
MOST_SETTINGS: Final = 10


def _choices(memberships: Memberships) -> dict[str, str]:
    return {"lens": str(memberships.lens or "")}


def _lens(memberships: Memberships) -> str:
    """Say what counts, by whose judgement, and how many frameworks that leaves out."""
    lens = memberships.lens or BASELINE
    out = len(memberships.left_out)
    left = f" Left out, without coded elements: {counted(out, 'framework')}." if out else ""
    return f"What counts ({lens.coder}): {lens.words}.{left}"


def _voices(collection: Collection, row: Intersection) -> str:
    """Say how many independent voices the frameworks of a combination are, by what they say."""
    elements = {judged.split(":", 1)[1].split("/")[0] for judged in row.row_ids}
    return compute_independence(collection, row.members, elements).words


def _shared_combinations(memberships: Memberships) -> Intersections:
    """Compute the combinations of more than one item; those of a single one are the rest.

    Where every combination is of one item, all count alike, and the first stand for them.
    """
    every = compute_intersections(memberships)
    shared = sum(row.size > 1 for row in every.rows)
    return compute_intersections(memberships, largest=min(shared, LARGEST) or LARGEST)


def _nothing_compared(name: str, question: str) -> Figure:
    words = "No two frameworks whose elements are coded share a concept, so nothing is drawn."
    return plot_nothing(name, Description(question, words, words, words))


@registered("overlap-upset")
def overlap_upset(collection: Collection) -> Figure:
    """Draw which of the most named concepts stand together in a framework."""
    memberships = Memberships.from_crosswalk(collection)
    widest_first = np.argsort(-memberships.degrees, kind="stable")[:MOST_NAMED_CONCEPTS]
    named = memberships.items[widest_first[memberships.degrees[widest_first] > 0]]
    chosen = memberships.transposed().choose(list(named))
    return plot_overlap_upset(
        _shared_combinations(chosen),
        nouns=FRAMEWORKS_BY_CONCEPT,
        voices=partial(_voices, collection),
        note=_lens(memberships),
        tables=("frameworks", "concepts"),
        choices=_choices(memberships),
    )


@registered("overlap-settings")
def overlap_settings(collection: Collection) -> Figure:
    """Draw which concepts are named across settings, and which in one alone."""
    memberships = Memberships.from_crosswalk(collection)
    settings = memberships.grouped("setting")
    largest = np.argsort(-settings.set_sizes, kind="stable")[: int((settings.set_sizes > 0).sum())]
    left = len(settings.sets) - MOST_SETTINGS
    note = f" Left out, naming fewest: {counted(left, 'setting')}." if left > 0 else ""
    shown = settings.choose([settings.sets[k] for k in sorted(largest[:MOST_SETTINGS])])
    return plot_overlap_upset(
        compute_intersections(shown, largest=LARGEST),
        nouns=CONCEPTS_BY_SETTING,
        tables=("concepts", ""),
        note=f"{_lens(memberships)}{note}",
        choices=_choices(memberships),
        name="overlap-settings",
    )


@registered("overlap-matrix")
def overlap_matrix(collection: Collection) -> Figure:
    """Draw which framework names which concept, in which sense."""
    matrix = compute_concept_matrix(collection, Strictness.ANY)
    return plot_overlap_matrix(matrix, note=_lens(matrix.memberships))


@registered("overlap-fingerprint")
def overlap_fingerprint(collection: Collection) -> Figure:
    """Draw the framework that names most concepts against all others."""
    memberships = Memberships.from_crosswalk(collection)
    if not memberships.sets:
        return _nothing_compared("overlap-fingerprint", "How does a framework compare?")
    sizes = dict(zip(memberships.sets, memberships.set_sizes, strict=True))
    return plot_overlap_fingerprint(
        memberships,
        max(memberships.sets, key=lambda name: sizes[name]),
        nouns=CONCEPTS_BY_FRAMEWORK,
        note=_lens(memberships),
    )


@registered("overlap-sensitivity")
def overlap_sensitivity(collection: Collection) -> Figure:
    """Draw which concepts stay at the top whatever counts, and whoever codes."""
    return plot_overlap_sensitivity(compute_sensitivity(collection))


@registered("overlap-meeting")
def overlap_meeting(collection: Collection) -> Figure:
    """Draw where the two frameworks meet that share most concepts and are of no one family."""
    memberships = Memberships.from_crosswalk(collection)
    nearest = find_nearest_pair(memberships)
    if nearest is None:
        return _nothing_compared("overlap-meeting", "Where do two frameworks meet?")
    return plot_overlap_meeting(
        memberships,
        nearest,
        nouns=CONCEPTS_BY_FRAMEWORK,
        note=_lens(memberships),
    )
