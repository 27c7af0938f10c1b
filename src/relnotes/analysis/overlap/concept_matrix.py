"""Concepts by frameworks with the relation in each cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from relnotes.analysis.overlap.lens import Lens, Strictness, strictness_of
from relnotes.analysis.overlap.memberships import Memberships

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

# From the relation that says most to the one that says least.
RELATIONS = ("exact", "close", "narrower", "broader", "related")
CELL_COLUMNS = [
    "set", "item", "relation", "basis", "level", "elements", "wordings", "coders", "row_ids",
]  # fmt: skip


@dataclass(frozen=True)
class ConceptMatrix:
    """Which framework names which concept, how, and who says so.

    Attributes
    ----------
    memberships : Memberships
    cells : DataFrame
        One row per filled cell: ``set``, ``item``, ``relation`` and ``basis`` of its strongest
        judgement, ``level`` (the strictest setting that lets it in), ``elements`` (how many
        elements of the framework), ``wordings``, ``coders`` (everyone who has judged that this
        framework names this concept, at any strictness) and ``row_ids``.
    sets, items : tuple of str
        Frameworks and concepts, in the order of the memberships.
    set_counts, item_counts : Series of int
        Margins: concepts of each framework, frameworks of each concept, in that order.
    """

    memberships: Memberships
    cells: pd.DataFrame = field(repr=False, compare=False)
    sets: tuple[str, ...]
    items: tuple[str, ...]
    set_counts: pd.Series[Any] = field(repr=False, compare=False)
    item_counts: pd.Series[Any] = field(repr=False, compare=False)


def compute_concept_matrix(
    collection: Collection, lens: Lens | str = Strictness.ANY
) -> ConceptMatrix:
    """Fill the matrix of frameworks and concepts from the crosswalk.

    Parameters
    ----------
    lens : Lens or str
        Which judgements count.

    Raises
    ------
    ValueError
        As `Memberships.from_crosswalk`.
    """
    memberships = Memberships.from_crosswalk(collection, lens)
    framework = collection.elements.set_index("element_id")["framework_id"]
    judged = collection.relations
    coders: dict[tuple[Any, Any], set[str]] = {}
    for element, concept, who in zip(
        judged["element_id"], judged["concept_id"], judged["coder"], strict=True
    ):
        coders.setdefault((framework[element], concept), set()).add(who)
    cells = [
        _cell(rows, coders) for _, rows in memberships.rows.groupby(["set", "item"], sort=True)
    ]
    return ConceptMatrix(
        memberships=memberships,
        cells=pd.DataFrame(cells, columns=CELL_COLUMNS),
        sets=memberships.sets,
        items=tuple(memberships.items),
        set_counts=pd.Series(memberships.set_sizes, index=list(memberships.sets)),
        item_counts=pd.Series(memberships.degrees, index=list(memberships.items)),
    )


def _cell(rows: pd.DataFrame, coders: dict[tuple[Any, Any], set[str]]) -> tuple[Any, ...]:
    name, item = rows["set"].iloc[0], rows["item"].iloc[0]
    judgements = rows[["relation", "basis"]].itertuples(index=False, name=None)
    relation, basis = min(judgements, key=_weight)
    return (
        name,
        item,
        relation,
        basis,
        strictness_of(relation).value,
        rows["element_id"].nunique(),
        tuple(rows["wording"]),
        tuple(sorted(coders[name, item])),
        tuple(rows["row_id"]),
    )


def _weight(judgement: tuple[str, str]) -> tuple[int, bool]:
    relation, basis = judgement
    return RELATIONS.index(relation), basis != "explicit"
