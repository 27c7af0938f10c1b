"""Rules for judgements: coding, counts and claims hang together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations

import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.lexical import LEXICAL, code_lexically
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.rules.shapes import row_rule
from relnotes.evidence.schema import DESCRIPTOR, NO_CONCEPT
from relnotes.evidence.vocabulary import EMPTIES
from relnotes.evidence.wording import comparable, terms_standing_in


@row_rule(
    "crosswalk", "basis",
    "None of the concept's terms stands in the element's wording.",
    "Write interpreted, or add the word to the concept's terms.",
    good=Example("crosswalk.csv", "close,explicit,The wording holds the term ‘trust’.", "close,explicit,The wording holds the term ‘trust’."),
    bad=Example("crosswalk.csv", "related,interpreted,To believe", "related,explicit,To believe"),
)  # fmt: skip
def explicit_basis(evidence: Evidence) -> Iterator[int]:
    """A judgement is explicit only if one of the concept's terms stands in the wording."""
    concepts, elements = evidence.frame("concepts"), evidence.frame("elements")
    terms = dict(zip(concepts["concept_id"], concepts["terms"], strict=True))
    wordings = dict(zip(elements["element_id"], elements["wording"], strict=True))

    @cache
    def stands(concept: str, wording: str) -> bool:
        return bool(terms_standing_in(terms[concept].split(";"), wording))

    frame = evidence.frame("crosswalk")
    explicit = frame[frame["basis"] == "explicit"][["element_id", "concept_id"]]
    for line, element, concept in explicit.itertuples():
        if element in wordings and concept in terms and not stands(concept, wordings[element]):
            yield line


@rule(
    good=Example("crosswalk.csv", "The wording holds the term ‘goals’.", "The wording holds the term ‘goals’."),
    bad=Example("crosswalk.csv", "bond-02,agreed goals,goals,Goals,close,explicit,The wording holds the term ‘goals’.,lexical\n", ""),
)  # fmt: skip
def lexical_current(evidence: Evidence) -> Iterator[Fault]:
    """The lexical coding is what the terms give, no more and no less.

    It is made by rule and never edited: `relnotes code-lexical` makes it anew.
    """
    table, frame = evidence.schema.table("crosswalk"), evidence.frame("crosswalk")
    stored = frame[frame["coder"] == LEXICAL]
    if stored.empty or not all(map(evidence.whole, ("elements", "concepts", "crosswalk"))):
        return
    made = code_lexically(evidence.frame("elements"), evidence.frame("concepts"))
    there = dict(zip(zip(stored["element_id"], stored["concept_id"], strict=True),
                     stored.index, strict=True))  # fmt: skip
    wanted = set(zip(made["element_id"], made["concept_id"], strict=True))
    mend = "Run relnotes code-lexical, which makes the lexical rows anew."
    for pair in there.keys() - wanted:
        message = "The terms do not give this lexical row."
        yield evidence.fault(table, "coder", there[pair], message, mend)
    if missing := sorted(wanted - there.keys()):
        message = f"{len(missing)} lexical rows are missing."
        shown = ", ".join("/".join(pair) for pair in missing[:5])
        yield Fault("", table.path, message, mend, value=shown)


@row_rule(
    "elements", "element_id",
    "No row of the crosswalk judges the element.",
    "Add a row that relates it to a concept, with a reason.",
    whole="crosswalk",
    severity="notice",
    good=Example("crosswalk.csv", "To believe somebody", "To believe a person"),
    bad=Example(
        "crosswalk.csv",
        "plan-02,being believed,trust,Trust,related,interpreted,"
        "To believe somebody is to trust their word.,reading\n",
        "",
    ),
)  # fmt: skip
def element_unjudged(evidence: Evidence) -> Iterable[int]:
    """Every element is related to at least one concept."""
    elements = evidence.frame("elements")["element_id"]
    return elements.index[~elements.isin(evidence.ids("crosswalk", "element_id"))]


@row_rule(
    "crosswalk", "concept_id",
    "The same coding relates the element to a concept.", "Remove this row or the others.",
    good=Example("crosswalk.csv", "To believe somebody", "To believe a person"),
    bad=Example(
        "crosswalk.csv",
        "plan-02,being believed,trust",
        "plan-02,being believed,no-concept,No concept,related,interpreted,It names none.,reading\n"
        "plan-02,being believed,trust",
    ),
)  # fmt: skip
def no_concept_alone(evidence: Evidence) -> Iterable[int]:
    """An element that a coding says names no concept is related to none by that coding."""
    crosswalk = evidence.frame("crosswalk")
    silent = crosswalk["element_id"][crosswalk["concept_id"] == NO_CONCEPT]
    frame = crosswalk[crosswalk["element_id"].isin(silent)]
    none = frame["concept_id"] == NO_CONCEPT
    judged = frame["element_id"] + " " + frame["coder"]
    return frame.index[none & judged.isin(judged[~none])]


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


@row_rule(
    "frameworks", "family",
    "The set has wordings of {}, which {} of another family.",
    "Give them one family, or say in the note why they are voices of their own.",
    severity="notice",
    good=Example("elements.csv", "plan-01,plan,Plan,1,not_applicable,shared", "plan-01,plan,Plan,1,not_applicable,shared"),
    bad=Example("elements.csv", "bond-01,bond,Bond,1,not_applicable,mutual trust,Each relies on the other.,doe-2001[p. 3],verified,\nbond-02,bond,Bond,2,not_applicable,agreed goals",
        "bond-01,bond,Bond,1,not_applicable,mutual trust,Each relies on the other.,doe-2001[p. 3],verified,\nbond-02,bond,Bond,2,not_applicable,Goals shared by both of them,Both want the same end.,doe-2001[p. 3],verified,\n"
        "plan-03,plan,Plan,3,not_applicable,goals shared by both of them"),
)  # fmt: skip
def same_words_apart(evidence: Evidence) -> Iterator[tuple[int, str, str]]:
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
    for line, name, note in frameworks[["framework_id", "note"]].itertuples():
        firsts = of.get(name, [])
        if firsts and not note:
            more = len(firsts) - _FEWEST_ALIKE
            others = f" and {more} more" if more > 0 else ""
            yield (
                line,
                ", ".join(firsts[:_FEWEST_ALIKE]) + others,
                "are" if len(firsts) > 1 else "is",
            )


@row_rule(
    "frameworks", "stated_count",
    "The source promises {:.0f} elements; {} are known.",
    "Add them when they are found; do not fill them in.",
    whole="elements",
    severity="notice",
    good=Example("frameworks.csv", "2001,2,complete", "2001,not_reported,complete"),
    bad=Example("frameworks.csv", "2001,2,complete", "2001,7,partial"),
)  # fmt: skip
def stated_more(evidence: Evidence) -> Iterator[tuple[int, float, int]]:
    """Where a source promises more elements than are known, the gap is said aloud."""
    for line, stated, known, _ in _stated_and_known(evidence):
        if stated > known:
            yield line, stated, known


def _stated_and_known(evidence: Evidence) -> Iterator[tuple[int, float, int, str]]:
    """Yield line, elements stated (NaN for none), elements known and completeness of each set."""
    frame = evidence.frame("frameworks")
    stated = pd.to_numeric(frame["stated_count"], errors="coerce")
    known = Counter(evidence.frame("elements")["framework_id"])
    for line, name, completeness in frame[["framework_id", "completeness"]].itertuples():
        yield line, stated[line], known[name], completeness


@row_rule(
    "frameworks", "completeness",
    "The set has {} elements in the tables; its stated count is {}.",
    "Mend the completeness, the stated count or the elements.",
    whole="elements",
    good=Example("frameworks.csv", "2001,2,complete", "2001,not_reported,complete"),
    bad=Example("frameworks.csv", "2001,2,complete", "2001,3,complete"),
)  # fmt: skip
def completeness_agrees(evidence: Evidence) -> Iterator[tuple[int, int, str]]:
    """A framework's completeness agrees with its elements and its stated count.

    A complete set has all the elements its source states, a set that is
    named only has none, and a partial one has fewer. A set without elements is
    unfinished.
    """
    words = evidence.frame("frameworks")["stated_count"]
    for line, stated, known, completeness in _stated_and_known(evidence):
        wrong = {
            "complete": stated < known or stated > known,  # neither where none is stated
            "partial": stated <= known,
            "named_only": True,
        }
        if known and wrong.get(completeness, False):
            yield line, known, words[line]


@row_rule(
    "concepts", "broader",
    "Going up from the concept leads back to it.",
    "Write the concept one step above, or not_applicable.",
    stage="opening",
    good=Example("concepts.csv", "goals;aims,not_applicable", "goals;aims,trust"),
    bad=Example("concepts.csv", "goals;aims,not_applicable", "goals;aims,goals"),
)  # fmt: skip
def concept_loop(evidence: Evidence) -> Iterator[int]:
    """Broader concepts form a tree: nobody is their own ancestor."""
    frame = evidence.frame("concepts").drop_duplicates("concept_id")
    parents = dict(zip(frame["concept_id"], frame["broader"], strict=True))
    for line, concept in zip(frame.index, parents, strict=True):
        seen, at = {concept}, parents[concept]
        while at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        if at == concept:
            yield line


@row_rule(
    "concepts",
    "concept_id",
    "Fewer than two elements use the concept.",
    "Merge it into another concept, or say in its note why it stands alone.",
    whole="crosswalk",
    severity="notice",
    good=Example("concepts.csv", "goals,Goals", "goals,Goals"),
    bad=Example(
        "concepts.csv",
        "trust,Trust,Bond",
        "hope,Hope,Bond,A better future.,Hope.,Goals.,hope,not_applicable,plan-02,not_applicable,\n"
        "trust,Trust,Bond",
    ),
)
def concept_alone(evidence: Evidence) -> Iterable[int]:
    """A concept is used by two elements at least, unless its note says why not."""
    used = evidence.frame("crosswalk").groupby("concept_id")["element_id"].nunique()
    for line, concept, note in evidence.frame("concepts")[["concept_id", "note"]].itertuples():
        if used.get(concept, 0) < 2 and concept != NO_CONCEPT and note == "":
            yield line


@rule(
    good=Example("concepts.csv", "bond-02,plan-01", "plan-01,bond-02"),
    bad=Example("concepts.csv", "bond-02,plan-01", "bond-01,plan-01"),
)
def example_belongs(evidence: Evidence) -> Iterator[Fault]:
    """A concept's example and borderline case, once judged, are elements related to it."""
    if not evidence.whole("crosswalk"):
        return
    table, frame = evidence.schema.table("concepts"), evidence.frame("concepts")
    judged: dict[str, set[str]] = {}
    crosswalk = evidence.frame("crosswalk")
    shown = crosswalk[crosswalk["element_id"].isin([*frame["example"], *frame["borderline"]])]
    for element, concept in zip(shown["element_id"], shown["concept_id"], strict=True):
        judged.setdefault(element, set()).add(concept)
    message = "No row of the crosswalk relates the element to the concept."
    mend = "Choose an element that is, or add the judgement."
    for column in ("example", "borderline"):
        for line, concept, element in frame[["concept_id", column]].itertuples():
            # What nobody has judged is unfinished.
            if element and concept not in judged.get(element, {concept}):
                yield evidence.fault(table, column, line, message, mend)


@row_rule(
    "corrections", "corrected",
    "The corrected value is the printed one.", "Write what it should say, or remove the row.",
    good=Example("corrections.csv", "2011,2001,", "2010,2001,"),
    bad=Example("corrections.csv", "2011,2001,", "2001,2001,"),
)  # fmt: skip
def correction_differs(evidence: Evidence) -> Iterable[int]:
    """A correction changes what is printed."""
    frame = evidence.frame("corrections")
    return frame.index[frame["corrected"] == frame["printed"]]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


@row_rule(
    "corrections", "corrected",
    "The bibliography says ‘{}’ for {}.", "Mend the entry or the correction.",
    good=Example("corrections.csv", "doe-2001,year,2011", "doe-2001,entry,2011"),
    bad=Example("corrections.csv", "2011,2001,", "2011,2002,"),
)  # fmt: skip
def correction_applied(evidence: Evidence) -> Iterator[tuple[int, str, str]]:
    """A corrected field stands corrected in the bibliography.

    Corrections of the whole reference (field entry) are left to the reader,
    and so are those of punctuation, which no field holds.
    """
    columns = ["key", "field", "printed", "corrected"]
    for line, key, field, printed, corrected in evidence.frame("corrections")[columns].itertuples():
        work, right = evidence.bibliography.get(key), _words(corrected)
        if work is None or field not in work.fields or right == _words(printed):
            continue
        if not right <= _words(work.raw):
            yield line, work.text(field), field


@row_rule(
    "studies", "named_in_text",
    "The value does not fit the work's origin.",
    "Write yes for a named work and not_applicable for an added one, or mend the origin.",
    good=Example("studies.csv", "page-nd-sample,added,web page,Office of Examples,not_applicable,not_applicable,not_applicable,probation,Utopia,not_applicable,not_applicable", "page-nd-sample,listed,web page,Office of Examples,not_applicable,not_applicable,not_applicable,probation,Utopia,not_applicable,no"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,yes", "roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,no"),
)  # fmt: skip
def origin_agrees(evidence: Evidence) -> Iterable[int]:
    """A work that is named is named in the text; for an added work the question does not arise."""
    frame = evidence.frame("studies")
    fitting = frame["origin"].map({"named": "yes", "added": "not_applicable"})
    return frame.index[fitting.notna() & (frame["named_in_text"] != fitting)]
