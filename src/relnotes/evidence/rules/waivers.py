"""Rules for waivers: a rule set aside for one row, with a reason."""

from __future__ import annotations

from collections.abc import Iterator

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, all_rules, broken
from relnotes.evidence.rules.shapes import row_rule

_HEADER = "table,id,rule,reason\n"


@row_rule(
    "waivers", "rule",
    "The waiver sets nothing aside.", "Remove it, or mend its table, id or rule.",
    good=Example("waivers.csv", "", _HEADER),
    bad=Example("waivers.csv", "", _HEADER + "concepts,trust,concept_alone,It is new.\n"),
)  # fmt: skip
def idle_waiver(evidence: Evidence) -> Iterator[int]:
    """A waiver sets aside a fault that is there; when the fault goes, so does the waiver."""
    named = evidence.ids("waivers", "rule") - {"idle_waiver"}
    rules = [entry for entry in all_rules() if entry.name in named]
    at_work = {waiver for entry in rules for waiver, _ in broken(evidence, entry)}
    for line, *waiver in evidence.frame("waivers")[["table", "id", "rule"]].itertuples():
        if tuple(waiver) not in at_work:
            yield line
