"""The shapes that rules come in: a condition on cells, rows or entries, and its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, NamedTuple, Unpack

from relnotes.evidence.bibliography import Work
from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.near import near_names
from relnotes.evidence.rules.register import Check, Shown, rule
from relnotes.evidence.schema import Field, Table

Words = str | Callable[[str], str]
"""What is said of a wrong value, or what makes it from the value."""


class Column(NamedTuple):
    """A declared column of the evidence, for which a rule says what it asks of the cells."""

    evidence: Evidence
    table: Table
    field: Field

    def holds(self, value: str) -> bool:
        """Whether a cell holds a value, not a word for empty."""
        return value != "" and value not in self.table.empty_words

    def unlike(self, pattern: re.Pattern[str]) -> Callable[[str], bool]:
        """Return what says of a value that the pattern does not match it as a whole."""
        return lambda value: self.holds(value) and not pattern.fullmatch(value)


Judged = tuple[Callable[[str], object], Words, Words] | None


def cell_rule(**shown: Unpack[Shown]) -> Callable[[Callable[[Column], Judged]], Check]:
    """Register a rule for the cells of each column it is meant for.

    The decorated function says of a column what makes a value wrong, in which words, and how it
    is mended; None where the rule does not apply. Each distinct value is judged once.
    """

    def registered(judge: Callable[[Column], Judged]) -> Check:
        @wraps(judge)
        def check(evidence: Evidence) -> Iterator[Fault]:
            for table in evidence.tables():
                for field in table.fields:
                    if (judged := judge(Column(evidence, table, field))) is None:
                        continue
                    wrong, message, mend = judged
                    bad = [v for v in evidence.distinct(table.name, field.name) if wrong(v)]
                    cells = evidence.cells_among(table, field.name, bad)
                    yield from evidence.faults_where(table, field.name, cells, message, mend)

        return rule(**shown)(check)

    return registered


Found = int | tuple[Any, ...]
"""The line of a wrong row, with the words about it where these differ from row to row."""


def row_rule(
    table: str, column: str, message: str, mend: str, whole: str = "", **shown: Unpack[Shown]
) -> Callable[[Callable[[Evidence], Iterable[Found]]], Check]:
    """Register a rule for the rows of one table; the decorated function finds the wrong ones.

    Parameters
    ----------
    column : str
        The cell of the row that is named as wrong.
    message, mend : str
        The words; ``{}`` stands for what the function says beside the line.
    whole : str
        Names of the tables of which every row must have been read, parted by spaces: what is not
        there could be in a row that could not be read.
    """

    def registered(find: Callable[[Evidence], Iterable[Found]]) -> Check:
        @wraps(find)
        def check(evidence: Evidence) -> Iterator[Fault]:
            if all(map(evidence.whole, whole.split())):
                declared = evidence.schema.table(table)
                for found in find(evidence):
                    line, *said = found if isinstance(found, tuple) else (found,)
                    words = message.format(*said), mend.format(*said)
                    yield evidence.fault(declared, column, line, *words)

        return rule(**shown)(check)

    return registered


def field_rule(
    names: str, message: str, mend: str, **shown: Unpack[Shown]
) -> Callable[[Callable[[str], object]], Check]:
    """Register a rule for fields of the bibliography; the decorated function judges a value.

    Parameters
    ----------
    names : str
        Names of the fields, parted by spaces; empty for every field.
    message, mend : str
        The words; ``{}`` stands for what the function returns of a wrong value.
    """

    def registered(wrong: Callable[[str], object]) -> Check:
        @wraps(wrong)
        def check(evidence: Evidence) -> Iterator[Fault]:
            for work, name, value in fields(evidence, *names.split()):
                if found := wrong(value):
                    said = message.format(found), mend.format(found)
                    yield entry_fault(evidence, work, name, *said, value)

        return rule(**shown)(check)

    return registered


def fields(evidence: Evidence, *names: str) -> Iterator[tuple[Work, str, str]]:
    """Yield the fields of these names, or all, of every entry: entry, name and value."""
    for work in evidence.bibliography.values():
        for name in names or work.fields:
            if name in work.fields:
                yield work, name, work.fields[name]


def entry_fault(
    evidence: Evidence, work: Work, field: str, message: str, mend: str, value: str = ""
) -> Fault:
    """Return a fault of an entry of the bibliography, on the line of its field."""
    begins = re.compile(rf"\s*{re.escape(field)}\s*=", re.IGNORECASE)
    lines = enumerate(work.raw.split("\n"), start=work.line)
    line = next((number for number, text in lines if begins.match(text)), work.line)
    return Fault(
        "", evidence.bibliography.file, message, mend,
        line=line, column=field, id=work.key, value=value,
    )  # fmt: skip


def nearest_or(value: str, known: set[str], otherwise: str) -> str:
    """Ask whether the known value that is spelt most like this one was meant, if one is near."""
    near = near_names(value, sorted(known)[:5000], most=1, likeness=0.75)
    return f"Did you mean ‘{near[0]}’?" if near else otherwise
