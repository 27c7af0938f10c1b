"""Rules for rows: ids are unique, known, guarded and in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.rules.shapes import Column, Judged, cell_rule, nearest_or, row_rule
from relnotes.evidence.sources import SourceFormError, cited_keys, parse_sources, sources_in
from relnotes.evidence.vocabulary import terms_of


@rule(
    stage="opening",
    good=Example("events.csv", "rules-2003,2003,Rules adopted", "rules-2004,2003,Rules adopted"),
    bad=Example(
        "concepts.csv",
        "trust,Trust,Bond",
        "goals,Goals too,Direction,Aims.,Aims.,Tasks.,purposes,not_applicable,bond-02,plan-01,\n"
        "trust,Trust,Bond",
    ),
)
def duplicate_id(evidence: Evidence) -> Iterator[Fault]:
    """The key of a row is used by no other row of its table."""
    mend = "Give one of the two rows another id, or remove the copy."
    for table in evidence.tables():
        keys = evidence.frame(table.name)[list(table.primary_key)]
        if len(evidence.distinct(table.name, table.primary_key[0])) == len(keys):
            continue
        first: dict[tuple[str, ...], int] = {}
        for line, *parts in keys[keys.duplicated(keep=False)].itertuples():
            if (already := first.setdefault(tuple(parts), line)) != line:
                message = f"The key stands on line {already} already."
                key = "/".join(parts)
                yield evidence.fault(table, table.primary_key[0], line, message, mend, key)


@cell_rule(
    stage="opening",
    good=Example("crosswalk.csv", "plan-02,being believed,trust,Trust", "plan-02,being believed,goals,Goals"),
    bad=Example("crosswalk.csv", "plan-02,being believed,trust,Trust", "plan-02,being believed,trsut,Trust"),
)  # fmt: skip
def unknown_id(column: Column) -> Judged:
    """An id that points to another row points to one that is there."""
    evidence = column.evidence
    key = next((k for k in column.table.foreign_keys if k.field == column.field.name), None)
    if key is None or not evidence.whole(key.table):
        return None
    known = evidence.ids(key.table, key.target)
    return (
        lambda value: value not in known and column.holds(value),
        f"The table {key.table} has no such id.",
        lambda value: nearest_or(value, known, f"Add the row to {key.table} first."),
    )


@rule(
    stage="opening",
    good=Example("elements.csv", "bond-01,bond,Bond,1", "bond-01,bond,Bond,1"),
    bad=Example("elements.csv", "bond-01,bond,Bond,1", "bond-01,bond,Plan,1"),
)
def label_disagrees(evidence: Evidence) -> Iterator[Fault]:
    """A label beside an id is the label of that id.

    The label guards the id: where the two disagree, one of them was mistyped.
    """
    label_columns = {
        "framework_label": "short_label",
        "element_wording": "wording",
        "concept_label": "label",
        "claim_statement": "statement",
    }
    for table in evidence.tables():
        frame = evidence.frame(table.name)
        targets = {k.field: k for k in table.foreign_keys}
        for field in table.fields:
            key = targets.get(field.guard)
            if key is None or not evidence.whole(key.table):
                continue
            target = evidence.frame(key.table)
            column = label_columns.get(field.name, field.name)
            if column not in target:
                continue
            labels = dict(zip(target[key.target], target[column], strict=True))
            expected = frame[key.field].map(labels)
            mend = f"Write that label, or mend the {key.field}."
            for line in frame.index[expected.notna() & (frame[field.name] != expected)]:
                message = f"The label of {frame[key.field][line]} is ‘{expected[line]}’."
                yield evidence.fault(table, field.name, line, message, mend)


@rule(
    good=Example("elements.csv", "plan-02,plan,Plan,2", "plan-02,plan,Plan,2"),
    bad=Example("elements.csv", "plan-02,plan,Plan,2", "plan-02,plan,Plan,3"),
)
def element_number(evidence: Evidence) -> Iterator[Fault]:
    """An element's id is its framework's id and its number, counted from 1.

    Only a set of which a part is known may have gaps.
    """
    table, frame = evidence.schema.table("elements"), evidence.frame("elements")
    numbered = frame["framework_id"] + "-" + frame["number"].str.zfill(2)
    wrong = frame["element_id"][frame["element_id"] != numbered]
    message = "The id is not the framework_id and the two-digit number."
    mend = "Write framework_id-NN and the same NN as number."
    yield from evidence.faults_where(table, "element_id", wrong, message, mend)
    if not evidence.whole("elements") or not wrong.empty:
        return
    numbers = pd.to_numeric(frame["number"], errors="coerce")
    frameworks = evidence.frame("frameworks")
    partial = set(frameworks["framework_id"][frameworks["completeness"] == "partial"])
    for framework, group in numbers.groupby(frame["framework_id"]):
        counted = sorted(group.dropna().astype(int))
        if counted != list(range(1, len(group) + 1)) and framework not in partial:
            message = f"The elements of {framework} are not numbered 1 to {len(group)}."
            mend, found = "Number them in the order of the source.", ", ".join(map(str, counted))
            yield evidence.fault(table, "number", group.index[0], message, mend, found)


@row_rule(
    "passages", "passage_id", "The id is not section.number.", "Write both alike.",
    good=Example("passages.csv", "intro.1,intro,paragraph,1", "intro.1,intro,paragraph,1"),
    bad=Example("passages.csv", "intro.1,intro,paragraph,1", "intro.1,intro,paragraph,2"),
)  # fmt: skip
def passage_number(evidence: Evidence) -> Iterable[int]:
    """A passage's id is its section, a full stop and its number."""
    frame = evidence.frame("passages")
    return frame.index[frame["passage_id"] != frame["section"] + "." + frame["number"]]


@row_rule(
    "passages", "anchor", "The anchor has more than six words.", "Keep the first six.",
    good=Example("passages.csv", "About trust", "About trust and care in probation"),
    bad=Example("passages.csv", "About trust", "About trust and care in youth probation"),
)  # fmt: skip
def anchor_length(evidence: Evidence) -> Iterable[int]:
    """The anchor of a passage quotes at most six words."""
    anchors = evidence.frame("passages")["anchor"]
    return anchors.index[[len(anchor.split()) > 6 for anchor in anchors]]


@rule(
    good=Example("claims.csv", "c001,", "c001,"),
    bad=Example(
        "concepts.csv",
        "goals,Goals,Direction,Aims that are agreed.,Shared aims.,Tasks.,goals;aims,not_applicable,bond-02,plan-01,\n"
        "trust,Trust,Bond,Relying on the other.,Trust either way.,Respect.,trust;trusting,not_applicable,bond-01,plan-02,",
        "trust,Trust,Bond,Relying on the other.,Trust either way.,Respect.,trust;trusting,not_applicable,bond-01,plan-02,\n"
        "goals,Goals,Direction,Aims that are agreed.,Shared aims.,Tasks.,goals;aims,not_applicable,bond-02,plan-01,",
    ),
)  # fmt: skip
def row_order(evidence: Evidence) -> Iterator[Fault]:
    """The rows of a table are sorted by key, so that two versions can be compared.

    `relnotes tidy` sorts them.
    """
    message = "The row comes after one with a later key."
    mend = "Run relnotes tidy, which sorts the rows."
    for table in evidence.tables():
        line = _first_out_of_order(evidence.frame(table.name)[list(table.primary_key)])
        if line:
            key = evidence.row_id(table.name, line)
            yield evidence.fault(table, table.primary_key[0], line, message, mend, key)


def _first_out_of_order(keys: pd.DataFrame) -> int:
    """Return the first line whose key is less than the one before it, or 0."""
    columns = [keys[c].to_numpy(dtype=object) for c in keys]
    if any(_is_numbered(column) for column in columns):
        sortable = [sort_key(row) for row in zip(*columns, strict=True)]
        wrong = [i for i in range(1, len(sortable)) if sortable[i] < sortable[i - 1]]
        return int(keys.index[wrong[0]]) if wrong else 0
    less = np.zeros(max(len(keys) - 1, 0), dtype=bool)
    for column in reversed(columns):
        now, before = column[1:], column[:-1]
        less = (now < before) | ((now == before) & less)
    return int(keys.index[1:][less][0]) if less.any() else 0


def _is_numbered(column: npt.NDArray[np.object_]) -> bool:
    return len(column) > 0 and bool(re.search(r"\.\d+$", str(column[0])))


def sort_key(parts: tuple[str, ...]) -> tuple[tuple[str | int, ...], ...]:
    """Return what a row's key is sorted by: text, and the numbers of passages as numbers.

    Examples
    --------
    >>> sorted([("youth.10",), ("youth.9",)], key=sort_key)
    [('youth.9',), ('youth.10',)]
    """
    return tuple(_section_and_number(p) for p in parts)


def _section_and_number(text: str) -> tuple[str | int, ...]:
    head, dot, tail = text.rpartition(".")
    return (head, int(tail)) if dot and tail.isdecimal() and len(tail) < 10 else (text, 0)


@rule(
    good=Example("retired.csv", "Merged into trust.,trust", "Parted.,goals;trust"),
    bad=Example("retired.csv", "concepts,faith", "concepts,goals"),
)
def retired_id(evidence: Evidence) -> Iterator[Fault]:
    """A retired id is never used again, and its replacements are ids in use."""
    table, tables = evidence.schema.table("retired"), evidence.schema.tables
    for line, row in evidence.frame("retired").iterrows():
        at = int(str(line))
        declared = tables.get(row["table"])
        if declared is None:
            mend = f"Write one of: {', '.join(tables)}."
            yield evidence.fault(table, "table", at, "There is no such table.", mend)
            continue
        if not evidence.whole(declared.name):
            continue
        used = evidence.ids(declared.name, declared.primary_key[0])
        if row["id"] in used:
            message = f"The retired id is in use in {declared.name}."
            yield evidence.fault(table, "id", at, message, "Give the row in use a new id.")
        if not used.issuperset(terms_of(row["replacement"])):
            message = f"The replacement is not an id of {declared.name}."
            mend = "Write an id in use (several separated by ;), or not_applicable."
            yield evidence.fault(table, "replacement", at, message, mend)


@cell_rule(
    stage="opening",
    good=Example("events.csv", "roe-2002[p. 1]", "roe-2002[p. 1];doe-2001"),
    bad=Example("events.csv", "roe-2002[p. 1]", "Roe (2002) p. 1"),
)
def source_form(column: Column) -> Judged:
    """A source cell reads ``key[place]``, several separated by ``;``."""
    if column.field.holds != "source":
        return None

    def unreadable(cell: str) -> bool:
        try:
            return not parse_sources(cell)
        except SourceFormError:
            return column.holds(cell)

    mend = f"Write it like ‘{column.field.example}’."
    return unreadable, "The source is not written as key[place].", mend


@rule(
    stage="opening",
    good=Example("events.csv", "roe-2002[p. 1]", "doe-2001[p. 1]"),
    bad=Example("events.csv", "roe-2002[p. 1]", "roe-2003[p. 1]"),
)
def unknown_citation(evidence: Evidence) -> Iterator[Fault]:
    """Every citation key in the tables is in the bibliography."""
    known = set(evidence.bibliography)
    citing = [(t, f) for t in evidence.tables() for f in t.fields if f.holds]
    for table, field in citing if evidence.bibliography_whole else ():
        for value in evidence.distinct_values(table, field.name):
            for key in set(cited_keys(value, field.holds)) - known:
                cells = evidence.cells_among(table, field.name, [value])
                message = f"The bibliography has no entry {key}."
                mend = nearest_or(key, known, "Add the entry first.")
                yield from evidence.faults_where(table, field.name, cells, message, mend)


@cell_rule(
    good=Example("claims.csv", "page-nd-sample[intro.1]", "page-nd-sample[intro.0]"),
    bad=Example("claims.csv", "page-nd-sample[intro.1]", "page-nd-sample[intro.7]"),
)
def unknown_passage(column: Column) -> Judged:
    """A place in the source page is the id of a passage."""
    evidence, page = column.evidence, column.evidence.schema.page
    if column.field.holds != "source" or not page or not evidence.whole("passages"):
        return None
    known = evidence.ids("passages", "passage_id")

    def unknown(cell: str) -> list[str]:
        places = [s.locator for s in sources_in(cell) if s.key == page and s.locator]
        return [place for place in places if place not in known]

    return (
        unknown,
        lambda cell: f"The source page has no passage {', '.join(unknown(cell))}.",
        "Look the passage up in passages.csv.",
    )


@rule(
    severity="notice",
    good=Example("frameworks.csv", "doe-2001[p. 3],verified,", "doe-2001,verified,The whole work."),
    bad=Example("frameworks.csv", "doe-2001[p. 3],verified,", "doe-2001,verified,"),
)
def source_without_place(evidence: Evidence) -> Iterator[Fault]:
    """A source says where in the work, or the row's note says why not."""
    for table in evidence.tables():
        if table.name == "studies" or "note" not in table.columns:
            continue
        noted = evidence.frame(table.name)["note"] != ""
        for field in table.column_of("source"):
            values = evidence.distinct_values(table, field.name)
            bare = [v for v in values if any(not s.locator for s in sources_in(v))]
            cells = evidence.cells_among(table, field.name, bare)
            message = "The source names a work and no place in it."
            mend = f"Write it like ‘{field.example}’, or say in the note why there is none."
            unsaid = cells[~noted.loc[cells.index]]
            yield from evidence.faults_where(table, field.name, unsaid, message, mend)
