"""Two versions compared: what is new, gone, revised, judged anew, and which figures moved."""

import json
import shutil
import subprocess

import pandas as pd
import pytest
from test_writing import ADD_POE, make_sample

from relnotes.analysis.changes import Changes, Judgement, Moved, changes_as_markdown, compare
from relnotes.desk.preview import moved_figures, preview
from relnotes.desk.renaming import renamed
from relnotes.desk.store import Draft, drafted, read_state, with_lexical_rows, write
from relnotes.desk.versions import collection_of, open_version, state_at
from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import CollectionError
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema
from relnotes.figures import make


@pytest.fixture
def folder(tmp_path):
    return make_sample(tmp_path / "Sammlung é" / "data")


def rows(state, table, *values):
    return pd.DataFrame(list(values), columns=state.schema.table(table).columns, dtype="str")


def judged_anew(state):
    frame = state.frame("crosswalk")
    row = frame[(frame["element_id"] == "plan-02") & (frame["coder"] == "reading")]
    return row.assign(relation="close", reason="Belief is a kind of trust.")


def compared(state, draft):
    return compare(collection_of(state), collection_of(drafted(state, draft)))


def test_the_same_version_has_no_changes(folder):
    state = read_state(folder)
    changes = compared(state, Draft())
    assert changes.empty
    assert str(changes) == "# Changes from before to after\n\nNothing changed."


def test_a_work_added_is_told_with_its_row(folder):
    changes = compared(read_state(folder), ADD_POE)
    assert [(c.table, c.id) for c in changes.added] == [
        ("studies", "poe-2003"), ("references", "poe-2003"),
    ]  # fmt: skip
    assert changes.added[1].label == "Poe (2003) Care"
    assert changes.moved == (Moved("bibliography", 3, 4, "works"), Moved("studies", 3, 4, "rows"))
    assert not changes.removed + changes.revised + changes.judgements


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [("concept", "trust", "reliance"), ("framework", "bond", "ties"), ("study", "doe-2001", "roe-2001")],
)  # fmt: skip
def test_a_rename_is_told_in_a_line_not_row_by_row(folder, what, old, new):
    state = read_state(folder)
    draft = renamed(state, what, old, new)
    changes = compared(state, draft)
    assert not changes.added + changes.removed + changes.judgements
    (first,) = [r for r in changes.renamed if (old, new) in r.ids]
    for table, count in first.rows:
        frame = state.frame(table)
        held = frame.map(lambda cell: old in [c.partition("[")[0] for c in cell.split(";")])
        assert count == int(held.any(axis=1).sum())
    assert f"Renamed in {first.table}: {old} → {new}" in str(preview(state, draft))
    assert f"{first.table}: {old} → {new}" in str(changes)


def test_a_judgement_made_anew_moves_the_figure_by_hand_count(folder):
    state = read_state(folder)
    # At the strictness of the figures, “related” does not count and “close” does.
    changes = compared(state, Draft({"crosswalk": judged_anew(state)}))
    assert changes.judgements == (
        Judgement("plan-02", "trust", "reading", "related, interpreted", "close, interpreted",
                  "Belief is a kind of trust."),
    )  # fmt: skip
    assert [str(m) for m in changes.moved] == ["Trust: 1 → 2 frameworks"]
    assert "related, interpreted → close, interpreted. Belief is a kind" in str(changes)


def sample_collection(**added):
    """Return the sample with lines added; the concept ‘trust’ goes when it is retired."""
    texts = {file: text + added.get(file.removesuffix(".csv"), "") for file, text in SAMPLE.items()}
    for file in ("concepts.csv", "crosswalk.csv") if "retired" in added else ():
        kept = [line for line in texts[file].splitlines(True) if "trust,Trust," not in line]
        texts[file] = "".join(kept)
    return Collection.from_evidence(Evidence.of_texts(texts, sample_schema()))


@pytest.mark.parametrize(
    ("judged", "moved"),
    [
        # One framework, bond, named trust before.
        ({"bond-01": "reliance", "bond-02": "candour"}, []),
        ({"bond-01": "reliance", "plan-02": "candour"}, ["Trust, now Reliance, Candour: 1 → 2"]),
        ({"plan-01": "goals"}, ["Trust, now Reliance, Candour: 1 → 0"]),
    ],
)
def test_a_parted_concept_is_followed_to_its_parts(judged, moved):
    parts = {"reliance": "Reliance", "candour": "Candour", "goals": "Goals"}
    after = sample_collection(
        concepts="".join(f"{c},{parts[c]},Bond,,,,,,,,\n" for c in ("reliance", "candour")),
        crosswalk="".join(
            f"{element},,{c},{parts[c]},exact,explicit,Read so.,reading\n"
            for element, c in judged.items()
        ),
        retired="concepts,trust,Two things.,reliance;candour\n",
    )
    told = [str(m) for m in compare(sample_collection(), after).moved if m.unit == "frameworks"]
    assert told == [f"{line} frameworks" for line in moved]


def test_a_new_label_moves_no_figure(folder):
    state = read_state(folder)
    concepts = state.frame("concepts").replace("Trust", "Faith in people")
    moved = compared(state, Draft({"concepts": concepts})).moved
    assert not [m for m in moved if m.unit == "frameworks"]


def test_rows_revised_and_retired_are_told_with_old_new_and_reason(folder):
    state = read_state(folder)
    event = state.frame("events").assign(label="Rules agreed")
    retired = rows(state, "retired", ["findings", "f002", "Counted twice.", "f001"])
    draft = Draft({"events": event, "retired": retired}, {"findings": ["f002"]})
    changes = compared(state, draft)
    (gone,) = changes.removed
    assert (gone.table, gone.id, gone.reason) == ("findings", "f002", "Counted twice.")
    (revised,) = changes.revised
    assert revised.cells == (("label", "Rules adopted", "Rules agreed"),)
    text = str(changes)
    assert "- `f002`: completion (Counted twice.)" in text
    assert "    - label: ‘Rules adopted’ → ‘Rules agreed’" in text
    assert "findings: 2 → 1 rows" in text


def test_an_entry_revised_is_told_field_by_field_and_not_for_its_spacing(folder):
    path = folder / "references.bib"
    state = read_state(folder)
    path.write_text(
        path.read_text(encoding="utf-8").replace("pages   = {1--9}", "pages={1--10}"),
        encoding="utf-8", newline="\n",
    )  # fmt: skip
    changes = compare(collection_of(state), collection_of(read_state(folder)))
    (revised,) = changes.revised
    assert (revised.table, revised.id) == ("references", "doe-2001")
    assert revised.cells == (("pages", "1--9", "1--10"),)


def test_changes_are_plain_values_for_json(folder):
    account = compared(read_state(folder), ADD_POE).account()
    assert json.loads(json.dumps(account))["moved"][0] == {
        "figure": "bibliography", "before": 3, "after": 4, "unit": "works",
    }  # fmt: skip


def test_hostile_text_stays_text_in_markdown(folder):
    state = read_state(folder)
    event = state.frame("events").assign(label="<script>x</script> [a](javascript:1) `b` *c*")
    text = str(compared(state, Draft({"events": event})))
    assert "\\<script>x\\</script> [a]\\(javascript:1) \\`b\\` \\*c\\*" in text


# ------------------------------------------------------------------------- versions


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c",
         "commit.gpgsign=false", "-C", str(folder), *arguments],
        check=True, capture_output=True,
    )  # fmt: skip


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@needs_git
@pytest.mark.parametrize("beside", [True, False])
def test_a_revision_is_read_from_the_history(folder, beside):
    if beside:
        (folder / "references.bib").rename(folder.parent / "references.bib")
    top = folder.parent
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "one")
    git(top, "tag", "v1")
    first = read_state(folder)
    write(folder, ADD_POE)
    assert state_at("v1", folder).contents == first.contents
    changes = compare(open_version("v1", folder), open_version(str(top), folder), ("v1", "now"))
    assert [c.id for c in changes.added] == ["poe-2003", "poe-2003"]
    git(top, "add", ".")
    assert (
        b".relnotes"
        not in subprocess.run(
            ["git", "-C", str(top), "status", "--porcelain"], capture_output=True, check=True
        ).stdout
    )


@needs_git
def test_a_folder_may_be_the_whole_repository(folder):
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    assert state_at("HEAD", folder).contents == read_state(folder).contents


@needs_git
@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "", "v1 v2", "HEAD:data"])
def test_an_unknown_revision_is_named(folder, revision):
    git(folder.parent, "init", "-q")
    git(folder.parent, "commit", "-q", "--allow-empty", "-m", "nothing")
    with pytest.raises(CollectionError, match="There is no version"):
        state_at(revision, folder)
    with pytest.raises(CollectionError, match="has no tables"):
        state_at("HEAD", folder)
    assert sorted(p.name for p in folder.parent.iterdir()) == [".git", "data"]


# -------------------------------------------------------------------------- preview


def test_a_preview_says_rows_concepts_figures_and_complaints(folder):
    state = read_state(folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    element = rows(state, "elements", [
        "plan-03", "plan", "Plan", "3", "not_applicable", "trust in time", "Time is given.",
        "roe-2002[p. 6]", "verified", "",
    ])  # fmt: skip
    draft = with_lexical_rows(state, Draft({"elements": element,
                                            "crosswalk": judged_anew(state)}))  # fmt: skip
    shown = preview(state, draft)
    assert str(shown).splitlines() == [
        "elements: 1 row added.",
        "  plan-03  trust in time",
        "Judgements made or made anew: 1.",
        "  plan-02 / trust (reading): related, interpreted → close, interpreted",
        "Rows coded by rule: 3 → 4.",
        "Concepts affected: Trust.",
        "Numbers that would move:",
        "  elements: 4 → 5 rows",
        "  Trust: 1 → 2 frameworks",
        "No rule would complain.",
    ]
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    json.dumps(shown.account())


def test_a_preview_tells_only_what_the_draft_brings(folder):
    events = folder / "events.csv"
    events.write_text(events.read_text(encoding="utf-8").replace("Rules adopted", "Rules  adopted"),
                      encoding="utf-8", newline="\n")  # fmt: skip
    state = read_state(folder)
    shown = preview(state, Draft(ADD_POE.rows))
    assert {f.rule for f in shown.errors} == {"unknown_citation"}
    assert "The rules would refuse it:" in str(shown)
    assert str(preview(state, Draft())) == "Nothing would change."


def test_markdown_of_nothing():
    assert changes_as_markdown(Changes("a", "b")).endswith("Nothing changed.")


def test_a_draft_says_which_figures_move_and_what_they_say_anew(folder, monkeypatch):
    drawn = ("overlap-fingerprint", "timeline-works")
    monkeypatch.setattr("relnotes.figures.names", lambda: drawn)
    state, steps = read_state(folder), []
    new = drafted(state, Draft({"crosswalk": judged_anew(state)}))
    assert moved_figures(state, state, lambda *_: None) == ()
    (moved,) = moved_figures(state, new, lambda *step: steps.append(step))
    title, *sentences = moved.splitlines()
    assert title.startswith("overlap-fingerprint: How does")
    was, now = (make("overlap-fingerprint", collection_of(s)) for s in (state, new))
    assert sentences
    for sentence in sentences:
        assert sentence.strip() in f"{now.caption} {now.alt} {now.description}"
        assert sentence.strip() not in f"{was.caption} {was.alt} {was.description}"
    assert steps[-1] == ("figures", 2, 2)
