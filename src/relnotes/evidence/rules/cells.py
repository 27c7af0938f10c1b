"""Rules for single cells: what a declared column may hold."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from relnotes.evidence.rules.register import Example
from relnotes.evidence.rules.shapes import Column, Judged, cell_rule
from relnotes.evidence.schema import form

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


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "probation,Utopia", "not_reported,Utopia"),
    bad=Example("frameworks.csv", "probation,Utopia", ",Utopia"),
)
def blank_cell(column: Column) -> Judged:
    """A cell is never blank, except in the columns that say so.

    Three words tell three kinds of empty apart: not_reported (the source is
    silent), not_applicable (the question does not arise), not_coded (nobody
    has looked yet).
    """
    if column.field.blank:
        return None
    words = " or ".join(column.table.empty_words) or "a value"
    mend = "Write its value." if column.field.required else f"Write its value, or {words}."
    return "".__eq__, "The cell is blank.", mend


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "Plan,model", "Plan,set of aims"),
    bad=Example("frameworks.csv", "Plan,model", "Plan,not_coded"),
)
def required_value(column: Column) -> Judged:
    """A column that needs a value holds one, not a word for empty."""
    if not column.field.required:
        return None
    mend = f"Write one: {column.field.description}"
    return column.table.empty_words.__contains__, "The column needs a value.", mend


@cell_rule(
    good=Example("frameworks.csv", "2002,not_reported,", "2002,not_applicable,"),
    bad=Example("studies.csv", "survey", "n/a"),
)
def empty_lookalike(column: Column) -> Judged:
    """An empty cell is written with one of the three words, not with another."""
    if column.field.enum:
        return None  # a declared value may be the word none
    mend = f"Write one of {', '.join(column.table.empty_words)}."
    message = "The value looks like a word for empty."
    return lambda value: value.strip().lower() in _EMPTY_LOOKALIKES, message, mend


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", ",2001,2,", ",1999,2,"),
    bad=Example("frameworks.csv", ",2001,2,", ",2001.0,2,"),
)
def number_form(column: Column) -> Judged:
    """A number is written plainly: digits, a full stop for decimals, no grouping."""
    if column.field.type not in _NUMBER_FORMS:
        return None
    pattern, words = _NUMBER_FORMS[column.field.type]
    mend = "Write it so; spreadsheets like to add commas, zeros and dates."
    return column.unlike(pattern), f"The value is not {words}.", mend


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", ",2001,2,", ",1900,2,"),
    bad=Example("frameworks.csv", ",2001,2,", ",20001,2,"),
)
def number_range(column: Column) -> Judged:
    """A number lies within the limits its column declares."""
    low, high = column.field.minimum, column.field.maximum
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
def allowed_value(column: Column) -> Judged:
    """A column with declared values holds one of them, spelt exactly so."""
    if not column.field.enum or column.field.vocabulary:
        return None
    allowed = {*column.field.enum, *column.table.empty_words, ""}
    mend = f"Write one of: {', '.join(column.field.enum)}."
    return lambda value: value not in allowed, "The value is not one of those declared.", mend


@cell_rule(
    stage="opening",
    good=Example("events.csv", "rules-2003,", "rules-of-2003,"),
    bad=Example("events.csv", "rules-2003,", "Rules 2003,"),
)
def value_form(column: Column) -> Judged:
    """An id, key or code has the form its column declares."""
    if not column.field.pattern:
        return None
    unlike = column.unlike(form(column.field.pattern))
    message = "The value does not have the declared form."
    return unlike, message, f"Write it like ‘{column.field.example}’."


@cell_rule(
    stage="opening",
    good=Example("frameworks.csv", "The bond model,Bond,", "The bond model,Bond,"),
    bad=Example("frameworks.csv", "model,Plan,", "model,A plan that is made by both,"),
)
def value_length(column: Column) -> Judged:
    """A value is no longer than its column declares, so that figures can show it."""
    longest = column.field.max_length
    if not longest:
        return None
    message = f"The value has more than {longest} characters."
    return lambda value: len(value) > longest, message, "Shorten it."


@cell_rule(
    stage="opening",
    good=Example("concepts.csv", "trust;trusting", "trust"),
    bad=Example("concepts.csv", "trust;trusting", "trust; trusting;"),
)
def list_form(column: Column) -> Judged:
    """A list in a cell is separated by ``;`` alone, without empty or doubled parts."""
    if not column.field.many or column.field.vocabulary or column.field.name == "sentences":
        return None

    def wrong(value: str) -> bool:
        parts = value.split(";")
        badly = any(p != p.strip() or not p for p in parts) or len(set(parts)) < len(parts)
        return badly and column.holds(value)

    message = "The list has spaces around a ‘;’, an empty part or a part twice."
    return wrong, message, "Write first;second;third."


@cell_rule(
    good=Example("crosswalk.csv", "Trust is named.", "Trust itself is named."),
    bad=Example("crosswalk.csv", "Trust is named.", " Trust is  named."),
)
def stray_space(column: Column) -> Judged:
    """A value has no space before or after it and no two spaces in a row."""
    message = "The value has a space too many."
    return lambda value: value != value.strip() or "  " in value, message, "Take it out."


@cell_rule(
    good=Example("crosswalk.csv", "Trust is named.", "Caf\u00e9 is not named."),
    bad=Example("crosswalk.csv", "Trust is named.", "Cafe\u0301 is not named."),
)
def unicode_form(column: Column) -> Judged:
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
def spreadsheet_damage(column: Column) -> Judged:
    """A value is not what a spreadsheet leaves behind: no error value, no broken accents."""
    message = "The value looks damaged by a spreadsheet or a wrong encoding."
    mend = "Take the value from the source or from an earlier version."
    return _SPREADSHEET_DAMAGE.search, message, mend


_DRAWN = {
    "label", "short_label", "theme", "setting", "jurisdiction", "kind", "people", "voices",
    "outcome", "design", "appraisal", "wording", "coder",
}  # fmt: skip
"""Columns whose words figures write."""


@cache
def printable() -> frozenset[int]:
    """Return the code points that the fonts of the figures have between them."""
    listed = Path(__file__).with_name("printable.txt").read_text(encoding="utf-8").split()
    ends = ([int(end, 16) for end in line.split("-")] for line in listed)
    return frozenset(point for first, last in ends for point in range(first, last + 1))


@cell_rule(
    severity="notice",
    good=Example("frameworks.csv", "The bond model,Bond,", "Модель связи,Bond,"),
    bad=Example("frameworks.csv", "The bond model,Bond,", "信頼,Bond,"),
)
def undrawable_label(column: Column) -> Judged:
    """A label holds no characters that the fonts of the figures lack; all else shows them."""
    if column.field.name not in _DRAWN:
        return None
    message = "No font that comes with relnotes has all characters of the value."
    mend = "Where figures shall show it, write it in other characters, such as a transliteration."
    return lambda value: not printable().issuperset(map(ord, value)), message, mend
