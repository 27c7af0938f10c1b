"""Rules for single cells: what a declared column may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.schema import Field, Table, form

_EMPTY_LOOKALIKES = {
    "-", "–", "—", "?", ".", "n/a", "na", "nan", "nil", "none", "null", "unknown", "tbc", "tbd",
    "not reported", "not applicable", "not coded", "not known", "missing",
}  # fmt: skip

# What spreadsheets leave behind: error values, and UTF-8 read as Windows-1252.
_SPREADSHEET_DAMAGE = re.compile(
    r"#(REF|NAME\?|VALUE|DIV/0|N/A|NUM|NULL|SPILL)!?"
    r"|â€[™œ\x9d“”˜\x99]|Ã[©¨¤¶¼³¡±]|Â[ £§©°]|\N{REPLACEMENT CHARACTER}"
)


_NO_CELLS: pd.Series[str] = pd.Series([], dtype="str")


def _columns(evidence: Evidence) -> Iterator[tuple[Table, Field]]:
    for table in evidence.tables():
        for field in table.fields:
            yield table, field


def _wrong(
    evidence: Evidence, table: Table, field: Field, wrong: Callable[[str], object]
) -> pd.Series[str]:
    """Return the cells whose value is wrong; each distinct value is judged once."""
    bad = [value for value in evidence.distinct(table.name, field.name) if wrong(value)]
    if not bad:
        return _NO_CELLS
    cells = evidence.frame(table.name)[field.name]
    return cells[cells.isin(bad)]


def _outside(low: float | None, high: float | None) -> Callable[[str], bool]:
    def outside(value: str) -> bool:
        try:
            number = float(value)
        except ValueError:
            return False  # another rule says that it is no number
        return (low is not None and number < low) or (high is not None and number > high)

    return outside


def _longer_than(longest: int) -> Callable[[str], bool]:
    return lambda value: len(value) > longest


def _among(
    evidence: Evidence, table: Table, field: Field, unwanted: Collection[str]
) -> pd.Series[str]:
    """Return the cells whose value is one of the unwanted."""
    found = set(unwanted).intersection(evidence.distinct(table.name, field.name))
    return _wrong(evidence, table, field, found.__contains__) if found else _NO_CELLS


def _not_of_form(table: Table, pattern: Any) -> Callable[[str], bool]:
    return lambda value: _is_value(table, value) and not pattern.fullmatch(value)


def _is_value(table: Table, value: str) -> bool:
    return value != "" and value not in table.empty_words


@rule(
    stage="opening",
    good=Example("frameworks.csv", "probation,Utopia", "not_reported,Utopia"),
    bad=Example("frameworks.csv", "probation,Utopia", ",Utopia"),
)
def blank_cell(evidence: Evidence) -> list[Fault]:
    """A cell is never blank, except in the columns that say so.

    Three words tell three kinds of empty apart: not_reported (the source is
    silent), not_applicable (the question does not arise), not_coded (nobody
    has looked yet).
    """
    faults = []
    for table, field in _columns(evidence):
        if not field.blank:
            words = " or ".join(table.empty_words) or "a value"
            mend = "Write its value." if field.required else f"Write its value, or {words}."
            blank = _among(evidence, table, field, [""])
            faults += evidence.faults_where(table, field, blank, "The cell is blank.", mend)
    return faults


@rule(
    stage="opening",
    good=Example("frameworks.csv", "Plan,model", "Plan,set of aims"),
    bad=Example("frameworks.csv", "Plan,model", "Plan,not_coded"),
)
def required_value(evidence: Evidence) -> list[Fault]:
    """A column that needs a value holds one, not a word for empty."""
    faults = []
    for table, field in _columns(evidence):
        if field.required:
            faults += evidence.faults_where(
                table,
                field,
                _among(evidence, table, field, table.empty_words),
                "The column needs a value.",
                f"Write one: {field.description}",
            )
    return faults


@rule(
    good=Example("frameworks.csv", "2002,not_reported,", "2002,not_applicable,"),
    bad=Example("studies.csv", "survey", "n/a"),
)
def empty_lookalike(evidence: Evidence) -> list[Fault]:
    """An empty cell is written with one of the three words, not with another."""
    faults = []
    for table, field in _columns(evidence):
        if field.enum:
            continue  # a declared value may be the word none
        words = ", ".join(table.empty_words)
        faults += evidence.faults_where(
            table,
            field,
            _wrong(evidence, table, field, lambda v: v.strip().lower() in _EMPTY_LOOKALIKES),
            "The value looks like a word for empty.",
            f"Write one of {words}.",
        )
    return faults


@rule(
    stage="opening",
    good=Example("frameworks.csv", ",2001,2,", ",1999,2,"),
    bad=Example("frameworks.csv", ",2001,2,", ",2001.0,2,"),
)
def number_form(evidence: Evidence) -> list[Fault]:
    """A number is written plainly: digits, a full stop for decimals, no grouping."""
    forms = {
        "integer": (re.compile(r"-?(0|[1-9]\d{0,17})"), "a whole number, such as 1250"),
        "number": (re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?"), "a number, such as 0.25"),
    }
    faults = []
    for table, field in _columns(evidence):
        if field.type in forms:
            pattern, words = forms[field.type]
            faults += evidence.faults_where(
                table,
                field,
                _wrong(evidence, table, field, _not_of_form(table, pattern)),
                f"The value is not {words}.",
                "Write it so; spreadsheets like to add commas, zeros and dates.",
            )
    return faults


@rule(
    stage="opening",
    good=Example("frameworks.csv", ",2001,2,", ",1900,2,"),
    bad=Example("frameworks.csv", ",2001,2,", ",20001,2,"),
)
def number_range(evidence: Evidence) -> list[Fault]:
    """A number lies within the limits its column declares."""
    faults = []
    for table, field in _columns(evidence):
        low, high = field.minimum, field.maximum
        if low is None and high is None:
            continue
        outside = _wrong(evidence, table, field, _outside(low, high))
        limits = " and ".join(
            words
            for words in (
                "" if low is None else f"at least {low:g}",
                "" if high is None else f"at most {high:g}",
            )
            if words
        )
        faults += evidence.faults_where(
            table, field, outside, f"The number is not {limits}.", "Check it in the source."
        )
    return faults


@rule(
    stage="opening",
    good=Example("frameworks.csv", "2,complete", "2,partial"),
    bad=Example("frameworks.csv", "2,complete", "2,Complete"),
)
def allowed_value(evidence: Evidence) -> list[Fault]:
    """A column with declared values holds one of them, spelt exactly so."""
    faults = []
    for table, field in _columns(evidence):
        if field.enum and not field.vocabulary:
            allowed = {*field.enum, *table.empty_words, ""}
            faults += evidence.faults_where(
                table,
                field,
                _wrong(evidence, table, field, lambda v, allowed=allowed: v not in allowed),  # type: ignore[misc]
                "The value is not one of those declared.",
                f"Write one of: {', '.join(field.enum)}.",
            )
    return faults


@rule(
    stage="opening",
    good=Example("events.csv", "rules-2003,", "rules-of-2003,"),
    bad=Example("events.csv", "rules-2003,", "Rules 2003,"),
)
def value_form(evidence: Evidence) -> list[Fault]:
    """An id, key or code has the form its column declares."""
    faults = []
    for table, field in _columns(evidence):
        if field.pattern:
            faults += evidence.faults_where(
                table,
                field,
                _wrong(evidence, table, field, _not_of_form(table, form(field.pattern))),
                "The value does not have the declared form.",
                f"Write it like ‘{field.example}’.",
            )
    return faults


@rule(
    stage="opening",
    good=Example("frameworks.csv", "The bond model,Bond,", "The bond model,Bond,"),
    bad=Example("frameworks.csv", "model,Plan,", "model,A plan that is made by both,"),
)
def value_length(evidence: Evidence) -> list[Fault]:
    """A value is no longer than its column declares, so that figures can show it."""
    faults = []
    for table, field in _columns(evidence):
        if field.max_length:
            faults += evidence.faults_where(
                table,
                field,
                _wrong(evidence, table, field, _longer_than(field.max_length)),
                f"The value has more than {field.max_length} characters.",
                "Shorten it.",
            )
    return faults


@rule(
    stage="opening",
    good=Example("concepts.csv", "trust;trusting", "trust"),
    bad=Example("concepts.csv", "trust;trusting", "trust; trusting;"),
)
def list_form(evidence: Evidence) -> list[Fault]:
    """A list in a cell is separated by ``;`` alone, without empty or doubled parts."""

    def wrong(value: str) -> bool:
        parts = value.split(";")
        return any(p != p.strip() or not p for p in parts) or len(set(parts)) < len(parts)

    faults = []
    for table, field in _columns(evidence):
        if field.many and not field.vocabulary and field.name != "sentences":
            faults += evidence.faults_where(
                table,
                field,
                _wrong(evidence, table, field, lambda v, t=table: _is_value(t, v) and wrong(v)),  # type: ignore[misc]
                "The list has spaces around a ‘;’, an empty part or a part twice.",
                "Write first;second;third.",
            )
    return faults


@rule(
    good=Example("crosswalk.csv", "Trust is named.", "Trust itself is named."),
    bad=Example("crosswalk.csv", "Trust is named.", " Trust is  named."),
)
def stray_space(evidence: Evidence) -> list[Fault]:
    """A value has no space before or after it and no two spaces in a row."""
    faults = []
    for table, field in _columns(evidence):
        faults += evidence.faults_where(
            table,
            field,
            _wrong(evidence, table, field, lambda v: v != v.strip() or "  " in v),
            "The value has a space too many.",
            "Take it out.",
        )
    return faults


@rule(
    good=Example("crosswalk.csv", "Trust is named.", "Caf\u00e9 is not named."),
    bad=Example("crosswalk.csv", "Trust is named.", "Cafe\u0301 is not named."),
)
def unicode_form(evidence: Evidence) -> list[Fault]:
    """Text is in Unicode normal form C, without control or invisible characters."""

    def wrong(value: str) -> bool:
        if value.isascii():
            return not value.isprintable()
        return not unicodedata.is_normalized("NFC", value) or any(
            unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn") for c in value
        )

    faults = []
    for table, field in _columns(evidence):
        faults += evidence.faults_where(
            table,
            field,
            _wrong(evidence, table, field, wrong),
            "The value holds a control, invisible or decomposed character.",
            "Type the value again.",
        )
    return faults


@rule(
    good=Example("crosswalk.csv", "Trust is named.", "Number 1 names trust."),
    bad=Example("crosswalk.csv", "Trust is named.", "#NAME?"),
)
def spreadsheet_damage(evidence: Evidence) -> list[Fault]:
    """A value is not what a spreadsheet leaves behind: no error value, no broken accents."""
    faults = []
    for table, field in _columns(evidence):
        faults += evidence.faults_where(
            table,
            field,
            _wrong(evidence, table, field, _SPREADSHEET_DAMAGE.search),
            "The value looks damaged by a spreadsheet or a wrong encoding.",
            "Take the value from the source or from an earlier version.",
        )
    return faults
