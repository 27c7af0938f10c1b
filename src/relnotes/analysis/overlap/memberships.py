"""Who has what: items by sets, with the evidence for every membership."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from relnotes.analysis.overlap.lens import BASELINE, Lens
from relnotes.analysis.overlap.naming import (
    in_order,
    is_missing,
    item_index,
    readable,
    set_names,
    unknown_name,
)
from relnotes.evidence.lexical import LEXICAL
from relnotes.evidence.schema import NO_CONCEPT
from relnotes.evidence.vocabulary import terms_of

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

UNKNOWN_ELEMENTS = "named_only"

ROW_COLUMNS = [
    "row_id", "element_id", "wording", "set", "item", "relation", "basis", "reason",
]  # fmt: skip
LEFT_OUT_COLUMNS = ["set", "label", "reason"]


@dataclass(frozen=True, eq=False)
class Memberships:
    """Which item belongs to which set, and the rows that say so.

    Read from a crosswalk, the items are concepts and the sets are frameworks.

    Attributes
    ----------
    sets, set_labels : tuple of str
        Ids and readable names of the sets. Names that would repeat carry the id in brackets.
    items, item_labels : pandas.Index
        Ids and readable names of the items.
    matrix : ndarray of bool, shape (items, sets)
        The memberships as true and false.
    left_out : DataFrame
        Sets that could not be compared (``set``, ``label``, ``reason``): frameworks that are
        only named, without elements, or not coded yet. They are not in `sets`, since an empty
        set would say that they agree on naming nothing.
    set_info : DataFrame
        What is known of each set, one row per set, indexed by id.
    item_info : DataFrame or None
        What is known of each item, indexed by id.
    rows : DataFrame
        The judgements behind the memberships: ``row_id``, ``element_id``, ``wording``,
        ``set``, ``item``, ``relation``, ``basis``, ``reason``.
    lens : Lens or None
        Which judgements were let in, and whose.
    empty_words : frozenset of str
        Words that stand in `set_info` where a value is not known.

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["trust", "time"], "B": ["trust", "hope"]})
    >>> list(kept.items)
    ['hope', 'time', 'trust']
    >>> kept.sets_of("trust")
    ('A', 'B')
    """

    sets: tuple[str, ...]
    items: pd.Index[Any]
    matrix: Flags = field(repr=False)
    set_labels: tuple[str, ...]
    item_labels: pd.Index[Any] = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    set_info: pd.DataFrame = field(repr=False)
    item_info: pd.DataFrame | None = field(default=None, repr=False)
    rows: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=ROW_COLUMNS), repr=False
    )
    lens: Lens | None = None
    empty_words: frozenset[str] = frozenset()

    # -- made from -----------------------------------------------------------------------

    def __repr__(self) -> str:
        read = f", read by the lens {self.lens}" if self.lens else ""
        out = f"; {len(self.left_out):,} sets left out" if len(self.left_out) else ""
        return f"<Memberships: {len(self.items):,} items in {len(self.sets):,} sets{read}{out}>"

    @classmethod
    def from_crosswalk(cls, collection: Collection, lens: Lens | str = BASELINE) -> Self:
        """Concepts by frameworks, from the crosswalk of a collection.

        Every concept of the codebook is an item, also one that no framework names. A
        framework is a set when its elements are known and this coder has looked at them;
        otherwise it is in `left_out`, with the reason.

        Parameters
        ----------
        lens : Lens or str
            Which judgements count; a word alone is a strictness.

        Raises
        ------
        ValueError
            If the crosswalk has no row by this coder, or names an element or a concept that
            the other tables do not have.
        """
        lens = Lens.of(lens).on(collection)
        frameworks = _by_id(collection.frameworks, "framework_id")
        concepts = _by_id(collection.codebook, "concept_id")
        coded = _judgements(collection, lens.coder)
        left_out = _uncoded(frameworks, collection.elements, coded, lens.coder)
        compared = frameworks.index[~frameworks.index.isin(left_out["set"])]
        kept = coded.loc[
            coded["set"].isin(compared).to_numpy(np.bool_)
            & (coded["item"] != NO_CONCEPT).to_numpy(np.bool_)
            & np.array([*map(lens.admits, coded["relation"], coded["basis"])], dtype=np.bool_)
        ].reset_index(drop=True)
        matrix = np.zeros((len(concepts), len(compared)), dtype=np.bool_)
        matrix[
            concepts.index.get_indexer(pd.Index(kept["item"])),
            compared.get_indexer(pd.Index(kept["set"])),
        ] = True
        sets = tuple(compared.astype(str))
        set_info = frameworks.loc[compared]
        return cls(
            sets=sets,
            items=concepts.index,
            matrix=matrix,
            set_labels=readable(sets, set_info.get("short_label")),
            item_labels=pd.Index(readable(concepts.index, concepts.get("label")), dtype=object),
            left_out=left_out,
            set_info=set_info,
            item_info=concepts,
            rows=kept,
            lens=lens,
            empty_words=frozenset(collection.schema.table("frameworks").empty_words) | {""},
        )

    @classmethod
    def from_sets(
        cls, sets: Mapping[str, Iterable[Hashable]], items: Sequence[Hashable] | None = None
    ) -> Self:
        """From named sets of items; the sets keep their order.

        Parameters
        ----------
        items : sequence, optional
            All items, also those in no set; otherwise those of the sets, sorted.

        Raises
        ------
        TypeError
            If a set is given as one string, which would be read as its letters.
        ValueError
            If an item is missing (None or NaN), or is not among `items`.

        Examples
        --------
        >>> Memberships.from_sets({"A": {1, 2}, "B": {2}, "C": set()}).set_sizes.tolist()
        [2, 1, 0]
        """
        held = {}
        for name, members in sets.items():
            if isinstance(members, str | bytes) or not isinstance(members, Iterable):
                raise TypeError(
                    f"set {name!r}: {members!r} is not a collection of items; "
                    "put the items into a list or a set"
                )
            held[name] = list(members)
            if any(map(is_missing, held[name])):
                raise ValueError(f"set {name!r}: an item is missing (None or NaN); take it out")
        names = set_names(held)
        index = item_index(in_order({*chain(*held.values())}) if items is None else items)
        place = {item: position for position, item in enumerate(index)}
        matrix = np.zeros((len(index), len(names)), dtype=np.bool_)
        for position, (name, members) in enumerate(held.items()):
            for item in members:
                if item not in place:
                    raise ValueError(f"set {name!r}: {unknown_name('item', item, index)}")
                matrix[place[item], position] = True
        return cls(
            sets=names,
            items=index,
            matrix=matrix,
            set_labels=names,
            item_labels=index,
            left_out=pd.DataFrame(columns=LEFT_OUT_COLUMNS, dtype=object),
            set_info=pd.DataFrame(index=pd.Index(names, dtype=object)),
        )

    # -- read as -------------------------------------------------------------------------

    @property
    def set_sizes(self) -> Counts:
        """How many items each set has."""
        sizes: Counts = self.matrix.sum(axis=0, dtype=np.int64)
        return sizes

    @property
    def degrees(self) -> Counts:
        """In how many sets each item is."""
        degrees: Counts = self.matrix.sum(axis=1, dtype=np.int64)
        return degrees

    @cached_property
    def _evidence(self) -> dict[tuple[Any, Any], tuple[str, ...]]:
        found: dict[tuple[Any, Any], list[str]] = {}
        for item, name, row in zip(
            self.rows["item"], self.rows["set"], self.rows["row_id"], strict=True
        ):
            found.setdefault((item, name), []).append(row)
        return {cell: tuple(rows) for cell, rows in found.items()}

    def evidence(self, item: Hashable, name: Hashable) -> tuple[str, ...]:
        """Ids of the rows that put this item into this set; none where no rows are known."""
        return self._evidence.get((item, name), ())

    def items_of(self, name: str) -> pd.Index[Any]:
        """Items of one set."""
        return self.items[self.matrix[:, self.position(name)]]

    def sets_of(self, item: Hashable) -> tuple[str, ...]:
        """Name the sets that hold one item.

        Raises
        ------
        ValueError
            If there is no such item.
        """
        if item not in self.items:
            raise ValueError(unknown_name("item", item, self.items))
        return tuple(compress(self.sets, self.matrix[self.items.get_loc(item)]))

    def position(self, name: str) -> int:
        """Place of a set among the sets.

        Raises
        ------
        ValueError
            If there is no such set.
        """
        if name not in self._positions:
            raise ValueError(unknown_name("set", name, self.sets))
        return self._positions[name]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.sets)}

    def known(self, column: str) -> pd.Series[Any]:
        """Give what `set_info` says of each set, NA where it only says that nothing is known.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        if column not in self.set_info:
            raise ValueError(unknown_name("column", column, self.set_info.columns))
        values = self.set_info[column].astype(object)
        return values.where(values.notna() & ~values.isin(list(self.empty_words)), pd.NA)

    # -- turned into ---------------------------------------------------------------------

    def choose(self, sets: Sequence[str]) -> Memberships:
        """Only these sets, in this order; all items stay.

        Raises
        ------
        ValueError
            If a set is unknown or given twice.

        Examples
        --------
        >>> kept = Memberships.from_sets({"A": [1], "B": [1, 2], "C": [3]})
        >>> kept.choose(["C", "A"]).set_sizes.tolist()
        [1, 1]
        """
        positions = [self.position(name) for name in sets]
        names = set_names(sets)
        return Memberships(
            sets=names,
            items=self.items,
            matrix=self.matrix[:, positions],
            set_labels=tuple(self.set_labels[position] for position in positions),
            item_labels=self.item_labels,
            left_out=self.left_out,
            set_info=self.set_info.loc[list(names)],
            item_info=self.item_info,
            rows=self.rows[self.rows["set"].isin(names)],
            lens=self.lens,
            empty_words=self.empty_words,
        )

    def grouped(self, column: str) -> Memberships:
        """Join sets by what they have in common, such as their setting.

        An item is in a group when it is in any set of the group. A set with several values is in
        the group of each; sets without one are left out, and said to be.

        Raises
        ------
        ValueError
            If nothing of that name is known of the sets.
        """
        values = self.known(column)
        known = values.notna().to_numpy(np.bool_)
        group = values[known].astype(str).map(terms_of).explode()
        names = tuple(in_order(group.unique()))
        joined = np.zeros((len(self.items), len(names)), dtype=np.bool_)
        for position, name in enumerate(names):
            held = [self.position(own) for own in group.index[group == name]]
            joined[:, position] = self.matrix[:, held].any(axis=1)
        rows = self.rows.merge(group.rename("group"), left_on="set", right_index=True)
        unknown = pd.DataFrame(
            {
                "set": np.array(self.sets, dtype=object)[~known],
                "label": np.array(self.set_labels, dtype=object)[~known],
                "reason": f"{column} not known",
            },
            columns=LEFT_OUT_COLUMNS,
        )
        return Memberships(
            sets=names,
            items=self.items,
            matrix=joined,
            set_labels=names,
            item_labels=self.item_labels,
            left_out=pd.concat([self.left_out, unknown], ignore_index=True),
            set_info=pd.DataFrame({"sets": group.value_counts().reindex(names)}),
            item_info=self.item_info,
            rows=rows.assign(set=rows["group"])[ROW_COLUMNS],
            lens=self.lens,
            empty_words=self.empty_words,
        )

    def transposed(self) -> Memberships:
        """Items and sets exchanged: the frameworks by the concepts they name."""
        names = set_names(self.items)
        info = self.item_info
        return Memberships(
            sets=names,
            items=item_index(list(self.sets)),
            matrix=self.matrix.T,
            set_labels=tuple(str(label) for label in self.item_labels),
            item_labels=pd.Index(self.set_labels, dtype=object),
            left_out=pd.DataFrame(columns=LEFT_OUT_COLUMNS, dtype=object),
            set_info=pd.DataFrame(index=pd.Index(names, dtype=object)) if info is None else info,
            item_info=self.set_info,
            rows=self.rows.rename(columns={"set": "item", "item": "set"}),
            lens=self.lens,
            empty_words=self.empty_words,
        )


def _by_id(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.set_index(pd.Index(table[column].astype(object), name=column))


def _judgements(collection: Collection, coder: str) -> pd.DataFrame:
    """All judgements of one coder, whatever their relation, with the framework of each."""
    crosswalk, elements = collection.crosswalk, collection.elements
    coders = sorted(set(crosswalk["coder"]))
    if coders and coder not in coders and coder != LEXICAL:
        raise ValueError(unknown_name("coder", coder, coders))
    coded = crosswalk[crosswalk["coder"] == coder]
    framework = pd.Series(
        elements["framework_id"].to_numpy(object), index=elements["element_id"].to_numpy(object)
    )
    known_ids = (("element_id", framework.index), ("concept_id", collection.concepts["concept_id"]))
    for column, known in known_ids:
        strangers = coded.loc[~coded[column].isin(known), column].unique()
        if len(strangers):
            raise ValueError(f"crosswalk, {column}: no such row: {', '.join(map(str, strangers))}")
    return pd.DataFrame(
        {
            "row_id": [
                f"crosswalk:{element}/{concept}/{coder}"
                for element, concept in zip(coded["element_id"], coded["concept_id"], strict=True)
            ],
            "element_id": coded["element_id"].to_numpy(object),
            "wording": coded["element_wording"].to_numpy(object),
            "set": framework.reindex(coded["element_id"]).to_numpy(object),
            "item": coded["concept_id"].to_numpy(object),
            "relation": coded["relation"].to_numpy(object),
            "basis": coded["basis"].to_numpy(object),
            "reason": coded["reason"].to_numpy(object),
        },
        columns=ROW_COLUMNS,
    )


def _uncoded(
    frameworks: pd.DataFrame, elements: pd.DataFrame, coded: pd.DataFrame, coder: str
) -> pd.DataFrame:
    """Frameworks of which nothing can be said, with the reason."""
    entered, seen = set(elements["framework_id"]), set(coded["set"])
    missing = []
    for name, row in frameworks.iterrows():
        if row.get("completeness") == UNKNOWN_ELEMENTS:
            reason = "named only, its elements are not known"
        elif name not in entered:
            reason = "no element entered"
        elif name not in seen and coder != LEXICAL:
            # The rule looks at every element; in any other coding no row means nobody looked.
            reason = f"not coded by {coder}"
        else:
            continue
        missing.append((name, row.get("short_label", name), reason))
    return pd.DataFrame(missing, columns=LEFT_OUT_COLUMNS, dtype=object)
