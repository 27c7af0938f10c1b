"""Rules for rows: ids are unique, known, guarded and in order."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.sources import SourceFormError, cited_keys, parse_sources
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
def duplicate_id(evidence: Evidence) -> list[Fault]:
    """The key of a row is used by no other row of its table."""
    faults = []
    for table in evidence.tables():
        keys = evidence.frame(table.name)[list(table.primary_key)]
        if len(keys.columns) == 1 and len(evidence.distinct(table.name, keys.columns[0])) == len(
            keys
        ):
            continue
        repeated = keys.duplicated(keep="first")
        if not repeated.any():
            continue
        again = keys[repeated]
        first: dict[tuple[str, ...], int] = {}
        for line, *parts in keys.itertuples():
            first.setdefault(tuple(parts), line)
        for line, *parts in again.itertuples():
            key = "/".join(parts)
            faults.append(
                Fault(
                    "",
                    table.path,
                    f"The key stands on line {first[tuple(parts)]} already.",
                    "Give one of the two rows another id, or remove the copy.",
                    line=line,
                    column=table.primary_key[0],
                    id=key,
                    value=key,
                )
            )
    return faults


@rule(
    stage="opening",
    good=Example("crosswalk.csv", "plan-02,being believed,trust,Trust", "plan-02,being believed,goals,Goals"),
    bad=Example("crosswalk.csv", "plan-02,being believed,trust,Trust", "plan-02,being believed,trsut,Trust"),
)  # fmt: skip
def unknown_id(evidence: Evidence) -> list[Fault]:
    """An id that points to another row points to one that is there."""
    faults = []
    for table in evidence.tables():
        for key in table.foreign_keys:
            if not evidence.whole(key.table):
                continue
            known = evidence.ids(key.table, key.target)
            unknown = set(evidence.distinct_values(table, key.field)) - known
            if not unknown:
                continue
            for value, rows in _grouped(evidence.cells_among(table, key.field, unknown)):
                near = nearest(value, known)
                mend = f"Did you mean ‘{near}’?" if near else f"Add the row to {key.table} first."
                faults += evidence.faults_where(
                    table, key.field, rows, f"The table {key.table} has no such id.", mend
                )
    return faults


def _grouped(cells: pd.Series[str]) -> list[tuple[str, pd.Series[str]]]:
    return [(str(value), rows) for value, rows in cells.groupby(cells)]


def nearest(value: str, known: set[str]) -> str:
    """Return the known value that is spelt most like this one; empty where none is near."""
    import difflib  # noqa: PLC0415  (only when something is wrong)

    found = difflib.get_close_matches(value, sorted(known)[:5000], n=1, cutoff=0.75)
    return found[0] if found else ""


@rule(
    stage="opening",
    good=Example("elements.csv", "bond-01,bond,Bond,1", "bond-01,bond,Bond,1"),
    bad=Example("elements.csv", "bond-01,bond,Bond,1", "bond-01,bond,Plan,1"),
)
def label_disagrees(evidence: Evidence) -> list[Fault]:
    """A label beside an id is the label of that id.

    The label guards the id: where the two disagree, one of them was mistyped.
    """
    label_columns = {
        "framework_label": "short_label",
        "element_wording": "wording",
        "concept_label": "label",
        "claim_statement": "statement",
    }
    faults = []
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
            wrong = frame[field.name][expected.notna() & (frame[field.name] != expected)]
            for line, value in wrong.items():
                number = int(str(line))
                faults.append(
                    Fault(
                        "",
                        table.path,
                        f"The label of {frame[key.field][number]} is ‘{expected[number]}’.",
                        f"Write that label, or mend the {key.field}.",
                        line=number,
                        column=field.name,
                        id=evidence.row_id(table.name, number),
                        value=str(value),
                    )
                )
    return faults


@rule(
    good=Example("elements.csv", "plan-02,plan,Plan,2", "plan-02,plan,Plan,2"),
    bad=Example("elements.csv", "plan-02,plan,Plan,2", "plan-02,plan,Plan,3"),
)
def element_number(evidence: Evidence) -> list[Fault]:
    """An element's id is its framework's id and its number, counted from 1.

    Only a set of which a part is known may have gaps.
    """
    table = evidence.schema.table("elements")
    frame = evidence.frame("elements")
    faults = []
    padded = frame["number"].str.zfill(2)
    wrong = frame["element_id"][frame["element_id"] != frame["framework_id"] + "-" + padded]
    faults += evidence.faults_where(
        table,
        "element_id",
        wrong,
        "The id is not the framework_id and the two-digit number.",
        "Write framework_id-NN and the same NN as number.",
    )
    if not evidence.whole("elements"):
        return faults
    numbers = pd.to_numeric(frame["number"], errors="coerce")
    frameworks = evidence.frame("frameworks")
    partial = set(frameworks["framework_id"][frameworks["completeness"] == "partial"])
    for framework, group in numbers.groupby(frame["framework_id"]):
        counted = sorted(group.dropna().astype(int))
        if counted != list(range(1, len(group) + 1)) and wrong.empty and framework not in partial:
            line = int(str(group.index[0]))
            faults.append(
                Fault(
                    "",
                    table.path,
                    f"The elements of {framework} are not numbered 1 to {len(group)}.",
                    "Number them in the order of the source.",
                    line=line,
                    column="number",
                    id=str(frame.at[line, "element_id"]),
                    value=", ".join(map(str, counted)),
                )
            )
    return faults


@rule(
    good=Example("passages.csv", "intro.1,intro,paragraph,1", "intro.1,intro,paragraph,1"),
    bad=Example("passages.csv", "intro.1,intro,paragraph,1", "intro.1,intro,paragraph,2"),
)
def passage_number(evidence: Evidence) -> list[Fault]:
    """A passage's id is its section, a full stop and its number."""
    frame = evidence.frame("passages")
    wrong = frame["passage_id"][frame["passage_id"] != frame["section"] + "." + frame["number"]]
    return evidence.faults_where(
        evidence.schema.table("passages"),
        "passage_id",
        wrong,
        "The id is not section.number.",
        "Write both alike.",
    )


@rule(
    good=Example("passages.csv", "About trust", "About trust and care in probation"),
    bad=Example("passages.csv", "About trust", "About trust and care in youth probation"),
)
def anchor_length(evidence: Evidence) -> list[Fault]:
    """The anchor of a passage quotes at most six words."""
    cells = evidence.frame("passages")["anchor"]
    return evidence.faults_where(
        evidence.schema.table("passages"),
        "anchor",
        cells[[len(anchor.split()) > 6 for anchor in cells]],
        "The anchor has more than six words.",
        "Keep the first six.",
    )


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
def row_order(evidence: Evidence) -> list[Fault]:
    """The rows of a table are sorted by key, so that two versions can be compared.

    `relnotes tidy` sorts them.
    """
    faults = []
    for table in evidence.tables():
        line = _first_out_of_order(evidence.frame(table.name)[list(table.primary_key)])
        if line:
            faults.append(
                Fault(
                    "",
                    table.path,
                    "The row comes after one with a later key.",
                    "Run relnotes tidy, which sorts the rows.",
                    line=line,
                    column=table.primary_key[0],
                    id=evidence.row_id(table.name, line),
                    value=evidence.row_id(table.name, line),
                )
            )
    return faults


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
def retired_id(evidence: Evidence) -> list[Fault]:
    """A retired id is never used again, and its replacements are ids in use."""
    table = evidence.schema.table("retired")
    frame = evidence.frame("retired")
    faults = []
    for line, row in frame.iterrows():
        declared = evidence.schema.tables.get(row["table"])
        if declared is None:
            faults += evidence.faults_where(
                table,
                "table",
                frame["table"][frame.index == line],
                "There is no such table.",
                f"Write one of: {', '.join(evidence.schema.tables)}.",
            )
            continue
        if not evidence.whole(declared.name):
            continue
        used = evidence.ids(declared.name, declared.primary_key[0])
        if row["id"] in used:
            faults += evidence.faults_where(
                table,
                "id",
                frame["id"][frame.index == line],
                f"The retired id is in use in {declared.name}.",
                "Give the row in use a new id.",
            )
        if any(new not in used for new in terms_of(row["replacement"])):
            faults += evidence.faults_where(
                table,
                "replacement",
                frame["replacement"][frame.index == line],
                f"The replacement is not an id of {declared.name}.",
                "Write an id in use (several separated by ;), or not_applicable.",
            )
    return faults


@rule(
    stage="opening",
    good=Example("events.csv", "roe-2002[p. 1]", "roe-2002[p. 1];doe-2001"),
    bad=Example("events.csv", "roe-2002[p. 1]", "Roe (2002) p. 1"),
)
def source_form(evidence: Evidence) -> list[Fault]:
    """A source cell reads ``key[place]``, several separated by ``;``."""
    faults = []
    for table in evidence.tables():
        for field in table.column_of("source"):
            values = evidence.distinct_values(table, field.name)
            wrong = [value for value in values if _cannot_be_parsed(value)]
            faults += evidence.faults_where(
                table,
                field,
                evidence.cells_among(table, field.name, wrong),
                "The source is not written as key[place].",
                f"Write it like ‘{field.example}’.",
            )
    return faults


def _cannot_be_parsed(cell: str) -> bool:
    try:
        parse_sources(cell)
    except SourceFormError:
        return True
    return False


@rule(
    stage="opening",
    good=Example("events.csv", "roe-2002[p. 1]", "doe-2001[p. 1]"),
    bad=Example("events.csv", "roe-2002[p. 1]", "roe-2003[p. 1]"),
)
def unknown_citation(evidence: Evidence) -> list[Fault]:
    """Every citation key in the tables is in the bibliography."""
    if not evidence.bibliography_whole:
        return []
    known = set(evidence.bibliography)
    faults = []
    for table in evidence.tables():
        for field in table.fields:
            if not field.holds:
                continue
            for value in evidence.distinct_values(table, field.name):
                for key in cited_keys(value, field.holds):
                    if key not in known:
                        near = nearest(key, known)
                        mend = f"Did you mean ‘{near}’?" if near else "Add the entry first."
                        faults += evidence.faults_where(
                            table,
                            field,
                            evidence.cells_among(table, field.name, [value]),
                            f"The bibliography has no entry {key}.",
                            mend,
                        )
    return faults


@rule(
    good=Example("claims.csv", "page-nd-sample[intro.1]", "page-nd-sample[intro.0]"),
    bad=Example("claims.csv", "page-nd-sample[intro.1]", "page-nd-sample[intro.7]"),
)
def unknown_passage(evidence: Evidence) -> list[Fault]:
    """A place in the source page is the id of a passage."""
    page = evidence.schema.page
    if not page or not evidence.whole("passages"):
        return []
    known = evidence.ids("passages", "passage_id")
    faults = []
    for table in evidence.tables():
        for field in table.column_of("source"):
            cells = evidence.values(table, field.name)
            for value, rows in _grouped(cells):
                try:
                    sources = parse_sources(value)
                except SourceFormError:
                    continue
                unknown = [
                    s.locator
                    for s in sources
                    if s.key == page and s.locator and s.locator not in known
                ]
                if unknown:
                    faults += evidence.faults_where(
                        table,
                        field,
                        rows,
                        f"The source page has no passage {', '.join(unknown)}.",
                        "Look the passage up in passages.csv.",
                    )
    return faults


@rule(
    severity="notice",
    good=Example("frameworks.csv", "doe-2001[p. 3],verified,", "doe-2001,verified,The whole work."),
    bad=Example("frameworks.csv", "doe-2001[p. 3],verified,", "doe-2001,verified,"),
)
def source_without_place(evidence: Evidence) -> list[Fault]:
    """A source says where in the work, or the row's note says why not."""
    faults = []
    for table in evidence.tables():
        if table.name == "studies" or "note" not in table.columns:
            continue
        noted = evidence.frame(table.name)["note"] != ""
        for field in table.column_of("source"):
            cells = evidence.values(table, field.name)
            bare = [value for value in cells.unique() if _lacks_a_place(value)]
            faults += evidence.faults_where(
                table,
                field,
                cells[cells.isin(bare) & ~noted.loc[cells.index]],
                "The source names a work and no place in it.",
                f"Write it like ‘{field.example}’, or say in the note why there is none.",
            )
    return faults


def _lacks_a_place(cell: str) -> bool:
    try:
        return any(not source.locator for source in parse_sources(cell))
    except SourceFormError:
        return False
