"""How far two codings of the same elements agree, and where they part.

The codings are not two persons. The *lexical* one is made by a rule that looks for the codebook's
terms in a wording; the *reading* is judged from wording and context, by somebody who knew those
terms. That draws the reading towards the rule, so what is measured here is an upper bound on how
far an independent reading would agree with it, and says nothing of how two readers would agree.
Where a judgement is explicit only if a term stands in the wording, the reading cannot be explicit
where the rule is silent: through a lens of explicit judgements the two can part in one direction
only.

Krippendorff's alpha says how far: see :mod:`relnotes.analysis.alpha`.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from relnotes.analysis.alpha import LEVEL, Labels, alpha_intervals, compute_alpha
from relnotes.analysis.overlap import (
    BASELINE,
    Lens,
    Sensitivity,
    Strictness,
    codings,
    compute_sensitivity,
)
from relnotes.evidence.lexical import LEXICAL
from relnotes.evidence.schema import NO_CONCEPT
from relnotes.evidence.sentences import counted, number

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

DRAWS: Final = 1000

PAIR_COLUMNS: Final = ["first", "second", "elements", "alike", "alpha", "low", "high"]

CONCEPT_COLUMNS: Final = [
    "concept_id", "label", "both", "only_first", "only_second", "neither", "alpha", "low", "high",
    "undefined", "row_ids",
]  # fmt: skip
DISAGREEMENT_COLUMNS: Final = [
    "element_id", "framework", "wording", "concept_id", "concept", "only", "reason", "other",
    "row_ids",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far two codings agree through one lens.

    Attributes
    ----------
    coders : tuple of str
        The first and the second coding.
    absent : tuple of str
        Those of them without any row: then nothing can be compared.
    lens : Lens
        Which judgements count, in both codings; its coder says nothing here.
    elements : int
        Elements that both codings looked at, and on which all else is computed.
    left_out : DataFrame
        ``element_id``, ``wording``, ``reason`` of the others.
    same : int
        Elements that both relate to exactly the same concepts.
    alpha, low, high : float
        Krippendorff's alpha over sets, with its interval; NaN where nothing varies.
    concepts : DataFrame
        One row for each concept of the codebook, in its order: ``concept_id``, ``label``; the
        elements that ``both`` relate to it, ``only_first``, ``only_second`` or ``neither``;
        ``alpha``, ``low`` and ``high`` for this concept alone, NaN where no element or every
        element is related to it in both; ``undefined``, the share of draws in which that was so,
        which the bounds leave out; ``row_ids``. Where no element shows a disagreement, no sample
        of them can: the bounds are then both 1, however few elements there are.
    disagreements : DataFrame
        One row for each element and concept that one coding relates and the other does not:
        ``element_id``, ``framework``, ``wording``, ``concept_id``, ``concept``, ``only`` (who
        relates them), ``reason`` (why), ``other`` (what the other has instead), ``row_ids``.
    draws, seed : int
        How the intervals were drawn.
    level : float
        Their coverage, such as 0.95.
    """

    coders: tuple[str, str]
    absent: tuple[str, ...]
    lens: Lens
    elements: int
    left_out: pd.DataFrame = field(repr=False)
    same: int
    alpha: float
    low: float
    high: float
    concepts: pd.DataFrame = field(repr=False)
    disagreements: pd.DataFrame = field(repr=False)
    draws: int
    seed: int
    level: float


def two_codings(collection: Collection) -> tuple[str, str]:
    """Return the codings that are compared unless others are named.

    The rule-made one and the one that figures use; where that is the rule's own or the rule has
    made none, the two that :func:`~relnotes.analysis.overlap.codings` names first. Where there is
    but one coding, the other name has no row.
    """
    made = codings(collection)
    people = [coder for coder in made if coder != LEXICAL]
    if LEXICAL in made or len(people) < 2:
        return LEXICAL, people[0] if people else "made by people"
    return people[1], people[0]


def compute_agreement(
    collection: Collection,
    lens: Lens | str = BASELINE,
    coders: tuple[str, str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Agreement:
    """Compare two codings, element by element and concept by concept.

    The rule behind the lexical coding looks at every element, so an element without a row in it
    is related to no concept. In any other coding an element without a row has not been looked at,
    and is left out.

    Parameters
    ----------
    lens : Lens or str
        Which judgements count, in both codings.
    coders : pair of str, optional
        The two codings; those of :func:`two_codings` by default. One without any row makes the
        comparison empty, not wrong.
    draws : int
        How many bootstrap samples of the elements the intervals are taken from.
    seed : int
        Where their random numbers start.

    Raises
    ------
    ValueError
        If the two codings are the same one, or `draws` is below 1.
    """
    coders = coders or two_codings(collection)
    if coders[0] == coders[1]:
        raise ValueError(f"both codings are {coders[0]!r}; name two different ones")
    if draws < 1:
        raise ValueError(f"draws is {draws}; give 1 or more")
    lens = Lens.of(lens)
    rows = _judgements(collection, coders)
    absent = tuple(coder for coder in coders if not (rows["coder"] == coder).any())
    compared, left_out = _looked_at(collection, rows, coders)
    counts = np.array([*map(lens.admits, rows["relation"], rows["basis"])], dtype=np.bool_)
    admitted = rows[counts & (rows["concept_id"] != NO_CONCEPT).to_numpy()]
    first, second = (_sets_of(admitted, coder, compared["element_id"]) for coder in coders)
    concepts = _codebook(collection, admitted)
    codings = [
        (first, second),
        *(
            ([s & {concept} for s in first], [s & {concept} for s in second])
            for concept in concepts.index
        ),
    ]
    bounds = alpha_intervals(codings, draws, seed)
    _, low, high, _ = bounds[0]
    return Agreement(
        coders=coders,
        absent=absent,
        lens=lens,
        elements=len(compared),
        left_out=left_out,
        same=sum(a == b for a, b in zip(first, second, strict=True)),
        alpha=compute_alpha(first, second),
        low=low,
        high=high,
        concepts=_by_concept(concepts, admitted, compared, codings[1:], bounds[1:]),
        disagreements=_disagreements(collection, rows, admitted, compared, coders),
        draws=draws,
        seed=seed,
        level=LEVEL,
    )


def compute_agreements(collection: Collection) -> pd.DataFrame:
    """Compare every two codings on the elements that both looked at.

    Returns
    -------
    DataFrame
        One row for each pair: ``first`` and ``second`` coding, ``elements`` judged by both,
        ``alike`` among them, ``alpha`` with its interval ``low`` to ``high``.
    """
    found = [
        compute_agreement(collection, coders=pair)
        for pair in itertools.combinations(codings(collection), 2)
    ]
    rows = [(*a.coders, a.elements, a.same, a.alpha, a.low, a.high) for a in found]
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def found_agreements(pairs: pd.DataFrame) -> tuple[str, ...]:
    """Say how far every two codings agree, a sentence for each pair."""
    if pairs.empty:
        return ("There are no two codings to compare.",)
    return tuple(_pair_sentence(pair) for pair in pairs.to_dict("records"))


def _pair_sentence(pair: Mapping[Hashable, Any]) -> str:
    alpha, low, high = (number(pair[name], 2) for name in ("alpha", "low", "high"))
    varies = f"alpha {alpha} ({low} to {high})" if pd.notna(pair["alpha"]) else "too little varies"
    return (
        f"{pair['first']} and {pair['second']}: {_elements(pair['elements'])} judged by both, "
        f"{pair['alike']:,} of them alike; {varies}."
    )


def compute_ladder(
    collection: Collection,
    coders: tuple[str, str] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """Measure the agreement at every strictness, whatever the basis.

    Returns
    -------
    DataFrame
        From the strictest to the most lenient: ``strictness``, ``elements``, ``same``, ``both``,
        ``only_first``, ``only_second`` (pairs of element and concept), ``alpha``, ``low``,
        ``high``.
    """
    steps = [compute_agreement(collection, Lens(s), coders, draws, seed) for s in Strictness]
    return pd.DataFrame(
        [
            {
                "strictness": step.lens.strictness.value,
                "elements": step.elements,
                "same": step.same,
                **step.concepts[["both", "only_first", "only_second"]].sum().to_dict(),
                "alpha": step.alpha,
                "low": step.low,
                "high": step.high,
            }
            for step in steps
        ]
    )


def find_example(collection: Collection, coders: tuple[str, str] | None = None) -> pd.DataFrame:
    """Find the judgements of one element that shows how the codings differ.

    Returns
    -------
    DataFrame
        All rows of the crosswalk that judge the first element to which both codings relate the
        same concept and one of them relates another; of the first element that both coded where
        there is none, and of the first coded one where there is none either. Without rows where
        the crosswalk has none.
    """
    rows = collection.crosswalk[
        collection.crosswalk["coder"].isin(coders or two_codings(collection))
    ]
    pairs = rows.groupby(["element_id", "concept_id"], sort=False)["coder"].nunique()
    of_element = pairs.groupby(level="element_id", sort=False)
    both, alone = of_element.max() == 2, of_element.min() == 1
    coded = rows.groupby("element_id", sort=False)["coder"].nunique()
    for found in (both & alone, coded == 2, coded > 0):
        if found.any():
            return rows[rows["element_id"] == found.idxmax()].reset_index(drop=True)
    return rows.reset_index(drop=True)


# ---------------------------------------------------------------- what is compared


def _judgements(collection: Collection, coders: tuple[str, str]) -> pd.DataFrame:
    crosswalk = collection.crosswalk
    rows = crosswalk.assign(row_id="crosswalk:" + collection.row_ids("crosswalk"))
    known = rows["element_id"].isin(collection.elements["element_id"])
    return rows[known & rows["coder"].isin(coders)].reset_index(drop=True)


def _looked_at(
    collection: Collection, rows: pd.DataFrame, coders: tuple[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the elements that both codings looked at, and the others with the reason."""
    elements = collection.elements[["element_id", "framework_label", "wording"]]
    reason = pd.Series("", index=elements.index, dtype="str")
    for coder in coders:
        of_coder = rows.loc[rows["coder"] == coder, "element_id"]
        if coder == LEXICAL and not of_coder.empty:
            continue
        silent = ~elements["element_id"].isin(of_coder) & (reason == "")
        reason[silent] = f"no row in the coding {coder}"
    left_out = elements[["element_id", "wording"]].assign(reason=reason)[reason != ""]
    return elements[reason == ""].reset_index(drop=True), left_out.reset_index(drop=True)


def _sets_of(rows: pd.DataFrame, coder: str, elements: pd.Series[str]) -> list[frozenset[str]]:
    of_coder = rows[(rows["coder"] == coder) & (rows["concept_id"] != NO_CONCEPT)]
    named = of_coder.groupby("element_id")["concept_id"].agg(frozenset).to_dict()
    return [named.get(element, frozenset()) for element in elements]


def _codebook(collection: Collection, rows: pd.DataFrame) -> pd.Series[str]:
    """Return the labels by concept: those of the codebook, then any that only rows name."""
    declared = collection.codebook.set_index("concept_id")["label"]
    used = (
        rows[rows["concept_id"] != NO_CONCEPT]
        .drop_duplicates("concept_id")
        .set_index("concept_id")["concept_label"]
    )
    labels: pd.Series[str] = pd.concat([declared, used[~used.index.isin(declared.index)]])
    return labels


# ---------------------------------------------------------------- concept by concept


def _by_concept(
    concepts: pd.Series[str],
    admitted: pd.DataFrame,
    compared: pd.DataFrame,
    codings: Sequence[tuple[Labels, Labels]],
    bounds: Sequence[tuple[float, float, float, float]],
) -> pd.DataFrame:
    kept = admitted[admitted["element_id"].isin(compared["element_id"])]
    row_ids = kept.groupby("concept_id")["row_id"].agg(tuple).to_dict()
    records = []
    for (concept, label), (first, second), interval in zip(
        concepts.items(), codings, bounds, strict=True
    ):
        named = [(bool(a), bool(b)) for a, b in zip(first, second, strict=True)]
        records.append(
            (
                concept,
                label,
                named.count((True, True)),
                named.count((True, False)),
                named.count((False, True)),
                named.count((False, False)),
                *interval,
                row_ids.get(concept, ()),
            )
        )
    return pd.DataFrame(records, columns=CONCEPT_COLUMNS)


def _disagreements(
    collection: Collection,
    rows: pd.DataFrame,
    admitted: pd.DataFrame,
    compared: pd.DataFrame,
    coders: tuple[str, str],
) -> pd.DataFrame:
    """Return the pairs that one coding admits and the other does not, in the elements' order."""
    labels = _codebook(collection, admitted)
    place = {element: i for i, element in enumerate(compared["element_id"])}
    wordings = dict(zip(compared["element_id"], compared["wording"], strict=True))
    frameworks = dict(zip(compared["element_id"], compared["framework_label"], strict=True))
    said_by = {
        (row["element_id"], row["concept_id"], row["coder"]): row for row in rows.to_dict("records")
    }
    held = admitted[admitted["element_id"].isin(place)]
    alone = held[~held.duplicated(["element_id", "concept_id"], keep=False)]
    records = []
    for said in alone.to_dict("records"):
        element, concept, coder = said["element_id"], said["concept_id"], said["coder"]
        silent = coders[1] if coder == coders[0] else coders[0]
        other = said_by.get((element, concept, silent))
        records.append(
            (
                element,
                frameworks[element],
                wordings[element],
                concept,
                labels[concept],
                coder,
                said["reason"],
                ""
                if other is None
                else f"{other['relation']}, {other['basis']}: {other['reason']}",
                (said["row_id"], *(() if other is None else (other["row_id"],))),
            )
        )
    found = pd.DataFrame(records, columns=DISAGREEMENT_COLUMNS)
    return found.sort_values(
        ["only", "element_id", "concept_id"],
        key=lambda column: column.map(place) if column.name == "element_id" else column,
        kind="stable",
        ignore_index=True,
    )


# ---------------------------------------------------------------- what survives


def compute_survival(
    collection: Collection,
    lens: Lens | str = BASELINE,
    coders: tuple[str, str] | None = None,
    top: int = 10,
) -> pd.DataFrame:
    """Find which conclusions about overlap hold under either coding.

    Parameters
    ----------
    lens : Lens or str
        Which judgements count, in both codings.
    coders : pair of str, optional
        The codings; those of :func:`two_codings` by default.
    top : int
        How many places count as the top of the ranking.

    Returns
    -------
    DataFrame
        One row for each conclusion that holds in one coding at least: ``conclusion``, ``kind``
        (``core``, ``top``, ``single`` or ``closest``), a column of each coding (``holds``,
        ``fails`` or ``cannot tell``), ``survives`` (it holds in both). Without rows where a
        coding is absent.
    """
    coders = coders or two_codings(collection)
    if not set(coders) <= set(codings(collection)):
        return pd.DataFrame(columns=["conclusion", "kind", *coders, "survives"])
    lens = replace(Lens.of(lens), coder=coders[1])
    found = compute_sensitivity(collection, lens, coders, top)
    return _surviving(found, lens, coders)


def _surviving(found: Sensitivity, lens: Lens, coders: tuple[str, str]) -> pd.DataFrame:
    table = found.conclusions[["conclusion", "kind"]].copy()
    for coder in coders:
        through = str(replace(lens, coder=coder, basis="any" if coder == LEXICAL else lens.basis))
        table[coder] = [
            "holds" if through in holds else "cannot tell" if through in unclear else "fails"
            for holds, unclear in zip(
                found.conclusions["holds_in"], found.conclusions["unclear_in"], strict=True
            )
        ]
    verdicts = table[list(coders)]
    table["survives"] = (verdicts == "holds").all(axis=1)
    return table[(verdicts == "holds").any(axis=1)].reset_index(drop=True)


# ---------------------------------------------------------------- in words


def found_agreement(agreement: Agreement) -> tuple[str, ...]:
    """Say in sentences how far the codings agree, and what that is worth."""
    first, second = agreement.coders
    if agreement.absent:
        names = " and ".join(f"‘{name}’" for name in agreement.absent)
        return (f"There is no coding {names} here, so there is nothing to compare.",)
    if agreement.elements == 0:
        return (f"No element has been looked at in both codings, {first} and {second}.",)
    totals = agreement.concepts[["both", "only_first", "only_second"]].sum()
    sentences = [
        f"{_elements(agreement.elements)} compared; {agreement.same:,} of them "
        f"({agreement.same / agreement.elements:.0%}) are related to exactly the same concepts in "
        "both codings.",
        f"Of the pairs of an element and a concept, {totals['both']:,} stand in both codings, "
        f"{totals['only_first']:,} in the {first} one only and {totals['only_second']:,} in the "
        f"{second} one only.",
        _alpha_sentence(agreement),
    ]
    weakest = agreement.concepts.dropna(subset="alpha").nsmallest(1, "alpha", keep="all")
    if not weakest.empty and weakest["alpha"].iloc[0] < 1:
        row, others = weakest.iloc[0], len(weakest) - 1
        alike = f", as on {counted(others, 'other concept')}" if others else ""
        sentences.append(
            f"They agree least on {row['label']} (alpha {number(row['alpha'], 2)}{alike}): "
            f"elements in both {row['both']:,}, only {first} {row['only_first']:,}, only {second} "
            f"{row['only_second']:,}."
        )
    if not agreement.left_out.empty:
        sentences.append(
            f"{_elements(len(agreement.left_out))} left out, because a coding has no row for them."
        )
    return (*sentences, worth(agreement.coders))


def found_survival(survival: pd.DataFrame) -> tuple[str, ...]:
    """Say in sentences which conclusions hold under either coding."""
    if survival.empty:
        return ("There is no conclusion to compare under two codings.",)
    names = {
        "core": "that a concept is core",
        "top": "that a concept is among the most widely named",
        "single": "that one framework alone names a concept",
        "closest": "that a framework is closest to another",
    }
    sentences = [
        f"{survival['survives'].sum():,} of {len(survival):,} conclusions hold under either coding."
    ]
    for kind, words in names.items():
        of_kind = survival[survival["kind"] == kind]
        if not of_kind.empty:
            sentences.append(
                f"Of {len(of_kind):,} that say {words}, {of_kind['survives'].sum():,} hold under "
                "either."
            )
    return tuple(sentences)


def worth(coders: tuple[str, str]) -> str:
    """Say in a sentence what the agreement of two codings is worth."""
    if LEXICAL in coders:
        return (
            "The codings are not two persons: a rule made the lexical one. Where its terms were "
            "written with these elements in view, the agreement is an upper bound."
        )
    return "How far the codings were made independently of each other, the numbers do not say."


def _alpha_sentence(agreement: Agreement) -> str:
    if np.isnan(agreement.alpha):
        return "Nothing varies between the elements, so Krippendorff’s alpha is not defined."
    return (
        f"Krippendorff’s alpha is {number(agreement.alpha, 2)} ({agreement.level:.0%} interval "
        f"{number(agreement.low, 2)} to {number(agreement.high, 2)}, from {agreement.draws:,} "
        "samples of the elements)."
    )


def _elements(number: int) -> str:
    return f"{number:,} element was" if number == 1 else f"{number:,} elements were"
