"""A figure file found somewhere, held against the collection of today."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from relnotes.evidence.near import UnknownNameError
from relnotes.figures.passport import Found, Passport, read_passport
from relnotes.figures.register import make, names

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

LARGEST_FILE: Final = 64 * 1024 * 1024
MOST_CHANGES_IN_MESSAGE: Final = 8

State = Literal["current", "outdated", "altered", "undecided", "not ours"]


@dataclass(frozen=True)
class Verdict:
    """What a file found somewhere turned out to be.

    Attributes
    ----------
    state : {"current", "outdated", "altered", "undecided", "not ours"}
        ``current``: the collection would give the same marks today. ``outdated``: it would not.
        ``altered``: the file is not as it was written. ``undecided``: drawn with other choices
        than the registered figure. ``not ours``: no figure of this collection.
    message : str
        The answer in sentences.
    changes : tuple of str
        Every mark that changed, with the old and the new value where the passport holds it.
    passport : Passport or None
        What the file says of itself.
    """

    state: State
    message: str
    changes: tuple[str, ...] = ()
    passport: Passport | None = None


def check(path: Path, collection: Collection) -> Verdict:
    """Say whether a figure file is current, outdated, altered or not of this collection.

    Parameters
    ----------
    path : Path
        An SVG, PDF or PNG, from anywhere; any other file is answered too.
    collection : Collection
        What to hold it against.

    Returns
    -------
    Verdict
        Never an exception, whatever the file holds.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            return Verdict(
                "not ours",
                f"The file has {size / 1024 / 1024:,.0f} MB; no figure of a collection is that "
                "large, so it was not read.",
            )
        contents = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not a path"
        return Verdict("not ours", f"The file could not be read: {reason}.")
    found = read_passport(contents)
    if isinstance(found, str):
        return Verdict("not ours", found)
    return _judged(found, collection)


def _judged(found: Found, collection: Collection) -> Verdict:
    old = found.passport
    title = _brief(old.figure)
    if old.collection != collection.title:
        other = f"‘{_brief(old.collection)}’" if old.collection else "no collection it can name"
        return Verdict("not ours", f"‘{title}’ was drawn from {other}.", passport=old)
    if old.figure not in names():
        return Verdict(
            "not ours",
            f"It says it is ‘{title}’, but this version makes no figure of that name.",
            passport=old,
        )
    try:
        only = dict(json.loads(old.choices.get("only", "{}")))
        new = Passport.of(make(old.figure, collection, only=only))
    except (ValueError, TypeError, UnknownNameError) as error:
        return Verdict(
            "undecided",
            f"‘{title}’ was drawn from a part of the collection that it no longer has: {error}",
            passport=old,
        )
    made = f"‘{title}’ from version {_brief(old.version) or 'unknown'}"
    if dict(old.choices) != dict(new.choices):
        chosen = ", ".join(f"{_brief(k)} {_brief(v)}" for k, v in sorted(old.choices.items()))
        return Verdict(
            "undecided",
            f"{made} was drawn with other choices ({chosen or 'none named'}) than the registered "
            "figure, so it can be judged only by drawing it again with those.",
            passport=old,
        )
    changes: tuple[str, ...] = ()
    if old.fingerprint != new.fingerprint:
        changes = tuple(_changes(old, new))
    told = _told(changes)
    if not found.intact:
        return Verdict(
            "altered",
            f"{made}: the file is not as it was written; it was cut short, edited or saved again "
            f"by another program. Its passport is {'outdated: ' + told if changes else 'current.'}",
            changes,
            old,
        )
    if changes:
        return Verdict("outdated", f"{made} is outdated: {told}", changes, old)
    return Verdict(
        "current", f"{made} is current: version {new.version} would draw the same.", (), old
    )


def _told(changes: Sequence[str]) -> str:
    shown = "; ".join(changes[:MOST_CHANGES_IN_MESSAGE])
    more = len(changes) - MOST_CHANGES_IN_MESSAGE
    return f"{shown}{f'; and {more:,} more' if more > 0 else ''}."


def _brief(text: str, longest: int = 80) -> str:
    line = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return line if len(line) <= longest else line[:longest] + "…"


def _changes(old: Passport, new: Passport) -> list[str]:
    if not old.marks:
        return ["the data changed; they are too many for the passport to say where"]
    gone = [f"{_brief(m)}: no longer drawn" for m in old.marks if m not in new.marks]
    fresh = [f"{_brief(m)}: new" for m in new.marks if m not in old.marks]
    old_rows, new_rows = _rows_by_mark(old.data), _rows_by_mark(new.data)
    moved = []
    for mark, digest in old.marks.items():
        if mark in new.marks and new.marks[mark] != digest:
            moved.append(_change(mark, old_rows.get(mark, []), new_rows.get(mark, [])))
    return [*moved, *gone, *fresh] or ["the columns of the data changed"]


def _change(mark: str, old: list[dict[str, str]], new: list[dict[str, str]]) -> str:
    name = _brief(mark)
    if not old:
        return f"{name}: changed"
    if len(old) != len(new):
        return f"{name}: {len(old)} → {len(new)} rows of data"
    cells = [
        f"{_brief(column)} {_brief(before.get(column, 'absent'))} → {_brief(after[column])}"
        for before, after in zip(old, new, strict=True)
        for column in after
        if before.get(column) != after[column]
    ]
    return f"{name}: {', '.join(cells) if cells else 'rests on other rows now'}"


def _rows_by_mark(text: str) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {}
    try:
        for row in csv.DictReader(io.StringIO(text), restkey="", restval=""):
            known = {str(k): str(v) for k, v in row.items()}
            rows.setdefault(known.get("mark", ""), []).append(known)
    except csv.Error:
        return {}
    return rows
