"""The codebook of a collection and the manual of its rules, made from what declares them."""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import sorted_faults
from relnotes.evidence.rules import all_rules
from relnotes.evidence.rules.register import Example, Rule
from relnotes.evidence.rules.sample import SAMPLE, sample_with
from relnotes.evidence.schema import DESCRIPTOR, Field, Table

MOST_VALUES_LISTED = 12
"""A column with more different values than this is described by their number."""

_TYPES = {"string": "text", "integer": "whole number", "number": "number"}

_TOPICS = {
    "files": "Files",
    "cells": "Cells",
    "rows": "Rows and ids",
    "vocabularies": "Vocabularies",
    "judgements": "Judgements, counts and claims",
    "findings": "Findings",
    "works": "Bibliography",
    "waivers": "Waivers",
}


def codebook(collection: Collection) -> str:
    """Describe a collection for somebody who has never seen it, as Markdown.

    Parameters
    ----------
    collection : Collection
        The collection; its descriptor gives the licence.

    Returns
    -------
    str
        Every table, column, allowed value and count, how empty cells and sources are
        written, how to cite, and the licence. The same collection gives the same text.

    Examples
    --------
    >>> print(codebook(Collection.of({})).splitlines()[0])
    # Untitled collection: codebook
    """
    tables = collection.schema.tables.values()
    parts = [
        _opening(collection),
        _glance(collection, tables),
        _conventions(collection),
        *(_table_section(collection, table) for table in tables),
        _bibliography_section(collection),
        _citing(collection),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(collection: Collection) -> str:
    lines = [
        f"# {_words(collection.title)}: codebook",
        "",
        "<!-- Made by `relnotes codebook` from datapackage.json and the tables; edit those. -->",
    ]
    if collection.schema.description:
        lines += ["", _words(collection.schema.description)]
    lines += ["", f"Version {_words(collection.version)}."]
    return "\n".join(lines)


def _glance(collection: Collection, tables: Iterable[Table]) -> str:
    lines = ["## The tables", "", "| Table | Rows | A row is |", "|---|---:|---|"]
    for table in tables:
        rows = len(collection.tables[table.name])
        lines.append(
            f"| [{_words(table.title)}](#{_anchor(table.title)}) "
            f"(`{table.path}`) | {rows:,} | {_words(table.description)} |"
        )
    works = len(collection.bibliography)
    lines.append(
        f"| [Bibliography](#bibliography) (`{collection.schema.bibliography}`) | {works:,} "
        "| A work that a row of the tables cites. |"
    )
    return "\n".join(lines)


def _anchor(title: str) -> str:
    """Return the anchor that Markdown viewers give to a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _conventions(collection: Collection) -> str:
    tables = collection.schema.tables.values()
    words = {w: label for table in tables for w, label in table.empty_words.items()}
    meanings = [f"- `{word}`: {label}" for word, label in words.items()]
    page = ""
    if collection.page:
        page = (
            f" Where the key is `{collection.page}`, the source page itself, the place is a "
            "`passage_id` of the table of passages."
        )
    return "\n".join([
        "## How the cells are written",
        "",
        "Every file is UTF-8 with commas between the cells and one row on one line, sorted by "
        "key. `datapackage.json` declares every column (Frictionless Data Package, version 2); "
        "`relnotes check` checks them all.",
        "",
        "**Empty cells.** There is more than one kind of empty. Where nothing can be said, one of "
        "these words stands in the cell, and each is counted apart:",
        "",
        *meanings,
        "",
        "Only a column marked *may be blank* can hold nothing at all.",
        "",
        "**Sources.** A source cell says where a row stands: citation key and place, as "
        f"`key[place]`, several separated by `;`. The key is in the bibliography.{page}",
        "",
        "**Lists.** Several values in one cell are separated by `;`. Where a column holds terms "
        "of a list, the list stands in the table of vocabularies, with the broader term of each; "
        "a list that has no terms there is made of the values in use.",
        "",
        "**Ids.** An id is never changed and never given again; ids no longer used are kept in "
        "a table of their own. Where an id of another table stands, the name it stands for is "
        "repeated beside it, and the check says when the two disagree.",
    ])  # fmt: skip


def _table_section(collection: Collection, table: Table) -> str:
    rows = len(collection.tables[table.name])
    count = "1 row" if rows == 1 else f"{rows:,} rows"
    lines = [
        f"## {_words(table.title)}",
        "",
        f"`{table.path}`, {count}, key {' + '.join(f'`{k}`' for k in table.primary_key)}. "
        f"{_words(table.description)}",
        "",
        "| Column | Type | What it holds | In the rows |",
        "|---|---|---|---|",
    ]
    for field in table.fields:
        lines.append(
            f"| `{field.name}` | {_type(field, table)} | {_meaning(field)} "
            f"| {_in_the_rows(collection, table, field)} |"
        )
    return "\n".join(lines)


def _type(field: Field, table: Table) -> str:
    words = [_TYPES.get(field.type, field.type)]
    if field.many:
        words = ["list"]
    if field.vocabulary:
        words = [f"terms of the list `{field.vocabulary}`"]
    if field.holds == "source":
        words = ["source"]
    if field.holds == "citation":
        words = ["citation keys" if field.many else "citation key"]
    pointed = [k for k in table.foreign_keys if k.field == field.name]
    words += [f"id of {k.table}" for k in pointed]
    if field.guard:
        words.append(f"repeats what `{field.guard}` stands for")
    if field.required:
        words.append("required")
    if field.blank:
        words.append("may be blank")
    return ", ".join(words)


def _meaning(field: Field) -> str:
    said = field.description
    parts = [_words(said)]
    if field.enum and not all(value in said for value in field.enum):
        parts.append(f"One of {', '.join(_code(v) for v in field.enum)}.")
    if field.max_length and str(field.max_length) not in said:
        parts.append(f"At most {field.max_length} characters.")
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("at least", field.minimum), ("at most", field.maximum))
        if limit is not None
    ]
    if limits:
        parts.append(f"{' and '.join(limits).capitalize()}.")
    if field.example:
        bad = f", not {_code(field.example_bad)}" if field.example_bad else ""
        parts.append(f"Like {_code(field.example)}{bad}.")
    return " ".join(p for p in parts if p)


def _in_the_rows(collection: Collection, table: Table, field: Field) -> str:
    frame = collection.tables[table.name]
    if frame.empty:
        return ""
    empties = collection.empties(table.name)[field.name]
    cells = frame[field.name].astype("str")
    values = cells[(empties == "") & (cells != "") & frame[field.name].notna()]
    blank = int(((cells == "") & (empties == "")).sum())
    counted = values.value_counts()
    if field.name in table.primary_key and len(table.primary_key) == 1:
        parts = []
    elif field.enum:
        parts = [f"{_code(v)} {counted.get(v, 0):,}" for v in field.enum]
    elif field.type != "string" and len(values):
        numbers = frame[field.name].dropna()
        parts = [f"{numbers.min():g} to {numbers.max():g}"]
    elif not field.holds and not field.many and len(counted) <= MOST_VALUES_LISTED:
        ordered = sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0])))
        parts = [f"{_code(str(v))} {n:,}" for v, n in ordered if len(str(v)) <= 40]
        if len(parts) < len(ordered):
            parts = [f"{len(counted):,} different"]
    else:
        parts = [f"{len(counted):,} different"]
    for word in table.empty_words:
        if number := int((empties == word).sum()):
            parts.append(f"*{_words(word)}* {number:,}")
    if blank:
        parts.append(f"*blank* {blank:,}")
    return ", ".join(parts)


def _bibliography_section(collection: Collection) -> str:
    works = list(collection.bibliography.values())
    kinds: dict[str, int] = {}
    fields: dict[str, int] = {}
    for work in works:
        kinds[work.kind] = kinds.get(work.kind, 0) + 1
        for name in work.fields:
            fields[name] = fields.get(name, 0) + 1
    lines = [
        "## Bibliography",
        "",
        f"`{collection.schema.bibliography}`, BibLaTeX in UTF-8, {len(works):,} works. A key is "
        "the first family name or short corporate name, the year or `nd`, and a title word "
        "where two would be alike.",
    ]
    if works:
        lines += [
            "",
            f"Kinds: {_counts(kinds)}.",
            "",
            f"Fields, and how many works have them: {_counts(fields)}.",
        ]
    return "\n".join(lines)


def _counts(counted: dict[str, int]) -> str:
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{_code(name)} {number:,}" for name, number in ordered)


def _citing(collection: Collection) -> str:
    lines = [
        "## How to cite, and the licence",
        "",
        f"Cite the collection with its title and version: *{_words(collection.citation)}*. The "
        "repository's `CITATION.cff`, where there is one, names the people. Cite a work through "
        "the collection only where you did not read the work yourself.",
    ]
    for licence in _licences(collection):
        title = _words(str(licence.get("title") or licence.get("name") or ""))
        path = str(licence.get("path", ""))
        linked = f"[{title}]({path})" if path.startswith("https://") else title
        lines += ["", f"The tables are licensed under {linked}."]
    lines += [
        "",
        "The texts of the works and of a source page are not part of the collection: it holds "
        "short wordings of elements, and everything else in its own words.",
    ]
    return "\n".join(lines)


def _licences(collection: Collection) -> list[dict[str, Any]]:
    path = collection.root / DESCRIPTOR if collection.root else None
    if path is None or not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8-sig")).get("licenses", [])
    return [licence for licence in found if isinstance(licence, dict)]


def rules_manual() -> str:
    """Describe every rule with an example that breaks it, as Markdown.

    Returns
    -------
    str
        The manual, made from the register of rules: what each rule says, whether breaking
        it stops the collection from being opened, what breaks it and what is then said.

    Examples
    --------
    >>> "### duplicate_id" in rules_manual()
    True
    """
    rules = all_rules()
    opening = sum(r.stage == "opening" for r in rules)
    lines = [
        "# The rules",
        "",
        "<!-- Made by `relnotes codebook` from the register of rules; edit the rules. -->",
        "",
        f"`relnotes check` runs {len(rules)} rules and reports all faults at once. {opening} of "
        "them also guard the opening: a collection that breaks one is not opened, because "
        "results from it would be wrong. A *notice* is told and does not make the check fail.",
        "",
        "A rule can be set aside for one row, with a reason, by a row in `waivers.csv`: table, "
        "id, rule, reason. For an entry of the bibliography the table is `references`.",
        "",
        "Each example is a change to one small sound collection, and below it stands what the "
        "check then says.",
    ]
    for topic, title in _TOPICS.items():
        lines += ["", f"## {title}"]
        for rule in rules:
            if rule.topic == topic:
                lines += ["", *_rule_section(rule)]
    return "\n".join(lines) + "\n"


def _rule_section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.name}"
    yield ""
    yield rule.text.replace("``", "`")
    yield ""
    guard = "guards the opening" if rule.stage == "opening" else "told by the check"
    yield f"*{rule.severity.capitalize()}, {guard}.* Broken in `{rule.bad.file}`:"
    yield ""
    yield "```diff"
    yield from _change(rule.bad)
    yield "```"
    first = sorted_faults(rule.check(sample_with(rule.bad)))[0]
    yield ""
    yield f"> {_words(replace(first, rule=rule.name).sentence())}"


def _change(example: Example) -> Iterator[str]:
    """Yield the lines of the sample that an example changes, as a diff."""
    before = SAMPLE[example.file]
    if example.new is None:
        yield f"- (the file {example.file})"
        return
    after = before.replace(example.old, example.new, 1) if example.old else example.new
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    for line in list(lines)[2:]:
        if not line.startswith("@"):
            yield f"{line[0]} {_shown(line[1:])}"
    if not after:
        yield "+ (nothing)"


def _shown(line: str) -> str:
    """Return a line as it can be printed: cut where it is long, odd characters named."""
    short = line if len(line) <= 240 else f"{line[:60]} … ({len(line):,} characters)"
    return "".join(
        c
        if c.isprintable() and not unicodedata.combining(c)
        else c.encode("unicode_escape", "surrogatepass").decode()
        for c in short
    )


def _words(text: str) -> str:
    """Return text that Markdown shows as it stands, on one line."""
    line = " ".join(text.split())
    line = re.sub(r"[\\`*<|]|(?<!\w)_|_(?!\w)", r"\\\g<0>", line)
    return line.replace("](", "]\\(")


def _code(text: str) -> str:
    """Return a value as code in a cell of a Markdown table."""
    line = " ".join(text.split()).replace("|", "\\|")
    return f"`` {line} ``" if "`" in line else f"`{line}`"
