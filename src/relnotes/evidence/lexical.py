"""The lexical coding: judgements made by rule from the terms of the codebook."""

from __future__ import annotations

import pandas as pd

from relnotes.evidence.schema import NO_CONCEPT
from relnotes.evidence.vocabulary import EMPTIES
from relnotes.evidence.wording import Lexicon, comparable, split_terms

LEXICAL = "lexical"
"""Name of the coder whose rows are made by rule and never edited."""

COLUMNS = (
    "element_id", "element_wording", "concept_id", "concept_label",
    "relation", "basis", "reason", "coder",
)  # fmt: skip


def code_lexically(elements: pd.DataFrame, concepts: pd.DataFrame) -> pd.DataFrame:
    """Relate every element to every concept that its wording names.

    An element is related to a concept when one of the concept's terms stands
    in the element's wording as whole words, without regard to case. The
    relation is exact when the whole wording is one of the terms, and close
    otherwise: the rule sees words, not meaning.

    Parameters
    ----------
    elements : DataFrame
        With columns ``element_id`` and ``wording``.
    concepts : DataFrame
        With columns ``concept_id``, ``label`` and ``terms`` (separated by ``;``).

    Returns
    -------
    DataFrame
        Rows of the crosswalk by the coder ``lexical``, sorted by element and
        concept, one for each pair. An id that stands in several rows counts
        with its first.

    Examples
    --------
    >>> elements = pd.DataFrame({"element_id": ["core-01"], "wording": ["Trust, time"]})
    >>> concepts = pd.DataFrame(
    ...     {"concept_id": ["hope", "trust"], "label": ["Hope", "Trust"],
    ...      "terms": ["hope;hopeful", "trust;trusting"]}
    ... )
    >>> code_lexically(elements, concepts)[["element_id", "concept_id", "relation", "reason"]]
      element_id concept_id relation                              reason
    0    core-01      trust    close  The wording holds the term ‘trust’.
    """
    named = (concepts["concept_id"] != NO_CONCEPT) & ~concepts["terms"].isin(EMPTIES)
    codebook = concepts[named].drop_duplicates("concept_id").set_index("concept_id")
    terms_of = {concept: split_terms(cell) for concept, cell in codebook["terms"].items()}
    concepts_of: dict[str, list[str]] = {}
    for concept, terms in terms_of.items():
        for term in dict.fromkeys(terms):
            concepts_of.setdefault(term, []).append(str(concept))
    whole = {concept: {comparable(t) for t in terms} for concept, terms in terms_of.items()}
    lexicon = Lexicon(concepts_of)

    rows = []
    worded = elements.drop_duplicates("element_id")
    for element, wording in zip(worded["element_id"], worded["wording"], strict=True):
        standing = set(lexicon.standing_in(wording))
        for concept in dict.fromkeys(c for term in standing for c in concepts_of[term]):
            named_by = [t for t in dict.fromkeys(terms_of[concept]) if t in standing]
            relation = "exact" if comparable(wording) in whole[concept] else "close"
            label = codebook["label"][concept]
            rows.append(
                (element, wording, concept, label, relation, "explicit", _reason(named_by), LEXICAL)
            )
    rows.sort(key=lambda row: (row[0], row[2]))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")


def _reason(terms: list[str]) -> str:
    quoted = [f"‘{term}’" for term in terms]
    if len(quoted) == 1:
        return f"The wording holds the term {quoted[0]}."
    return f"The wording holds the terms {', '.join(quoted[:-1])} and {quoted[-1]}."
