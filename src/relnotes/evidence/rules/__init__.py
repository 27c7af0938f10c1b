"""The rules of the collection: what every table and entry must keep to."""

from relnotes.evidence.rules.register import Example, Rule, all_rules, check_evidence, rule

__all__ = ["Example", "Rule", "all_rules", "check_evidence", "rule"]
