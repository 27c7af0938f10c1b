"""The audit drawn: every reference in a row, from the page's print to its checked entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from relnotes.analysis.audit import VERIFICATION_WORDS, Audit, compute_audit
from relnotes.evidence.sentences import are, counted, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Cells, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.style import BLUE, INK, NOTE, ORANGE, PAPER, QUIET, VERMILION, house_style

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

TITLE: Final = "What became of the page’s references?"
MOST_WORKS: Final = 46
LISTED: Final = "in the list"
NAMED: Final = "named in the text"
PRINT: Final = "print"
ENTRY: Final = "entry"

# One look for each state, told apart by its shape: the further checked, the fuller.
LOOKS: Final = {
    LISTED: Look("the page has it there", INK, "o", 4.6),
    "no error known": Look("no error known in print", BLUE, "o", 5.6, face=PAPER, width=1.1),
    "printed wrongly": Look("printed wrongly", VERMILION, "X", 6.0),
    "verified": Look("entry verified", BLUE, "s", 5.8),
    "verified in part": Look("verified in part", INK, "^", 6.2, face=ORANGE, width=0.7),
    "inferred": Look("inferred", QUIET, "D", 5.0, face=PAPER, width=1.1),
    "unverified": Look("unverified", QUIET, "P", 6.0),
    "not found": Look("not found", VERMILION, "v", 6.2, face=PAPER, width=1.2),
}


def found_audit(audit: Audit) -> tuple[str, ...]:
    """Say what became of the page's references, in sentences computed from the audit.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_audit(compute_audit(Collection.of({})))
    ('No references of a page are entered here.',)
    """
    if audit.works.empty:
        return ("No references of a page are entered here.",)
    own = audit.listed
    sentences = []
    if len(own):
        lines = "" if audit.lines is None else f", in {counted(audit.lines, 'printed line')}"
        sentences.append(f"The page lists {counted(len(own), 'work')}{lines}.")
        cited = audit.listed_and_cited
        sentences.append(
            f"Its text names {len(cited):,} of them"
            + (f": {listed(list(cited['label']), most=6)}." if len(cited) else ".")
        )
    else:
        sentences.append("The page lists no work.")
    named = audit.named_not_listed
    if len(named):
        sentences.append(
            f"It names {counted(len(named), 'work')} without listing "
            f"{'it' if len(named) == 1 else 'them'}: {listed(list(named['label']), most=8)}."
        )
    wrong = audit.printed_wrongly
    if len(wrong):
        every, of_words = int(wrong["corrections"].sum()), int(wrong["other_words"].sum())
        of_form = " and the rest of form" if of_words < every else ""
        sentences.append(
            f"{counted(len(wrong), 'listed work')} {are(len(wrong))} printed "
            f"wrongly in some point, with {counted(every, 'correction')} in all, {of_words:,} of "
            f"them of words or numbers{of_form}: {listed(_faults(audit), most=9)}."
        )
    elif len(own):
        sentences.append("No listed work is known to be printed wrongly.")
    if len(own):
        states = own["verification"].value_counts()
        sentences.append(
            "Of the listed works, "
            + listed(
                [
                    f"{int(states[s]):,} {are(int(states[s]))} {s}"
                    for s in VERIFICATION_WORDS.values()
                    if s in states
                ]
            )
            + "."
        )
    return tuple(sentences)


def _faults(audit: Audit) -> list[str]:
    return [
        f"{row['label']} ({listed([field.replace('_', ' ') for field in row['fields']])})"
        for row in audit.printed_wrongly.to_dict("records")
    ]


def _answer(audit: Audit) -> str:
    own, states = audit.listed, audit.works["verification"].value_counts()
    checked = [f"{int(states[s]):,} {s}" for s in VERIFICATION_WORDS.values() if states.get(s, 0)]
    wrong = audit.printed_wrongly
    in_words = f", {int((wrong['other_words'] > 0).sum()):,} in words or numbers" * bool(len(wrong))
    return (
        f"Of {counted(len(own), 'listed work')}, {len(audit.listed_and_cited):,} named in the text "
        f"and {len(wrong):,} printed wrongly{in_words}; "
        f"{len(audit.named_not_listed):,} named only. Entries: {listed(checked)}."
    )


def describe_audit(audit: Audit) -> Description:
    """Say in words what became of the page's references."""
    found = found_audit(audit)
    if audit.works.empty:
        return Description(TITLE, found[0], f"An empty chart: {found[0]}", found[0])
    lines = [
        f"- {row['label']}: {row['place']}; {row['text']}; {row['print']}"
        + (f" ({', '.join(row['fields'])})" if row["fields"] else "")
        + f"; {row['verification']}."
        for row in audit.works.to_dict("records")
    ]
    return Description(
        TITLE,
        " ".join(found),
        f"A row for each reference, from list to checked entry. {_answer(audit)}",
        "\n".join([_answer(audit), *lines]),
    )


def plot_audit(audit: Audit) -> Figure:
    """Draw every reference in a row: where the page has it, its print, and its entry as checked.

    Returns
    -------
    Figure
        Marks: each work by its label.
    """
    words = describe_audit(audit)
    if audit.works.empty:
        return plot_nothing("audit-references", words)
    works = audit.works.head(MOST_WORKS)
    left = len(audit.works) - len(works)
    keys = list(works["label"])
    columns = [LISTED, NAMED, PRINT, ENTRY]
    rows = works.to_dict("records")
    marks = [
        Mark(keys[n], n, LOOKS[state], columns.index(column))
        for n, row in enumerate(rows)
        for column, state in _states(row)
    ]
    found = dict.fromkeys(state for row in rows for _, state in _states(row))
    faults = [", ".join(row["fields"]).replace("_", " ") for row in rows]
    with house_style():
        note = f"Not drawn: {counted(left, 'work')}, named in the table." if left else ""
        page = Page(TITLE, _answer(audit), note)
        page.key([LOOKS[state] for state in LOOKS if state in found])
        page.rows(
            keys,
            [
                Text.fitting(keys, 205, key=True, size=NOTE),
                Cells(columns, marks, 38.0, size=NOTE),
                Text(faults, "wrong in print", size=NOTE),
            ],
            row=11.0,
        )
    data = works.drop(columns="row_ids").rename(columns={"label": "mark"})
    for column in columns:
        data[column] = [dict(_states(row)).get(column, "") for row in rows]
    return Figure.described(
        "audit-references",
        words,
        drawing=page.finished(),
        data=data[["mark", *data.columns.drop("mark")]],
        marks=dict(zip(works["label"], works["row_ids"], strict=True)),
    )


def _states(row: dict[Any, Any]) -> list[tuple[str, str]]:
    """Return what stands in each column of a work's row."""
    states = [(LISTED, LISTED)] if row["place"] == LISTED else []
    states += [(NAMED, LISTED)] if row["text"] == NAMED else []
    states += [(PRINT, row["print"])] if row["print"] in LOOKS else []
    return [*states, (ENTRY, row["verification"])]


@registered("audit-references")
def audit_references(collection: Collection) -> Figure:
    """Draw what became of the references of a collection's source page."""
    return plot_audit(compute_audit(collection))
