"""Rules for single cells: what a declared column may hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import wraps

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Check, Example, Stage, rule
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


_NUMBER_FORMS = {
    "integer": (re.compile(r"-?(0|[1-9]\d{0,17})"), "a whole number, such as 1250"),
    "number": (re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?"), "a number, such as 0.25"),
}

Wrong = Callable[[str], object]


def cell_rule(
    *, good: Example, bad: Example, stage: Stage = "review"
) -> Callable[[Callable[[Table, Field], tuple[Wrong, str, str] | None]], Check]:
    """Register a rule for the cells of each column it is meant for.

    The decorated function says of a column what makes a value wrong, in which words, and how it
    is mended; None where the rule does not apply. Each distinct value is judged once.
    """

    def registered(judge: Callable[[Table, Field], tuple[Wrong, str, str] | None]) -> Check:
        @wraps(judge)
        def check(evidence: Evidence) -> list[Fault]:
            faults = []
            for table in evidence.tables():
                for field in table.fields:
                    if (judged := judge(table, field)) is None:
                        continue
                    wrong, message, mend = judged
                    bad_values = [v for v in evidence.distinct(table.name, field.name) if wrong(v)]
                    cells = evidence.cells_among(table, field.name, bad_values)
                    faults += evidence.faults_where(table, field, cells, message, mend)
            return faults

        return rule(stage=stage, good=good, bad=bad)(check)

    return registered


def _not_of_form(table: Table, pattern: re.Pattern[str]) -> Wrong:
    return lambda value: _is_value(table, value) and not pattern.fullmatch(value)


def _is_value(table: Table, value: str) -> bool:
    return value != "" and value not in table.empty_words


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "probation,Utopia", "not_reported,Utopia"),
    bad=Example("frameworks.csv", "probation,Utopia", ",Utopia"),
)
def blank_cell(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A cell is never blank, except in the columns that say so.

    Three words tell three kinds of empty apart: not_reported (the source is
    silent), not_applicable (the question does not arise), not_coded (nobody
    has looked yet).
    """
    if field.blank:
        return None
    words = " or ".join(table.empty_words) or "a value"
    mend = "Write its value." if field.required else f"Write its value, or {words}."
    return "".__eq__, "The cell is blank.", mend


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "Plan,model", "Plan,set of aims"),
    bad=Example("frameworks.csv", "Plan,model", "Plan,not_coded"),
)
def required_value(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A column that needs a value holds one, not a word for empty."""
    if not field.required:
        return None
    mend = f"Write one: {field.description}"
    return table.empty_words.__contains__, "The column needs a value.", mend


@cell_rule(
    good=Example("frameworks.csv", "2002,not_reported,", "2002,not_applicable,"),
    bad=Example("studies.csv", "survey", "n/a"),
)
def empty_lookalike(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """An empty cell is written with one of the three words, not with another."""
    if field.enum:
        return None  # a declared value may be the word none
    mend = f"Write one of {', '.join(table.empty_words)}."
    message = "The value looks like a word for empty."
    return lambda value: value.strip().lower() in _EMPTY_LOOKALIKES, message, mend


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", ",2001,2,", ",1999,2,"),
    bad=Example("frameworks.csv", ",2001,2,", ",2001.0,2,"),
)
def number_form(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A number is written plainly: digits, a full stop for decimals, no grouping."""
    if field.type not in _NUMBER_FORMS:
        return None
    pattern, words = _NUMBER_FORMS[field.type]
    mend = "Write it so; spreadsheets like to add commas, zeros and dates."
    return _not_of_form(table, pattern), f"The value is not {words}.", mend


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", ",2001,2,", ",1900,2,"),
    bad=Example("frameworks.csv", ",2001,2,", ",20001,2,"),
)
def number_range(_table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A number lies within the limits its column declares."""
    low, high = field.minimum, field.maximum
    ends = (("at least", low), ("at most", high))
    limits = [f"{words} {end:g}" for words, end in ends if end is not None]

    def outside(value: str) -> bool:
        try:
            number = float(value)
        except ValueError:
            return False  # another rule says that it is no number
        return (low is not None and number < low) or (high is not None and number > high)

    message = f"The number is not {' and '.join(limits)}."
    return (outside, message, "Check it in the source.") if limits else None


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "2,complete", "2,partial"),
    bad=Example("frameworks.csv", "2,complete", "2,Complete"),
)
def allowed_value(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A column with declared values holds one of them, spelt exactly so."""
    if not field.enum or field.vocabulary:
        return None
    allowed = {*field.enum, *table.empty_words, ""}
    mend = f"Write one of: {', '.join(field.enum)}."
    return lambda value: value not in allowed, "The value is not one of those declared.", mend


@cell_rule(
    stage="opening",
    good=Example("events.csv", "rules-2003,", "rules-of-2003,"),
    bad=Example("events.csv", "rules-2003,", "Rules 2003,"),
)
def value_form(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """An id, key or code has the form its column declares."""
    if not field.pattern:
        return None
    message = "The value does not have the declared form."
    return _not_of_form(table, form(field.pattern)), message, f"Write it like ‘{field.example}’."


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "The bond model,Bond,", "The bond model,Bond,"),
    bad=Example("frameworks.csv", "model,Plan,", "model,A plan that is made by both,"),
)
def value_length(_table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A value is no longer than its column declares, so that figures can show it."""
    longest = field.max_length
    if not longest:
        return None
    message = f"The value has more than {longest} characters."
    return lambda value: len(value) > longest, message, "Shorten it."


@cell_rule(
    stage="opening",
    good=Example("concepts.csv", "trust;trusting", "trust"),
    bad=Example("concepts.csv", "trust;trusting", "trust; trusting;"),
)
def list_form(table: Table, field: Field) -> tuple[Wrong, str, str] | None:
    """A list in a cell is separated by ``;`` alone, without empty or doubled parts."""
    if not field.many or field.vocabulary or field.name == "sentences":
        return None

    def wrong(value: str) -> bool:
        parts = value.split(";")
        badly = any(p != p.strip() or not p for p in parts) or len(set(parts)) < len(parts)
        return badly and _is_value(table, value)

    message = "The list has spaces around a ‘;’, an empty part or a part twice."
    return wrong, message, "Write first;second;third."


@cell_rule(
    good=Example("crosswalk.csv", "Trust is named.", "Trust itself is named."),
    bad=Example("crosswalk.csv", "Trust is named.", " Trust is  named."),
)
def stray_space(_table: Table, _field: Field) -> tuple[Wrong, str, str]:
    """A value has no space before or after it and no two spaces in a row."""
    message = "The value has a space too many."
    return lambda value: value != value.strip() or "  " in value, message, "Take it out."


@cell_rule(
    good=Example("crosswalk.csv", "Trust is named.", "Caf\u00e9 is not named."),
    bad=Example("crosswalk.csv", "Trust is named.", "Cafe\u0301 is not named."),
)
def unicode_form(_table: Table, _field: Field) -> tuple[Wrong, str, str]:
    """Text is in Unicode normal form C, without control or invisible characters."""

    def wrong(value: str) -> bool:
        if value.isascii():
            return not value.isprintable()
        return not unicodedata.is_normalized("NFC", value) or any(
            unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn") for c in value
        )

    message = "The value holds a control, invisible or decomposed character."
    return wrong, message, "Type the value again."


@cell_rule(
    good=Example("crosswalk.csv", "Trust is named.", "Number 1 names trust."),
    bad=Example("crosswalk.csv", "Trust is named.", "#NAME?"),
)
def spreadsheet_damage(_table: Table, _field: Field) -> tuple[Wrong, str, str]:
    """A value is not what a spreadsheet leaves behind: no error value, no broken accents."""
    message = "The value looks damaged by a spreadsheet or a wrong encoding."
    mend = "Take the value from the source or from an earlier version."
    return _SPREADSHEET_DAMAGE.search, message, mend
