"""The register of rules and the check that runs them.

A rule is one function; its docstring is the rule, its good and bad example
are tests, and the manual is made from both.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NotRequired, TypedDict, Unpack

from relnotes.evidence.faults import Fault, Severity, sorted_faults
from relnotes.evidence.folder import Evidence

Stage = Literal["opening", "review"]
Check = Callable[[Evidence], Iterable[Fault]]


@dataclass(frozen=True)
class Example:
    """A change to the sample collection that shows a rule at work.

    Attributes
    ----------
    file : str
        The file that is changed.
    old, new : str
        Text that stands in the sample, and what stands there instead; where
        `old` is empty, `new` is the whole file, and None means no file.
    """

    file: str
    old: str
    new: str | None


@dataclass(frozen=True)
class Rule:
    """A registered rule.

    Attributes
    ----------
    name : str
        Name of the function, shown with every fault.
    topic : str
        Group in the manual.
    check : callable
        Finds the faults.
    good, bad : Example
        A change that keeps the rule and one that breaks it.
    stage : {"opening", "review"}
        Whether a collection that breaks it is refused when opened, or only
        reported when checked.
    severity : {"error", "notice"}
        Whether breaking it makes a check fail.
    """

    name: str
    topic: str
    check: Check
    good: Example
    bad: Example
    stage: Stage = "review"
    severity: Severity = "error"

    @property
    def text(self) -> str:
        """The rule in words: the docstring of its function."""
        return " ".join((self.check.__doc__ or "").split())


class Shown(TypedDict):
    """What is said of a rule where it is registered: its examples, when it is run, how it weighs."""

    good: Example
    bad: Example
    stage: NotRequired[Stage]
    severity: NotRequired[Severity]


_RULES: dict[str, Rule] = {}
_TOPICS = ("files", "cells", "rows", "vocabularies", "judgements", "findings", "works", "waivers")


def rule(**shown: Unpack[Shown]) -> Callable[[Check], Check]:
    """Register the decorated function as a rule."""

    def registered(check: Check) -> Check:
        topic = check.__module__.rpartition(".")[2]
        _RULES[check.__name__] = Rule(check.__name__, topic, check, **shown)
        return check

    return registered


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of the manual."""
    for topic in _TOPICS:
        importlib.import_module(f"relnotes.evidence.rules.{topic}")
    order = {topic: i for i, topic in enumerate(_TOPICS)}
    return tuple(sorted(_RULES.values(), key=lambda r: order[r.topic]))


def check_evidence(evidence: Evidence, stages: Sequence[Stage] = ("opening", "review")) -> tuple[
    Fault, ...
]:  # fmt: skip
    """Run the rules of the given stages and return all faults.

    Parameters
    ----------
    evidence : Evidence
        The files as read.
    stages : sequence of {"opening", "review"}
        Which rules to run.

    Returns
    -------
    tuple of Fault
        In reading order; faults that a row's waiver sets aside are left out.
    """
    waivers = evidence.frame("waivers")
    waivable = set(zip(waivers["table"], waivers["id"], waivers["rule"], strict=True))
    return sorted_faults(
        replace(fault, rule=entry.name, severity=entry.severity)
        for entry in all_rules()
        if entry.stage in stages
        for waiver, fault in broken(evidence, entry)
        if waiver not in waivable
    )


def broken(evidence: Evidence, entry: Rule) -> Iterator[tuple[tuple[str, str, str], Fault]]:
    """Yield the faults that a rule finds, each with the waiver that would set it aside."""
    table_of_file = {t.path: t.name for t in evidence.tables()}
    for fault in entry.check(evidence):
        table = table_of_file.get(fault.file, fault.file.rpartition(".")[0])
        yield (table, fault.id, entry.name), fault
