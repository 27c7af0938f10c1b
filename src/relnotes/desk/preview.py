"""What a draft would do to a collection, said before anything is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relnotes.analysis.changes import Changed, Changes, compare
from relnotes.desk.store import Draft, State, drafted
from relnotes.desk.versions import collection_of
from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import Fault
from relnotes.evidence.rules import check_evidence

if TYPE_CHECKING:
    from relnotes.figures.figure import Figure

MOST_NAMED = 12
"""Rows of one table that are named one by one."""


@dataclass(frozen=True)
class Preview:
    """What a draft would change, and what the rules say about the result.

    Attributes
    ----------
    changes : Changes
        Rows, works, judgements and figures, against the collection as it is.
    concepts : tuple of str
        Labels of the concepts whose definition, elements or claims are touched.
    faults : tuple of Fault
        What the rules would say that they do not say now.
    """

    changes: Changes
    concepts: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that would keep the draft from being written."""
        return tuple(f for f in self.faults if f.severity == "error")

    def account(self) -> dict[str, Any]:
        """Return the preview as plain values, for JSON."""
        return {
            "changes": self.changes.account(),
            "concepts": list(self.concepts),
            "complaints": [f.sentence() for f in self.faults],
        }

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def preview(state: State, draft: Draft) -> Preview:
    """Say what a draft would do, without doing it.

    Parameters
    ----------
    state : State
        The collection as it is, from `read_state`.
    draft : Draft
        What is proposed.

    Returns
    -------
    Preview
        In words with ``str``, as plain values with ``account``.

    Raises
    ------
    RefusedWrite
        If a table the draft touches cannot be read as a whole.
    """
    return preview_state(state, drafted(state, draft))


def preview_state(state: State, new: State) -> Preview:
    """Say what another state of the files would change."""
    before, after = state.evidence(), new.evidence()
    was = Collection.from_evidence(before)
    now = collection_of(new)
    known = {_sense(f) for f in check_evidence(before)}
    faults = tuple(f for f in check_evidence(after) if _sense(f) not in known)
    changes = compare(was, now, ("the collection as it is", "the collection with this"))
    return Preview(changes, _concepts(changes, now, was), faults)


def _sense(fault: Fault) -> tuple[str, ...]:
    """Return what a fault says, whatever line it has come to stand on."""
    return (fault.rule, fault.file, fault.column, fault.id, fault.value, fault.message)


def _concepts(changes: Changes, *versions: Collection) -> tuple[str, ...]:
    touched = {j.concept for j in changes.judgements}
    for change in (*changes.added, *changes.removed, *changes.revised):
        if change.table == "concepts":
            touched.add(change.id)
        elif change.table == "claim_concepts":
            touched.add(change.id.rpartition("/")[2])
        elif change.table == "elements":
            for version in versions:
                of_element = version.crosswalk["element_id"] == change.id
                touched |= set(version.crosswalk["concept_id"][of_element])
    labels: dict[str, str] = {}
    for version in reversed(versions):
        concepts = version.concepts
        labels |= dict(zip(concepts["concept_id"], concepts["label"], strict=True))
    return tuple(sorted(labels.get(concept, concept) for concept in touched))


def _lines(shown: Preview) -> Iterator[str]:
    changes = shown.changes
    if changes.empty:
        yield "Nothing would change."
    yield from (f"Renamed in {renamed}." for renamed in changes.renamed)
    for word, group in (
        ("added", changes.added), ("taken out", changes.removed), ("changed", changes.revised)
    ):  # fmt: skip
        for table in dict.fromkeys(c.table for c in group):
            yield from _group(word, table, [c for c in group if c.table == table])
    if changes.judgements:
        yield f"Judgements made or made anew: {len(changes.judgements)}."
        for judged in changes.judgements[:MOST_NAMED]:
            after = judged.after or "withdrawn"
            was = f"{judged.before} → " if judged.before else ""
            yield f"  {judged.element} / {judged.concept} ({judged.coder}): {was}{after}"
        if len(changes.judgements) > MOST_NAMED:
            yield f"  … and {len(changes.judgements) - MOST_NAMED} more"
    if changes.lexical[0] != changes.lexical[1]:
        yield f"Rows coded by rule: {changes.lexical[0]:,} → {changes.lexical[1]:,}."
    if shown.concepts:
        yield f"Concepts affected: {', '.join(shown.concepts)}."
    if changes.moved:
        yield "Numbers that would move:"
        yield from (f"  {moved}" for moved in changes.moved)
    for verb, severity in (("refuse it", "error"), ("remark", "notice")):
        said = [f"  {f.sentence()}" for f in shown.faults if f.severity == severity]
        yield from [f"The rules would {verb}:", *said] if said else []
    if not (shown.faults or changes.empty):
        yield "No rule would complain."


def _group(word: str, table: str, rows: Sequence[Changed]) -> Iterator[str]:
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    yield f"{table}: {count} {word}."
    for row in rows[:MOST_NAMED]:
        label = f"  {row.label}" if row.label else ""
        columns = f"  ({', '.join(c for c, _, _ in row.cells)})" if row.cells else ""
        yield f"  {row.id}{label}{columns}"
    if len(rows) > MOST_NAMED:
        yield f"  … and {len(rows) - MOST_NAMED} more"


def moved_figures(
    state: State, new: State, told: Callable[[str, int, int], None]
) -> tuple[str, ...]:
    """Return which figures another state of the files would change, and which of their sentences.

    Every figure is drawn from both states, which takes a while.

    Parameters
    ----------
    state, new : State
        The collection as it is, and as it would be.
    told : callable
        Told the name of a step, how many are done, and how many there are.
    """
    from relnotes.figures import make, names  # noqa: PLC0415  (brings the drawing library)

    was, now = collection_of(state), collection_of(new)
    if was.fingerprint == now.fingerprint:
        return ()
    moved = []
    every = names()
    for done, name in enumerate(every):
        told(f"figure {name}", done, len(every))
        try:
            old, drawn = make(name, was), make(name, now)
        except Exception as error:  # a draft that the rules refuse may not be drawn
            moved.append(f"{name}: cannot be drawn ({error})".splitlines()[0])
            continue
        before = set(_sentences(old))
        fresh = [s for s in dict.fromkeys(_sentences(drawn)) if s not in before]
        if fresh or not old.data.equals(drawn.data):
            moved.append("\n".join([f"{name}: {drawn.title}", *(f"    {s}" for s in fresh[:5])]))
    told("figures", len(every), len(every))
    return tuple(moved)


def _sentences(figure: Figure) -> list[str]:
    said = " ".join([figure.title, figure.caption, figure.alt, figure.description])
    return re.split(r"(?<=[.?!]) (?=[A-Z‘“])", said)
