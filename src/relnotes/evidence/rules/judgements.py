"""Rules for judgements: coding, counts and claims hang together."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.lexical import LEXICAL, code_lexically
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.schema import DESCRIPTOR, NO_CONCEPT
from relnotes.evidence.vocabulary import EMPTIES
from relnotes.evidence.wording import comparable, terms_standing_in


@rule(
    good=Example("crosswalk.csv", "close,explicit,The wording holds the term ‘trust’.", "close,explicit,The wording holds the term ‘trust’."),
    bad=Example("crosswalk.csv", "related,interpreted,To believe", "related,explicit,To believe"),
)  # fmt: skip
def explicit_basis(evidence: Evidence) -> list[Fault]:
    """A judgement is explicit only if one of the concept's terms stands in the wording."""
    table = evidence.schema.table("crosswalk")
    frame = evidence.frame("crosswalk")
    explicit = frame[frame["basis"] == "explicit"]
    concepts = evidence.frame("concepts").drop_duplicates("concept_id").set_index("concept_id")
    elements = evidence.frame("elements").drop_duplicates("element_id").set_index("element_id")
    wording = explicit["element_id"].map(elements["wording"])
    terms = explicit["concept_id"].map(concepts["terms"])
    known = wording.notna() & terms.notna()
    pairs = pd.DataFrame({"wording": wording[known], "terms": terms[known]})
    distinct = pairs.drop_duplicates()
    silent = {
        (w, t)
        for w, t in zip(distinct["wording"], distinct["terms"], strict=True)
        if not terms_standing_in(t.split(";"), w)
    }
    if not silent:
        return []
    wrong = [pair in silent for pair in zip(pairs["wording"], pairs["terms"], strict=True)]
    return evidence.faults_where(
        table,
        "basis",
        explicit.loc[pairs.index[wrong], "basis"],
        "None of the concept's terms stands in the element's wording.",
        "Write interpreted, or add the word to the concept's terms.",
    )


@rule(
    good=Example("crosswalk.csv", "The wording holds the term ‘goals’.", "The wording holds the term ‘goals’."),
    bad=Example("crosswalk.csv", "bond-02,agreed goals,goals,Goals,close,explicit,The wording holds the term ‘goals’.,lexical\n", ""),
)  # fmt: skip
def lexical_current(evidence: Evidence) -> list[Fault]:
    """The lexical coding is what the terms give, no more and no less.

    It is made by rule and never edited: `relnotes code-lexical` makes it anew.
    """
    table = evidence.schema.table("crosswalk")
    if not (
        evidence.whole("elements") and evidence.whole("concepts") and evidence.whole(table.name)
    ):
        return []
    frame = evidence.frame("crosswalk")
    stored = frame[frame["coder"] == LEXICAL]
    if stored.empty:
        return []
    made = code_lexically(evidence.frame("elements"), evidence.frame("concepts"))
    there = dict(zip(zip(stored["element_id"], stored["concept_id"], strict=True),
                     stored.index, strict=True))  # fmt: skip
    wanted = set(zip(made["element_id"], made["concept_id"], strict=True))
    mend = "Run relnotes code-lexical, which makes the lexical rows anew."
    extra = [there[pair] for pair in there if pair not in wanted]
    faults = evidence.faults_where(
        table,
        "coder",
        stored.loc[extra, "coder"],
        "The terms do not give this lexical row.",
        mend,
    )
    missing = sorted(wanted - set(there))
    if missing:
        shown = ", ".join("/".join(pair) for pair in missing[:5])
        faults.append(
            Fault("", table.path, f"{len(missing)} lexical rows are missing.", mend, value=shown)
        )
    return faults


@rule(
    severity="notice",
    good=Example("crosswalk.csv", "To believe somebody", "To believe a person"),
    bad=Example(
        "crosswalk.csv",
        "plan-02,being believed,trust,Trust,related,interpreted,"
        "To believe somebody is to trust their word.,reading\n",
        "",
    ),
)
def element_unjudged(evidence: Evidence) -> list[Fault]:
    """Every element is related to at least one concept."""
    if not evidence.whole("crosswalk"):
        return []
    judged = evidence.ids("crosswalk", "element_id")
    elements = evidence.frame("elements")["element_id"]
    return evidence.faults_where(
        evidence.schema.table("elements"),
        "element_id",
        elements[~elements.isin(judged)],
        "No row of the crosswalk judges the element.",
        "Add a row that relates it to a concept, with a reason.",
    )


@rule(
    good=Example("crosswalk.csv", "To believe somebody", "To believe a person"),
    bad=Example(
        "crosswalk.csv",
        "plan-02,being believed,trust",
        "plan-02,being believed,no-concept,No concept,related,interpreted,It names none.,reading\n"
        "plan-02,being believed,trust",
    ),
)
def no_concept_alone(evidence: Evidence) -> list[Fault]:
    """An element that a coding says names no concept is related to none by that coding."""
    frame = evidence.frame("crosswalk")
    none = frame["concept_id"] == NO_CONCEPT
    named = set(zip(frame["element_id"][~none], frame["coder"][~none], strict=True))
    both = [
        pair in named for pair in zip(frame["element_id"][none], frame["coder"][none], strict=True)
    ]
    return evidence.faults_where(
        evidence.schema.table("crosswalk"),
        "concept_id",
        frame.loc[none, "concept_id"][both],
        "The same coding relates the element to a concept.",
        "Remove this row or the others.",
    )


@rule(
    good=Example("crosswalk.csv", "To believe somebody", "To believe a person"),
    bad=Example(
        "crosswalk.csv",
        "",
        "element_id,element_wording,concept_id,concept_label,relation,basis,reason,coder\n"
        "bond-01,mutual trust,trust,Trust,exact,explicit,Trust is named.,ann\n",
    ),
)
def unknown_coding(evidence: Evidence) -> list[Fault]:
    """The coding that the descriptor names has rows in the crosswalk."""
    chosen, coders = evidence.schema.coding, evidence.ids("crosswalk", "coder")
    if not chosen or chosen in coders or not evidence.whole("crosswalk"):
        return []
    mend = f"Write one of: {', '.join(sorted(coders))}." if coders else "Judge the elements first."
    return [Fault("", DESCRIPTOR, "No row of the crosswalk is of this coding.", mend, value=chosen)]


_FEWEST_WORDS, _FEWEST_ALIKE = 5, 3


@rule(
    severity="notice",
    good=Example("elements.csv", "plan-01,plan,Plan,1,not_applicable,shared", "plan-01,plan,Plan,1,not_applicable,shared"),
    bad=Example("elements.csv", "bond-01,bond,Bond,1,not_applicable,mutual trust,Each relies on the other.,doe-2001[p. 3],verified,\nbond-02,bond,Bond,2,not_applicable,agreed goals",
        "bond-01,bond,Bond,1,not_applicable,mutual trust,Each relies on the other.,doe-2001[p. 3],verified,\nbond-02,bond,Bond,2,not_applicable,Goals shared by both of them,Both want the same end.,doe-2001[p. 3],verified,\n"
        "plan-03,plan,Plan,3,not_applicable,goals shared by both of them"),
)  # fmt: skip
def same_words_apart(evidence: Evidence) -> list[Fault]:
    """Sets that use the same words are of one family, or their notes say why not.

    Noticed are two sets of different families with a wording of five words or more in common, or
    with three wordings in common that are half of the smaller set.
    """
    frameworks, elements = evidence.frame("frameworks"), evidence.frame("elements")
    family = dict(zip(frameworks["framework_id"], frameworks["family"], strict=True))
    of_wording: dict[str, set[str]] = {}
    for name, wording in zip(elements["framework_id"], elements["wording"], strict=True):
        of_wording.setdefault(comparable(wording), set()).add(name)
    sizes = elements["framework_id"].value_counts()
    alike: Counter[tuple[str, str]] = Counter()
    for wording, names in of_wording.items():
        weight = _FEWEST_ALIKE if len(wording.split()) >= _FEWEST_WORDS else 1
        for pair in combinations(sorted(names & family.keys()), 2):
            alike[pair] += weight
    of: dict[str, list[str]] = {}
    for (first, second), weight in sorted(alike.items()):
        kin = family[first] == family[second] and family[first] not in EMPTIES
        if not kin and weight >= _FEWEST_ALIKE and 2 * weight >= min(sizes[first], sizes[second]):
            of.setdefault(second, []).append(first)
    unsaid = frameworks[frameworks["framework_id"].isin(list(of)) & (frameworks["note"] == "")]
    faults = []
    for line, name in unsaid["framework_id"].items():
        firsts = of[name]
        more = f" and {len(firsts) - _FEWEST_ALIKE} more" if len(firsts) > _FEWEST_ALIKE else ""
        faults += evidence.faults_where(
            evidence.schema.table("frameworks"),
            "family",
            unsaid.loc[unsaid.index == line, "family"],
            f"The set has wordings of {', '.join(firsts[:_FEWEST_ALIKE])}{more}, "
            f"which {'are' if len(firsts) > 1 else 'is'} of another family.",
            "Give them one family, or say in the note why they are voices of their own.",
        )
    return faults


@rule(
    severity="notice",
    good=Example("frameworks.csv", "2001,2,complete", "2001,not_reported,complete"),
    bad=Example("frameworks.csv", "2001,2,complete", "2001,7,partial"),
)
def stated_more(evidence: Evidence) -> list[Fault]:
    """Where a source promises more elements than are known, the gap is said aloud."""
    if not evidence.whole("elements"):
        return []
    frame = evidence.frame("frameworks")
    stated = pd.to_numeric(frame["stated_count"], errors="coerce")
    counted = _counted(evidence)
    faults = []
    for line in frame.index[(stated > counted).fillna(False)]:
        faults += evidence.faults_where(
            evidence.schema.table("frameworks"),
            "stated_count",
            frame["stated_count"][frame.index == line],
            f"The source promises {stated[line]:.0f} elements; {counted[line]} are known.",
            "Add them when they are found; do not fill them in.",
        )
    return faults


def _counted(evidence: Evidence) -> pd.Series[int]:
    counts = evidence.frame("elements")["framework_id"].value_counts()
    return evidence.frame("frameworks")["framework_id"].map(counts).fillna(0).astype(int)


@rule(
    good=Example("frameworks.csv", "2001,2,complete", "2001,not_reported,complete"),
    bad=Example("frameworks.csv", "2001,2,complete", "2001,3,complete"),
)
def completeness_agrees(evidence: Evidence) -> list[Fault]:
    """A framework's completeness agrees with its elements and its stated count.

    A complete set has all the elements its source states, a set that is
    named only has none, and a partial one has fewer. A set without elements is
    unfinished.
    """
    if not evidence.whole("elements"):
        return []
    frame = evidence.frame("frameworks")
    stated = pd.to_numeric(frame["stated_count"], errors="coerce")
    counted = _counted(evidence)
    said = frame["completeness"]
    wrong = (
        ((said == "complete") & stated.notna() & (stated != counted))
        | (said == "named_only")
        | ((said == "partial") & (stated <= counted).fillna(False))
    ) & (counted > 0)  # a set without elements is begun, and says nothing false yet
    faults = []
    for line in frame.index[wrong]:
        faults += evidence.faults_where(
            evidence.schema.table("frameworks"),
            "completeness",
            said[said.index == line],
            f"The set has {counted[line]} elements in the tables; "
            f"its stated count is {frame['stated_count'][line]}.",
            "Mend the completeness, the stated count or the elements.",
        )
    return faults


@rule(
    stage="opening",
    good=Example("concepts.csv", "goals;aims,not_applicable", "goals;aims,trust"),
    bad=Example("concepts.csv", "goals;aims,not_applicable", "goals;aims,goals"),
)
def concept_loop(evidence: Evidence) -> list[Fault]:
    """Broader concepts form a tree: nobody is their own ancestor."""
    table = evidence.schema.table("concepts")
    frame = evidence.frame("concepts").drop_duplicates("concept_id")
    parents = dict(zip(frame["concept_id"], frame["broader"], strict=True))
    looping = []
    for concept, parent in parents.items():
        seen, at = {concept}, parent
        while at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        if at == concept:
            looping.append(concept)
    cells = frame["broader"][frame["concept_id"].isin(looping)]
    return evidence.faults_where(
        table,
        "broader",
        cells,
        "Going up from the concept leads back to it.",
        "Write the concept one step above, or not_applicable.",
    )


@rule(
    severity="notice",
    good=Example("concepts.csv", "goals,Goals", "goals,Goals"),
    bad=Example(
        "concepts.csv",
        "trust,Trust,Bond",
        "hope,Hope,Bond,A better future.,Hope.,Goals.,hope,not_applicable,plan-02,not_applicable,\n"
        "trust,Trust,Bond",
    ),
)
def concept_alone(evidence: Evidence) -> list[Fault]:
    """A concept is used by two elements at least, unless its note says why not."""
    if not evidence.whole("crosswalk"):
        return []
    frame = evidence.frame("concepts")
    frame = frame[frame["concept_id"] != NO_CONCEPT]
    crosswalk = evidence.frame("crosswalk")
    # Within one coding an element stands once beside a concept, so two rows are two elements;
    # only the concepts that no coding uses twice are counted element by element.
    often = {c for _, rows in crosswalk.groupby("coder")["concept_id"] for c in _twice(rows)}
    rare = crosswalk[~crosswalk["concept_id"].isin(often)]
    used = rare.drop_duplicates(["element_id", "concept_id"])["concept_id"].value_counts()
    counts = frame["concept_id"].map(used).fillna(0)
    alone = (counts < 2) & ~frame["concept_id"].isin(often)
    return evidence.faults_where(
        evidence.schema.table("concepts"),
        "concept_id",
        frame["concept_id"][alone & (frame["note"] == "")],
        "Fewer than two elements use the concept.",
        "Merge it into another concept, or say in its note why it stands alone.",
    )


def _twice(cells: pd.Series[str]) -> list[str]:
    counts = cells.value_counts()
    return list(counts.index[counts >= 2])


@rule(
    good=Example("concepts.csv", "bond-02,plan-01", "plan-01,bond-02"),
    bad=Example("concepts.csv", "bond-02,plan-01", "bond-01,plan-01"),
)
def example_belongs(evidence: Evidence) -> list[Fault]:
    """A concept's example and borderline case, once judged, are elements related to it."""
    if not evidence.whole("crosswalk"):
        return []
    table = evidence.schema.table("concepts")
    frame = evidence.frame("concepts")
    crosswalk = evidence.frame("crosswalk")
    shown = crosswalk[crosswalk["element_id"].isin([*frame["example"], *frame["borderline"]])]
    pairs = set(zip(shown["element_id"], shown["concept_id"], strict=True))
    faults = []
    for column in ("example", "borderline"):
        cells = evidence.values(table, column)
        cells = cells[cells.isin(crosswalk["element_id"])]  # what nobody has judged is unfinished
        concepts = frame.loc[cells.index, "concept_id"]
        wrong = [pair not in pairs for pair in zip(cells, concepts, strict=True)]
        faults += evidence.faults_where(
            table,
            column,
            cells[wrong],
            "No row of the crosswalk relates the element to the concept.",
            "Choose an element that is, or add the judgement.",
        )
    return faults


@rule(
    good=Example("corrections.csv", "2011,2001,", "2010,2001,"),
    bad=Example("corrections.csv", "2011,2001,", "2001,2001,"),
)
def correction_differs(evidence: Evidence) -> list[Fault]:
    """A correction changes what is printed."""
    frame = evidence.frame("corrections")
    return evidence.faults_where(
        evidence.schema.table("corrections"),
        "corrected",
        frame["corrected"][frame["corrected"] == frame["printed"]],
        "The corrected value is the printed one.",
        "Write what it should say, or remove the row.",
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


@rule(
    good=Example("corrections.csv", "doe-2001,year,2011", "doe-2001,entry,2011"),
    bad=Example("corrections.csv", "2011,2001,", "2011,2002,"),
)
def correction_applied(evidence: Evidence) -> list[Fault]:
    """A corrected field stands corrected in the bibliography.

    Corrections of the whole reference (field entry) are left to the reader,
    and so are those of punctuation, which no field holds.
    """
    frame = evidence.frame("corrections")
    faults = []
    for line, row in frame.iterrows():
        work = evidence.bibliography.get(row["key"])
        if work is None or row["field"] not in work.fields:
            continue
        corrected = _words(row["corrected"])
        if corrected != _words(row["printed"]) and not corrected <= _words(work.raw):
            faults += evidence.faults_where(
                evidence.schema.table("corrections"),
                "corrected",
                frame["corrected"][frame.index == line],
                f"The bibliography says ‘{work.text(row['field'])}’ for {row['field']}.",
                "Mend the entry or the correction.",
            )
    return faults


@rule(
    good=Example("studies.csv", "page-nd-sample,added,web page,Office of Examples,not_applicable,not_applicable,not_applicable,probation,Utopia,not_applicable,not_applicable", "page-nd-sample,listed,web page,Office of Examples,not_applicable,not_applicable,not_applicable,probation,Utopia,not_applicable,no"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,yes", "roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,no"),
)  # fmt: skip
def origin_agrees(evidence: Evidence) -> list[Fault]:
    """A work that is named is named in the text; for an added work the question does not arise."""
    frame = evidence.frame("studies")
    wrong = ((frame["origin"] == "named") & (frame["named_in_text"] != "yes")) | (
        (frame["origin"] == "added") & (frame["named_in_text"] != "not_applicable")
    )
    return evidence.faults_where(
        evidence.schema.table("studies"),
        "named_in_text",
        frame["named_in_text"][wrong],
        "The value does not fit the work's origin.",
        "Write yes for a named work and not_applicable for an added one, or mend the origin.",
    )
