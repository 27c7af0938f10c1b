"""How well the codebook's terms find concepts in words that they were not written from.

The rule-made coding agrees well with a reading of the same elements, because its terms were
written with those elements in view. Two numbers are more honest. *Leave-one-out*: a term counts
for an element only if it stands in another wording too. *Held out*: wordings of works that are
never entered, judged before any term was changed for them. Precision is the share of what the rule
finds that the reading finds too, recall the share of what the reading finds that the rule finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as Some
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from relnotes.analysis.overlap.lens import Lens, Strictness
from relnotes.evidence.lexical import LEXICAL, code_lexically
from relnotes.evidence.vocabulary import EMPTIES, terms_of
from relnotes.evidence.wording import comparable, split_terms, terms_standing_in

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

AS_JUDGED = Lens(Strictness.KIN)
"""What counts as named in the held-out judgements: the same, nearly so, a part or a whole."""


@dataclass(frozen=True)
class Scores:
    """Pairs of a wording and a concept that the rule and the reading find.

    Attributes
    ----------
    wordings : int
    both, rule, reading : int
        Pairs found by both, by the rule, and by the reading.
    """

    wordings: int
    both: int
    rule: int
    reading: int

    @property
    def precision(self) -> float:
        """Share of the rule's pairs that the reading has too; NaN where the rule has none."""
        return self.both / self.rule if self.rule else float("nan")

    @property
    def recall(self) -> float:
        """Share of the reading's pairs that the rule has too; NaN where the reading has none."""
        return self.both / self.reading if self.reading else float("nan")

    @property
    def words(self) -> str:
        """The scores in a sentence.

        Examples
        --------
        >>> Scores(2, 1, 2, 4).words.partition(";")[0]
        'Of 4 concepts read in 2 wordings the rule finds 1 (25%)'
        >>> Scores(2, 0, 0, 0).words
        'In 2 wordings no concept was read and none found.'
        """
        if not self.reading:
            found = f"the rule finds {self.rule:,}" if self.rule else "none found"
            return f"In {self.wordings:,} wordings no concept was read and {found}."
        share = f" ({self.precision:.0%})" if self.rule else ""
        return (
            f"Of {self.reading:,} concepts read in {self.wordings:,} wordings the rule finds "
            f"{self.both:,} ({self.recall:.0%}); of {self.rule:,} that it finds, "
            f"{self.both:,} {'was' if self.both == 1 else 'were'} read{share}."
        )


def compute_term_use(collection: Collection) -> pd.DataFrame:
    """Count in how many different wordings each term stands.

    Returns
    -------
    DataFrame
        One row a term, in the order of the codebook: ``concept_id``, ``label``, ``term``,
        ``wordings`` (a number), ``fitted`` (it stands in one wording only).
    """
    wordings = list(dict.fromkeys(comparable(w) for w in collection.elements["wording"]))
    codebook = collection.codebook
    worded = codebook[~codebook["terms"].isin(EMPTIES)]
    every = tuple(dict.fromkeys(t for cell in worded["terms"] for t in split_terms(cell)))
    counts = pd.Series([t for w in wordings for t in terms_standing_in(every, w)]).value_counts()
    rows = [
        (concept, label, term, int(counts.get(term, 0)), counts.get(term, 0) == 1)
        for concept, label, cell in zip(
            worded["concept_id"], worded["label"], worded["terms"], strict=True
        )
        for term in split_terms(cell)
    ]
    use = pd.DataFrame(rows, columns=["concept_id", "label", "term", "wordings", "fitted"])
    return use.astype({"fitted": "bool"})


def compute_left_out(collection: Collection, lens: Lens | str = AS_JUDGED) -> Scores:
    """Score the rule on the collection's elements, each without the terms of its wording alone.

    Parameters
    ----------
    lens : Lens or str
        Which judgements of the reading count; its coder, or the collection's own, is the reading.
    """
    lens = Lens.of(lens).on(collection)
    rows = collection.relations
    read = rows[(rows["coder"] == lens.coder) & (rows["coder"] != LEXICAL)]
    kept = [lens.admits(r, b) for r, b in zip(read["relation"], read["basis"], strict=True)]
    judged = collection.crosswalk
    looked_at = judged.loc[judged["coder"] == lens.coder, "element_id"]
    elements = collection.elements[collection.elements["element_id"].isin(looked_at)]
    use = compute_term_use(collection)
    shared = use[~use["fitted"]].groupby("concept_id")["term"].agg(";".join)
    codebook = collection.codebook
    terms = codebook["concept_id"].map(lambda concept: shared.get(concept, "not_applicable"))
    made = code_lexically(elements, codebook.assign(terms=terms))
    return _scores(
        len(elements),
        set(zip(made["element_id"], made["concept_id"], strict=True)),
        set(zip(read["element_id"][kept], read["concept_id"][kept], strict=True)),
    )


def compute_held_out(
    collection: Collection,
    wordings: pd.DataFrame,
    successors: pd.DataFrame | None = None,
    later: Iterable[str] = (),
) -> Scores:
    """Score the rule on wordings that are not in the collection.

    Parameters
    ----------
    collection : Collection
        Its codebook gives the terms.
    wordings : DataFrame
        ``work``, ``wording`` and ``concepts`` (ids, separated by ``;``), as read.
    successors : DataFrame, optional
        For judgements of concepts parted since: ``work``, ``wording``, ``concept`` and
        ``successors``. What the rule finds of a concept that was read nowhere in the wordings is
        counted: nobody meant it.
    later : iterable of str
        Concepts that the codebook took in after the wordings were judged: not counted.
    """
    parted = {}
    if successors is not None:
        parted = {
            (row["work"], row["wording"], row["concept"]): terms_of(row["successors"])
            for row in successors.to_dict("records")
        }
    codebook = collection.codebook[~collection.codebook["concept_id"].isin(list(later))]
    known = set(codebook["concept_id"])
    read = {
        (place, new)
        for place, row in enumerate(wordings.to_dict("records"))
        for concept in terms_of(str(row["concepts"]))
        for new in parted.get((row["work"], row["wording"], concept), (concept,))
        if new in known
    }
    elements = pd.DataFrame({"element_id": range(len(wordings)), "wording": wordings["wording"]})
    made = code_lexically(elements, codebook)
    found = {(int(e), c) for e, c in zip(made["element_id"], made["concept_id"], strict=True)}
    return _scores(len(wordings), found, read)


def _scores(wordings: int, found: Some[Any], read: Some[Any]) -> Scores:
    return Scores(wordings, len(found & read), len(found), len(read))


def found_held_out(left_out: Scores, held_out: Scores | None, use: pd.DataFrame) -> tuple[str, ...]:
    """Say how well the terms do on words that they were not written from.

    Parameters
    ----------
    left_out : Scores
        From :func:`compute_left_out`.
    held_out : Scores or None
        From :func:`compute_held_out`; None where no wordings were kept aside.
    use : DataFrame
        From :func:`compute_term_use`.
    """
    fitted = int(use["fitted"].sum())
    aside = (
        "No wordings were kept aside to try the terms on."
        if held_out is None
        else f"Held out: {_lowered(held_out.words)}"
    )
    return (
        f"Each element without the terms of its wording alone: {_lowered(left_out.words)}",
        aside,
        f"Of {len(use):,} terms, {fitted:,} {'stands' if fitted == 1 else 'stand'} in one wording "
        "only, as terms do that were fitted to it.",
    )


def _lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
