"""Rules for waivers: a rule set aside for one row, with a reason."""

from __future__ import annotations

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, all_rules, broken, rule

_HEADER = "table,id,rule,reason\n"


@rule(
    good=Example("waivers.csv", "", _HEADER),
    bad=Example("waivers.csv", "", _HEADER + "concepts,trust,concept_alone,It is new.\n"),
)
def idle_waiver(evidence: Evidence) -> list[Fault]:
    """A waiver sets aside a fault that is there; when the fault goes, so does the waiver."""
    frame = evidence.frame("waivers")
    named = evidence.ids("waivers", "rule") - {idle_waiver.__name__}
    at_work = {
        waiver
        for entry in all_rules()
        if entry.name in named
        for waiver, _ in broken(evidence, entry)
    }
    idle = [
        waiver not in at_work
        for waiver in zip(frame["table"], frame["id"], frame["rule"], strict=True)
    ]
    return evidence.faults_where(
        evidence.schema.table("waivers"),
        "rule",
        frame["rule"][idle],
        "The waiver sets nothing aside.",
        "Remove it, or mend its table, id or rule.",
    )
