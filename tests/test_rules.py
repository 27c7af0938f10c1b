"""Every rule is kept by its good example and broken by its bad one."""

import re
from dataclasses import replace

import pytest

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules import Example, Rule, all_rules, check_evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema, sample_with

RULES = all_rules()


def named(rule: Rule) -> str:
    return rule.name


def broken(evidence: Evidence) -> set[str]:
    return {f.rule for f in check_evidence(evidence)}


def test_sample_keeps_every_rule():
    assert check_evidence(Evidence.of_texts(SAMPLE, sample_schema())) == ()


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_good_example_keeps_the_rule(rule):
    assert rule.name not in broken(sample_with(rule.good))


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_bad_example_breaks_the_rule(rule):
    faults = [f for f in check_evidence(sample_with(rule.bad)) if f.rule == rule.name]
    assert faults
    for fault in faults:
        assert fault.severity == rule.severity
        assert fault.file == rule.bad.file or rule.name in {"lexical_current", "work_unlisted",
            "element_unjudged", "correction_applied", "unknown_term", "unknown_coding", "same_words_apart",
            "work_of_no_use"}  # fmt: skip
        assert fault.message.endswith(".")
        assert fault.mend.endswith((".", "?"))


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_rule_is_written_as_a_sentence(rule):
    assert re.match(r"[A-Z].*\.$", rule.text)
    assert rule.stage in ("opening", "review")


def test_a_fault_names_line_column_value_and_nearest_mend():
    evidence = sample_with(
        Example("crosswalk.csv", "plan-02,being believed,trust,Trust", "plan-02,being believed,trsut,Trust")
    )  # fmt: skip
    fault = next(f for f in check_evidence(evidence) if f.rule == "unknown_id")
    assert (fault.file, fault.line, fault.column, fault.value) == (
        "crosswalk.csv", 8, "concept_id", "trsut",
    )  # fmt: skip
    assert "‘trust’" in fault.mend


def test_all_faults_are_reported_at_once():
    texts = {
        **SAMPLE,
        "frameworks.csv": SAMPLE["frameworks.csv"].replace(
            "2001,2,complete", "2001.0,two,Complete"
        ),
        "events.csv": SAMPLE["events.csv"].replace("rules-2003", "Rules 2003"),
        "references.bib": SAMPLE["references.bib"].replace("{2002},", "{2002,"),
    }
    found = check_evidence(Evidence.of_texts(texts, sample_schema()))
    assert {"number_form", "allowed_value", "value_form", "broken_entry"} <= {f.rule for f in found}
    assert [f.column for f in found if f.rule == "number_form"] == ["stated_count", "year"]


def test_an_unreadable_row_is_not_reported_as_a_missing_one():
    texts = {
        **SAMPLE,
        "concepts.csv": SAMPLE["concepts.csv"].replace(
            "trust,Trust,Bond", "trust,Trust,Bond,Extra"
        ),
    }
    assert {f.rule for f in check_evidence(Evidence.of_texts(texts, sample_schema()))} == {
        "ragged_row"
    }  # fmt: skip


def test_waiver_sets_aside_one_rule_for_one_row():
    lone = (
        "hope,Hope,Bond,A better future.,Hope.,Goals.,hope,not_applicable,not_coded,not_coded,\n"
        "trust,Trust,Bond"
    )
    texts = {**SAMPLE, "concepts.csv": SAMPLE["concepts.csv"].replace("trust,Trust,Bond", lone)}
    assert broken(Evidence.of_texts(texts, sample_schema())) == {"concept_alone"}
    texts["waivers.csv"] = "table,id,rule,reason\nconcepts,hope,concept_alone,Being read now.\n"
    assert broken(Evidence.of_texts(texts, sample_schema())) == set()
    texts["waivers.csv"] = "table,id,rule,reason\nconcepts,trust,concept_alone,Wrong row.\n"
    assert broken(Evidence.of_texts(texts, sample_schema())) == {"concept_alone", "idle_waiver"}


def test_columns_may_stand_in_any_order_and_lines_end_as_on_windows():
    rows = [line.split(",") for line in SAMPLE["claim_concepts.csv"].strip().split("\n")]
    turned = "\r\n".join(",".join(reversed(row)) for row in rows) + "\r\n"
    evidence = Evidence.of_texts({**SAMPLE, "claim_concepts.csv": turned}, sample_schema())
    assert check_evidence(evidence) == ()


def test_page_rules_rest_where_there_is_no_source_page():
    schema = replace(sample_schema(), page="")
    texts = {**SAMPLE, "claims.csv": SAMPLE["claims.csv"].replace("[intro.1]", "[p. 1]")}
    assert check_evidence(Evidence.of_texts(texts, schema)) == ()
