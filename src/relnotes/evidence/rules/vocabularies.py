"""Rules for vocabularies: terms in cells are known, and the lists hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example
from relnotes.evidence.rules.shapes import Column, Judged, cell_rule, nearest_or, row_rule
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


@cell_rule(
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(*_FIELDS, "setting,youth-justice,,corrections,The same with children."),
)
def unknown_term(column: Column) -> Judged:
    """A cell of a controlled column holds terms of its vocabulary, several separated by ``;``.

    Where the collection keeps no list for the column, the values in use are the list.
    """
    evidence, name = column.evidence, column.field.vocabulary
    if name in ("", "measure") or not evidence.whole("vocabularies"):
        return None
    known = set(vocabulary(evidence.frame("vocabularies"), name).labels)

    def strange(cell: str) -> list[str]:
        return [term for term in terms_of(cell) if known and term not in known]

    return (
        strange,
        lambda cell: f"The list {name} has no term ‘{strange(cell)[0]}’.",
        lambda cell: nearest_or(strange(cell)[0], known, "Add it to vocabularies.csv."),
    )


@cell_rule(
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
def undeclared_measure(column: Column) -> Judged:
    """A measure is one that every collection knows, or one that the vocabulary declares."""
    if (column.table.name, column.field.name) != ("findings", "measure"):
        return None
    known = measures(column.evidence.schema, column.evidence.frame("vocabularies"))
    return (
        lambda value: column.holds(value) and value not in known,
        "Nobody has said where this measure can lie and what no difference is.",
        "Add it to vocabularies.csv under the list measure, with lowest, highest, null and scale, "
        f"or write one of: {', '.join(known)}.",
    )


@row_rule(
    "vocabularies", "broader",
    "The list has no such term.", "Add the broader term to the list, or write not_applicable.",
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(*_FIELDS, "setting,youth justice,,work with children,The same with children."),
)  # fmt: skip
def unknown_broader(evidence: Evidence) -> Iterator[int]:
    """The broader terms of a term are terms of the same list."""
    rows = evidence.frame("vocabularies")[["list", "term", "broader"]]
    known = set(zip(rows["list"], rows["term"], strict=True))
    for line, name, _, broader in rows.itertuples():
        if any((name, parent) not in known for parent in terms_of(broader)):
            yield line


@row_rule(
    "vocabularies", "broader",
    "Going up from the term leads back to it.", "Write the term one step above, or not_applicable.",
    stage="opening",
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(
        "setting,corrections,,probation,All of them.",
        "setting,probation,,corrections,Supervision in the community.",
        "setting,youth justice,,corrections,The same with children.",
    ),
)  # fmt: skip
def term_loop(evidence: Evidence) -> Iterator[int]:
    """Broader terms form a tree: no term is broader than itself."""
    frame = evidence.frame("vocabularies")
    lists = {name: vocabulary(frame, name) for name in evidence.distinct("vocabularies", "list")}
    for line, name, term, broader in frame[["list", "term", "broader"]].itertuples():
        if any(term in (up, *lists[name].above(up)) for up in terms_of(broader)):
            yield line


@row_rule(
    "vocabularies", "lowest",
    "The measure's lowest, null and highest value do not follow one another.",
    "Write them in that order; on a logarithmic scale lowest is 0 or more, and null above it.",
    good=_measure("-1,1,0,linear"),
    bad=_measure("1,-1,0,linear"),
)  # fmt: skip
def measure_range(evidence: Evidence) -> Iterable[int]:
    """A measure's range runs upwards and holds its null; a logarithmic one stays above a lowest."""
    frame = evidence.frame("vocabularies")
    numbers = frame[["lowest", "highest", "null"]].apply(pd.to_numeric, errors="coerce")
    low, high, null = (numbers[c] for c in numbers)
    logarithmic = frame["scale"] == "logarithmic"
    too_low = logarithmic & (low.isna() | (low < 0) | (null <= low))
    wrong: pd.Series[bool] = (low > high) | (null < low) | (null > high) | too_low
    return frame.index[wrong]


@row_rule(
    "vocabularies",
    "term",
    "No row uses the term, so that no row stands behind a mark of that name.",
    "Use it in a row, or take it out until a row needs it.",
    severity="notice",
    good=_terms(*_FIELDS, "setting,youth justice,,corrections,The same with children."),
    bad=_terms(
        *_FIELDS,
        "setting,youth justice,,corrections,The same with children.",
        "setting,prison,,corrections,Custody.",
    ),
)
def term_of_no_use(evidence: Evidence) -> Iterable[int]:
    """A term stands in a row or takes in one that does, or a mark of that name has no rows.

    Measures are left out: what is declared of them is how their numbers are to be read. So is a
    list of which no row uses any term: it is begun.
    """
    frame = evidence.frame("vocabularies")
    used: set[tuple[str, str]] = set()
    for table in evidence.tables():
        if not evidence.whole(table.name):
            return
        for field in filter(lambda field: field.vocabulary, table.fields):
            above = vocabulary(frame, field.vocabulary).above
            for cell in evidence.distinct_values(table, field.name):
                for term in terms_of(cell):
                    used |= {(field.vocabulary, name) for name in (term, *above(term))}
    in_use = {name for name, _ in used} - {"measure"}
    for line, name, term in frame[["list", "term"]].itertuples():
        if name in in_use and (name, term) not in used:
            yield line
