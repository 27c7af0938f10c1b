"""Rules for vocabularies: terms in cells are known, and the lists hang together."""

from __future__ import annotations

import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.rules.rows import nearest
from relnotes.evidence.vocabulary import measures, terms_of, vocabulary

_HEADER = "list,term,label,broader,definition,lowest,highest,null,scale\n"
_NO_NUMBERS = ",not_applicable,not_applicable,not_applicable,not_applicable\n"


def _terms(*rows: str) -> Example:
    return Example("vocabularies.csv", "", _HEADER + "".join(r + _NO_NUMBERS for r in rows))


def _measure(numbers: str) -> Example:
    row = f"measure,phi,Phi,not_applicable,Of two halves.,{numbers}\n"
    return Example("vocabularies.csv", "", _HEADER + row)


_FIELDS = (
    "setting,corrections,,not_applicable,All of them.",
    "setting,probation,,corrections,Supervision in the community.",
)


@rule(
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(*_FIELDS, "setting,youth-justice,,corrections,The same with children."),
)
def unknown_term(evidence: Evidence) -> list[Fault]:
    """A cell of a controlled column holds terms of its vocabulary, several separated by ``;``.

    Where the collection keeps no list for the column, the values in use are the list.
    """
    if not evidence.whole("vocabularies"):
        return []
    faults = []
    for table in evidence.tables():
        for field in table.fields:
            known = set(vocabulary(evidence.frame("vocabularies"), field.vocabulary).labels)
            if not field.vocabulary or field.vocabulary == "measure" or not known:
                continue
            for value in evidence.distinct_values(table, field.name):
                strange = [t for t in terms_of(value) if t not in known]
                if strange:
                    near = nearest(strange[0], known)
                    mend = f"Did you mean ‘{near}’?" if near else "Add it to vocabularies.csv."
                    faults += evidence.faults_where(
                        table,
                        field,
                        evidence.cells_among(table, field.name, [value]),
                        f"The list {field.vocabulary} has no term ‘{strange[0]}’.",
                        mend,
                    )
    return faults


@rule(
    stage="opening",
    good=Example(
        "findings.csv",
        "r,not_applicable,not_applicable,0.25",
        "smd,not_applicable,not_applicable,0.25",
    ),
    bad=Example(
        "findings.csv",
        "r,not_applicable,not_applicable,0.25",
        "gain,not_applicable,not_applicable,0.25",
    ),
)
def undeclared_measure(evidence: Evidence) -> list[Fault]:
    """A measure is one that every collection knows, or one that the vocabulary declares."""
    table = evidence.schema.table("findings")
    known = measures(evidence.schema, evidence.frame("vocabularies"))
    strange = [m for m in evidence.distinct_values(table, "measure") if m not in known]
    return evidence.faults_where(
        table,
        "measure",
        evidence.cells_among(table, "measure", strange),
        "Nobody has said where this measure can lie and what no difference is.",
        "Add it to vocabularies.csv under the list measure, with lowest, highest, null and scale, "
        f"or write one of: {', '.join(known)}.",
    )


@rule(
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(*_FIELDS, "setting,youth justice,,work with children,The same with children."),
)
def unknown_broader(evidence: Evidence) -> list[Fault]:
    """The broader terms of a term are terms of the same list."""
    table = evidence.schema.table("vocabularies")
    frame = evidence.frame("vocabularies")
    known = set(zip(frame["list"], frame["term"], strict=True))
    wrong = [
        any((name, parent) not in known for parent in terms_of(cell))
        for name, cell in zip(frame["list"], frame["broader"], strict=True)
    ]
    return evidence.faults_where(
        table,
        "broader",
        frame["broader"][wrong],
        "The list has no such term.",
        "Add the broader term to the list, or write not_applicable.",
    )


@rule(
    stage="opening",
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(
        "setting,corrections,,probation,All of them.",
        "setting,probation,,corrections,Supervision in the community.",
        "setting,youth justice,,corrections,The same with children.",
    ),
)
def term_loop(evidence: Evidence) -> list[Fault]:
    """Broader terms form a tree: no term is broader than itself."""
    frame = evidence.frame("vocabularies")
    lists = {name: vocabulary(frame, name) for name in evidence.distinct("vocabularies", "list")}
    looping = [
        any(term in lists[name].above(parent) for parent in terms_of(cell))
        or term in terms_of(cell)
        for name, term, cell in zip(frame["list"], frame["term"], frame["broader"], strict=True)
    ]
    return evidence.faults_where(
        evidence.schema.table("vocabularies"),
        "broader",
        frame["broader"][looping],
        "Going up from the term leads back to it.",
        "Write the term one step above, or not_applicable.",
    )


@rule(
    good=_measure("-1,1,0,linear"),
    bad=_measure("1,-1,0,linear"),
)
def measure_range(evidence: Evidence) -> list[Fault]:
    """A measure's range runs upwards and holds its null; a logarithmic one stays above a lowest."""
    frame = evidence.frame("vocabularies")
    numbers = frame[["lowest", "highest", "null"]].apply(pd.to_numeric, errors="coerce")
    low, high, null = (numbers[c] for c in numbers)
    logarithmic = frame["scale"] == "logarithmic"
    wrong = (
        (low > high) | (null < low) | (null > high)
        | (logarithmic & (low.isna() | (low < 0) | (null <= low)))
    )  # fmt: skip
    return evidence.faults_where(
        evidence.schema.table("vocabularies"),
        "lowest",
        frame["lowest"][wrong],
        "The measure's lowest, null and highest value do not follow one another.",
        "Write them in that order; on a logarithmic scale lowest is 0 or more, and null above it.",
    )
