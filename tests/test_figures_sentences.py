"""The sentences of the figures where they are false: each says something else there."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from cases import house
from test_audit import WORKS
from test_audit import collection as audited
from test_figures_overlap import three_frameworks
from test_findings import collection as measured
from test_findings import rows as findings_rows
from test_gaps import collection as mapped
from test_timeline import frameworks, literature, with_misprint

from relnotes.analysis.agreement import compute_agreement, found_agreement
from relnotes.analysis.audit import compute_audit
from relnotes.analysis.findings import compute_findings
from relnotes.analysis.gaps import compute_gaps, compute_voices
from relnotes.analysis.overlap import (
    Lens,
    Memberships,
    compute_concept_matrix,
    compute_intersections,
    compute_sensitivity,
)
from relnotes.analysis.timeline import compute_concept_history, compute_timeline
from relnotes.evidence.collection import Collection
from relnotes.figures.agreement import describe_agreement_concepts
from relnotes.figures.audit import describe_audit
from relnotes.figures.findings import describe_findings, plot_findings
from relnotes.figures.gaps import describe_gap_bubbles, describe_gaps, describe_voices
from relnotes.figures.overlap import (
    describe_overlap_fingerprint,
    describe_overlap_matrix,
    describe_overlap_meeting,
    describe_overlap_sensitivity,
    describe_overlap_upset,
)
from relnotes.figures.register import make
from relnotes.figures.timeline import describe_concept_history, describe_timeline

Words = Callable[[], str]


def history(years: dict[str, str] | None = None, settings: str = "") -> str:
    """Words of a history of two concepts in two frameworks, with other years or settings."""
    one = frameworks()
    changed = one.frameworks.astype({"year": "object"}).set_index("framework_id")
    for name, year in (years or {}).items():
        changed.loc[name, "year"] = year
    if settings:
        changed["setting"] = settings
    table = changed.reset_index()
    words = describe_concept_history(compute_concept_history(one.replacing(frameworks=table)))
    return f"{words.caption} {words.alt}"


def forest(*changes: tuple[int, int, str], only: list[int] | None = None, **more: object) -> str:
    """Words of some findings of `test_findings`, with cells of them changed."""
    rows = [list(row) for row in findings_rows()]
    for row, place, value in changes:
        rows[row][place] = value
    found = measured([rows[n] for n in only] if only is not None else rows)
    table = found.findings.assign(**more)
    words = describe_findings(compute_findings(found.replacing(findings=table)))
    return f"{words.caption} {words.alt} {words.description}"


def forest_note(ladder: bool) -> str:
    one = house()
    listed = one.vocabularies
    if not ladder:
        listed = listed.assign(step=pd.array([pd.NA] * len(listed), dtype="Int64"))
    figure = plot_findings(compute_findings(one.replacing(vocabularies=listed)))
    return " ".join(
        text.get_text() for text in figure.drawing.findobj(lambda a: hasattr(a, "get_text"))
    )


def gaps(**changed: pd.DataFrame) -> str:
    words = describe_gaps(compute_gaps(mapped(**changed)))
    return f"{words.caption} {words.alt}"


def all_supported() -> str:
    """Every concept that is left is named by a framework that rests on a synthesis."""
    codebook = PLAIN.codebook[PLAIN.codebook["concept_id"] != "luck"]
    return gaps(concepts=codebook, frameworks=PLAIN.frameworks.assign(source="review-2001"),
                claims=PLAIN.claims.iloc[:0], claim_concepts=UNLINKED,
                studies=works("literature review"))  # fmt: skip


def sides(**changed: pd.DataFrame) -> str:
    words = describe_gap_bubbles(compute_gaps(mapped(**changed), "setting"))
    return f"{words.caption} {words.alt}"


def voices(**changed: pd.DataFrame) -> str:
    words = describe_voices(compute_voices(mapped(**changed)))
    return f"{words.caption} {words.alt}"


def links(direction: str) -> pd.DataFrame:
    return mapped().claim_concepts.assign(direction=direction)


def works(design: str) -> pd.DataFrame:
    return mapped().studies.assign(design=design)


def audit(**changed: tuple[str, str, str]) -> str:
    """Words of the audit, with works changed; ``birch`` stands for ``birch-2002``."""
    kept = {key: changed.get(key[:-5], facts) for key, facts in WORKS.items()}
    return describe_audit(compute_audit(audited(kept))).caption


def timeline(collection: Collection) -> str:
    words = describe_timeline(compute_timeline(collection))
    return f"{words.caption} {words.alt}"


def upset(sets: dict[str, list[str]], largest: int | None = None) -> str:
    found = compute_intersections(Memberships.from_sets(sets), largest=largest)
    words = describe_overlap_upset(found)
    return f"{words.caption} {words.alt}"


def fingerprint(sets: dict[str, list[str]]) -> str:
    return describe_overlap_fingerprint(Memberships.from_sets(sets), "A").caption


def small(**changed: pd.DataFrame) -> Collection:
    return three_frameworks().replacing(**changed)


def matrix(collection: Collection) -> str:
    words = describe_overlap_matrix(compute_concept_matrix(collection))
    return f"{words.caption} {words.alt}"


def meeting(pair: tuple[str, str]) -> str:
    kept = Memberships.from_crosswalk(small(), Lens("any"))
    return describe_overlap_meeting(kept, pair).caption


def sensitivity(collection: Collection) -> str:
    words = describe_overlap_sensitivity(compute_sensitivity(collection))
    return f"{words.caption} {words.alt}"


def judged(relation: str = "exact", basis: str = "explicit", named: bool = True) -> Collection:
    """The three frameworks, every judgement alike."""
    crosswalk = three_frameworks().crosswalk.assign(relation=relation, basis=basis)
    return small(crosswalk=crosswalk if named else crosswalk.iloc[:0])


def agreement(first: str, second: str) -> str:
    """Words of two codings of four elements; letters are the concepts that each relates."""
    rows = [
        (f"a-{n}", "w", concept, concept.upper(), "exact", "explicit", "", coder)
        for coder, coding in (("ann", first), ("bob", second))
        for n, concept in enumerate(coding)
    ]
    elements = pd.DataFrame(
        [(f"a-{n}", "a", "w") for n in range(4)], columns=["element_id", "framework_id", "wording"]
    )
    columns = [
        "element_id", "element_wording", "concept_id", "concept_label", "relation", "basis",
        "reason", "coder",
    ]  # fmt: skip
    concepts = pd.DataFrame({"concept_id": list("tx"), "label": list("TX"), "theme": "Bond"})
    tables = {"elements": elements, "crosswalk": pd.DataFrame(rows, columns=columns),
              "concepts": concepts}  # fmt: skip
    found = compute_agreement(Collection.of(tables), draws=20)
    words = describe_agreement_concepts(found)
    return f"{words.caption} {words.alt} {words.description} {' '.join(found_agreement(found))}"


def lens_of_upset(coded: bool) -> str:
    one = three_frameworks()
    kept = one.frameworks if not coded else one.frameworks[one.frameworks["framework_id"] != "d"]
    figure = make("overlap-upset", small(frameworks=kept))
    return " ".join(
        text.get_text() for text in figure.drawing.findobj(lambda a: hasattr(a, "get_text"))
    )


PLAIN = mapped()
UNLINKED = PLAIN.claim_concepts.iloc[:0]
SURVEYED = PLAIN.frameworks.assign(source="survey-2002")
IN_PROBATION = PLAIN.studies.assign(setting="probation")
NO_ASKED = PLAIN.studies.assign(voices="not_applicable")

# What is said, where it is so, and what is said where it is not.
CASES: list[tuple[str, Words, str, Words]] = [
    # timeline-concepts
    ("is The five (2004)", history, "are The five and The lost (2004)",
     lambda: history({"lost": "2004"})),
    ("Trust is named in the most settings, 2.", history, "first framework with a year",
     lambda: history(settings="prison")),
    ("named only by frameworks without a year: Hope", history, "Latest to have a dated framework",
     lambda: history({"lost": "2010"})),
    ("1 of 2 frameworks has no year", history, "No framework is without a year, of 2.",
     lambda: history({"lost": "2010"})),
    ("Dated frameworks are in 2004", history, "from 2004 to 2010",
     lambda: history({"lost": "2010"})),
    ("1 concept begins in 2004", history, "2 concepts begin in 2004",
     lambda: history({"lost": "2004"})),
    ("The first framework", history, "has a year.", lambda: history({"five": "not_reported"})),
    # timeline-works
    ("3 works of 3 have a year; they run from", lambda: timeline(literature(["2010", "2011", "2019"])),
     "1 work of 2 has a year; all are from 2010", lambda: timeline(literature(["2010", ""]))),
    ("have a year", lambda: timeline(literature(["2010", "2011"])), "None of the 2 works has a year.",
     lambda: timeline(literature(["", ""]))),
    ("the longest gap is", lambda: timeline(with_misprint()), "they run from 2010 to 2011",
     lambda: timeline(literature(["2010", "2011"]))),
    ("8 years too late", lambda: timeline(with_misprint("2012")), "2 years too early",
     lambda: timeline(with_misprint("2002"))),
    ("is printed as", lambda: timeline(with_misprint("2012")), "3 works of 3",
     lambda: timeline(with_misprint("2004"))),
    ("The fullest: 2010, 2 works", lambda: timeline(literature(["2010", "2010", "2011"])),
     "No year has more than 1 work", lambda: timeline(literature(["2010", "2011", "2012"]))),
    ("listed work", lambda: timeline(literature(["2010", "2011"])), "Half of the 2 works with a year",
     lambda: timeline(literature(["2010", "2011"], ["added"]))),
    # findings-forest
    ("No appraisal of quality was made.", forest, "was appraised for all of them",
     lambda: forest(appraisal="AMSTAR 2: low")),
    ("No appraisal of quality was made.", forest, "was appraised for 1 of 6",
     lambda: forest(appraisal=["AMSTAR 2: low", *["not_coded"] * 5])),
    ("appraisal of quality: none", forest, "appraisal of quality: AMSTAR 2: low",
     lambda: forest(appraisal="AMSTAR 2: low")),
    ("Numbers of designs are steps of a ladder", lambda: forest_note(ladder=True),
     "confidence intervals", lambda: forest_note(ladder=False)),
    ("The 3 measures have an axis each", forest, "Nothing is pooled.",
     lambda: forest(only=[1, 2])),
    ("do not all overlap", forest, "and their intervals overlap", lambda: forest((2, 6, "0.55"))),
    ("the reports differ", forest, "An interval is known", lambda: forest((3, 11, "favourable"))),
    ("has a finding here; 1 with", forest, "1 finding from 1 work",
     lambda: forest(only=[1])),
    ("with an effect in numbers", forest, "; none with a number.", lambda: forest(only=[3])),
    # gaps-map
    ("named by no framework: Luck", gaps, "Of 5 concepts: 1 without claim or study",
     lambda: gaps(concepts=PLAIN.codebook[PLAIN.codebook["concept_id"] != "luck"])),
    ("has a study, but no synthesis: Hope", gaps, "No concept is known to have a study, but no",
     lambda: gaps(studies=works("literature review"))),
    ("1 with studies but no synthesis", gaps, "Of 6 concepts: 1 named by no framework.",
     lambda: gaps(studies=works("literature review"))),
    ("named by no framework", gaps, "none lacks a framework or a synthesis.", all_supported),
    ("1 speaks against it", gaps, "none speaks against it", lambda: gaps(claim_concepts=links("for"))),
    ("1 speaks against it", gaps, "3 speak against it", lambda: gaps(claim_concepts=links("mixed"))),
    ("Trust has the most works, 3", gaps, "Hope and Trust have the most works, 1",
     lambda: gaps(frameworks=PLAIN.frameworks.assign(source="nowhere-nd"))),
    ("link", gaps, "Luck", lambda: gaps(claim_concepts=UNLINKED)),
    # gaps-setting
    ("a framework but no work from there", sides, "Nothing in the collection bears on a concept",
     lambda: sides(crosswalk=PLAIN.crosswalk.iloc[:0], claim_concepts=UNLINKED)),
    ("1 has a framework but no work from there", sides, "Wherever a framework names a concept, a work",
     lambda: sides(frameworks=SURVEYED, studies=IN_PROBATION)),
    ("A ring is an invitation", sides, "bears on it: 5 places have both",
     lambda: sides(frameworks=SURVEYED, studies=IN_PROBATION)),
    ("4 places have both", sides, "No place has both",
     lambda: sides(studies=PLAIN.studies.assign(setting="not_coded"))),
    ("On 2 concepts bears a work whose setting", sides, "5 places have both",
     lambda: sides(frameworks=SURVEYED, studies=IN_PROBATION)),
    # gaps-voices
    ("not among those coded as asked: everybody and victims", voices, "Asked were children",
     lambda: voices(frameworks=PLAIN.frameworks.assign(people="children"),
                    claims=PLAIN.claims.assign(people="children"))),
    ("Asked were children", voices, "No source is coded yet as having asked anybody.",
     lambda: voices(studies=NO_ASKED, frameworks=PLAIN.frameworks.assign(kind="principles"))),
    ("The voices of 2 works are not yet coded", voices, "somebody was asked",
     lambda: voices(studies=PLAIN.studies.assign(voices="children"))),
    # audit-references
    ("without listing it: Elm", audit, "The page lists",
     lambda: audit(elm=("added", "not_applicable", "verified"))),
    ("printed wrongly in some point", audit, "No listed work is known to be printed wrongly.",
     lambda: audit(birch=("added", "not_applicable", "verified"))),
    # overlap-upset and overlap-settings
    ("1 is in all", lambda: upset({"A": ["x"], "B": ["x"]}), "none is in all",
     lambda: upset({"A": ["x"], "B": ["x"], "C": ["y"]})),
    ("none is in one alone", lambda: upset({"A": ["x"], "B": ["x"]}), "2 are in one alone",
     lambda: upset({"A": ["x", "y", "z"], "B": ["x"]})),
    ("of two or more is A + B", lambda: upset({"A": ["x", "y"], "B": ["x"]}),
     "The largest combination is A alone", lambda: upset({"A": ["x", "y"], "B": ["z"]})),
    ("Everything else: 1 item", lambda: upset({"A": ["x", "y"], "B": ["z"]}, largest=1), "3 items",
     lambda: upset({"A": ["x", "y"], "B": ["z"]})),
    ("Left out, without coded elements: 1 framework.", lambda: lens_of_upset(coded=False),
     "What counts (reading)", lambda: lens_of_upset(coded=True)),
    # overlap-fingerprint
    ("it has x, which no other set has", lambda: fingerprint({"A": ["x"], "B": ["y"]}),
     "at least one other set has each of them", lambda: fingerprint({"A": ["x"], "B": ["x", "y"]})),
    ("most widely held and not here: y", lambda: fingerprint({"A": ["x"], "B": ["y"]}),
     "it has every item that any other has", lambda: fingerprint({"A": ["x", "y"], "B": ["y"]})),
    # overlap-matrix
    ("Care is named by none", lambda: matrix(small()), "every concept by some",
     lambda: matrix(small(concepts=small().codebook.iloc[1:]))),
    ("1 framework could not be compared", lambda: matrix(small()), "3 frameworks by 4 concepts",
     lambda: matrix(small(frameworks=small().frameworks.iloc[:3]))),
    ("by 3 of 4 concepts", lambda: matrix(small()), "by 3 concepts, marked",
     lambda: matrix(small(concepts=small().codebook.iloc[1:]))),
    # overlap-meeting
    ("share 1 of", lambda: meeting(("a", "b")), "share 0 of", lambda: meeting(("b", "c"))),
    ("B alone has Time", lambda: meeting(("a", "b")), "C alone has nothing", lambda: meeting(("a", "c"))),
    # overlap-sensitivity
    ("moves most", lambda: sensitivity(small()), "No count moves.", lambda: sensitivity(judged())),
    ("at the top of the baseline", lambda: sensitivity(small()),
     "No concept is named under the baseline", lambda: sensitivity(judged("related"))),
    # agreement-concepts
    ("they agree least on", lambda: agreement("tttx", "ttxx"), "On 2 of 2 concepts",
     lambda: agreement("ttxx", "ttxx")),
    ("alpha 0.", lambda: agreement("ttxx", "ttxt"), "alpha not defined",
     lambda: agreement("tttt", "tttt")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "where", "instead", "elsewhere"), CASES, ids=[case[0][:40] for case in CASES]
)
def test_a_sentence_is_not_said_where_it_is_false(
    said: str, where: Words, instead: str, elsewhere: Words
) -> None:
    true, false = where(), elsewhere()
    assert said in true
    assert said not in false, false
    assert instead in false, false


def test_numbers_round_without_a_minus_before_nothing() -> None:
    for text in (agreement("tttx", "ttxt"), agreement("tx", "xt")):
        assert "-0" not in text
        assert "−0.00" not in text
