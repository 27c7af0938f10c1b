"""An analyst's afternoon at the desk: begin, stop half way, rename, settle, finish."""

import json
import re

import openpyxl
import pytest
from test_cli import relnotes, sample_schema
from test_writing import contents, every_file, make_sample

from relnotes import check_collection, open_collection
from relnotes.desk.merging import merge
from relnotes.desk.renaming import renamed
from relnotes.desk.settling import disagreements_of, settling_bytes
from relnotes.desk.starting import laid_files, lay_out
from relnotes.desk.store import Draft, drafted, read_state, tidied, write
from relnotes.desk.typed import Typed, usual_coder
from relnotes.evidence.faults import CollectionError
from relnotes.evidence.unfinished import unfinished


@pytest.fixture
def folder(tmp_path):
    return make_sample(tmp_path / "data")


@pytest.fixture
def empty(tmp_path):
    place = tmp_path / "wards"
    lay_out(place, laid_files("Vertrauen auf Station", settings="nursing; midwifery"))
    return place


# ----------------------------------------------------------------------------- beginning


def test_a_collection_begins_empty_and_without_a_fault(empty):
    assert check_collection(empty) == ()
    collection = open_collection(empty)
    assert (collection.title, collection.page) == ("Vertrauen auf Station", "")
    assert all(
        len(frame) == 0 for name, frame in collection.tables.items() if name != "vocabularies"
    )
    assert unfinished(collection) == {}
    assert "Vertrauen auf Station" in (empty / "GUIDE.md").read_text(encoding="utf-8")


def test_a_folder_in_use_is_not_begun(empty):
    before = every_file(empty)
    with pytest.raises(CollectionError, match="not empty"):
        lay_out(empty, laid_files("Another"))
    assert every_file(empty) == before


def test_a_beginning_that_was_stopped_is_gone_on_with(tmp_path):
    files = laid_files("Wards")
    (tmp_path / "concepts.csv").write_bytes(files["concepts.csv"])
    (tmp_path / "claims.csv.part").write_bytes(b"half")
    lay_out(tmp_path, files)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == dict(files)


def test_init_previews_begins_and_refuses_a_second_time(tmp_path):
    words = ["init", str(tmp_path / "new"), "--title", "Wards", "--yes"]
    code, said = relnotes(*words, "--preview")
    assert (code, "datapackage.json" in said, (tmp_path / "new").exists()) == (0, True, False)
    assert relnotes(*words)[0] == 0
    code, said = relnotes("check", data=tmp_path / "new")
    assert (code, "no errors" in said, "[Wards, 0.1.0;" in said) == (0, True, True)
    assert relnotes(*words)[0] == 1


BIB = """\
@book{Peplau1952, author={Peplau, Hildegard E.}, title={Interpersonal Relations in Nursing}, year={1952}, publisher={Putnam}}
"""

FIRST_CONCEPT = {
    "label": "Trust", "concept_id": "trust", "theme": "Bond", "definition": "Relying.",
    "include": "Relying on a person.", "exclude": "Hope.", "terms": "trust",
    "broader": "not_applicable", "example": "not_coded", "borderline": "not_coded", "note": "",
}  # fmt: skip


def test_add_new_and_merge_work_from_the_first_row(empty, tmp_path):
    (tmp_path / "first.bib").write_text(BIB, encoding="utf-8")
    assert relnotes("add", str(tmp_path / "first.bib"), "--yes", data=empty)[0] == 0
    state = read_state(empty)
    answers = iter(FIRST_CONCEPT.values())
    draft = Typed(empty, "concept").ask(lambda _: next(answers), state)
    write(empty, draft, "First concept")
    form = tmp_path / "form.xlsx"
    assert relnotes("new", "framework", "--form", str(form), data=empty)[0] == 0
    book = openpyxl.load_workbook(form)
    header = [c.value for c in book["frameworks"][1]]
    row = {"label": "Peplau's phases", "short_label": "Peplau", "kind": "theory",
           "setting": "nursing", "year": 1952, "completeness": "complete",
           "source": "peplau-1952[p. 17]", "certainty": "verified"}  # fmt: skip
    book["frameworks"].append([row.get(name) for name in header])
    book.save(form)
    code, said = relnotes("merge", str(form), "--yes", data=empty)
    assert code == 0, said
    assert open_collection(empty).frameworks["framework_id"].tolist() == ["peplau"]
    code, said = relnotes("check", "--json", data=empty)
    left = json.loads(said)["unfinished"]
    assert code == 0
    assert left["frameworks without elements"] == ["peplau"]
    assert left["concepts that fewer than two elements use"] == ["trust"]


# ------------------------------------------------------------------------ stopping half way


class StopError(Exception):
    pass


def test_answers_are_kept_and_taken_up_again(empty):
    values, asked = list(FIRST_CONCEPT.values()), []

    def put(question):
        asked.append(question.name)
        if len(asked) == 5:
            raise StopError
        return values[list(FIRST_CONCEPT).index(question.name)]

    with pytest.raises(StopError):
        Typed(empty, "concept").ask(put, read_state(empty))
    assert [a for _, a in Typed(empty, "concept").answers] == values[:4]
    draft = Typed(empty, "concept").ask(put, read_state(empty))
    assert asked == [*list(FIRST_CONCEPT)[:5], *list(FIRST_CONCEPT)[4:]]
    assert draft.rows["concepts"].iloc[0].to_dict() == FIRST_CONCEPT


def test_who_judges_is_asked_once_and_an_afternoon_goes_on_after_it(folder):
    """The name is kept beside the collection; answers given before it was known stay in place."""
    said = {"element_id": "plan-01", "coder": "Ann", "concept_id": "trust", "relation": "related"}

    def stop_at(stop):
        def put(question):
            if question.name == stop:
                raise StopError
            return said[question.name] if question.name != "concept_id" or first.pop() else ""

        first = [False, True]
        return put

    with pytest.raises(StopError):
        Typed(folder, "judgement").ask(stop_at("reason"), read_state(folder), usual_coder(folder))
    assert usual_coder(folder) == "Ann"
    said["reason"] = "A plan is a promise."
    before = Typed(folder, "judgement")
    assert [name for name, _ in before.answers] == ["element_id", "coder", "concept_id", "relation"]
    asked = []

    def put(question):
        asked.append(question.name)
        return said["reason"] if question.name == "reason" else ""

    draft = before.ask(put, read_state(folder), usual_coder(folder))
    assert asked == ["reason", "concept_id"]
    assert "Ann" in set(draft.rows["crosswalk"]["coder"])


def test_a_step_back_asks_the_question_before_once_more(empty):
    said = iter(["Truss", "<", *FIRST_CONCEPT.values()])
    draft = Typed(empty, "concept").ask(lambda _: next(said), read_state(empty))
    assert draft.rows["concepts"]["concept_id"].tolist() == ["trust"]


def test_a_refused_answer_is_not_kept(empty):
    label, *rest = FIRST_CONCEPT.values()
    said = iter([label, "Not An Id", *rest])
    typed = Typed(empty, "concept")
    typed.ask(lambda _: next(said), read_state(empty))
    assert [a for _, a in typed.answers] == list(FIRST_CONCEPT.values())


# --------------------------------------------------------------------------------- renaming


@pytest.mark.parametrize(
    ("what", "old", "new"),
    [("concept", "trust", "reliance"), ("framework", "bond", "ties"), ("study", "doe-2001", "doe-2001-trust"),
     ("claim", "c001", "c009"), ("events", "rules-2003", "rules-adopted"), ("element", "bond-01", "bond-09")],
)  # fmt: skip
def test_an_id_is_carried_through_every_table(folder, what, old, new):
    before = contents(folder)
    draft = renamed(read_state(folder), what, old, new)
    after = drafted(read_state(folder), draft)
    for name, content in after.contents.items():
        if name != "retired.csv":
            table = "" if name.endswith(".bib") else content.decode("utf-8")
            assert not [c for line in table.splitlines() for c in line.split(",") if c == old]
    if what != "element":  # whose id is its framework's and its number: the rules say so
        write(folder, draft, "Renamed")
        assert [f for f in check_collection(folder) if f.severity == "error"] == []
        collection = open_collection(folder)
        assert old in set(collection.retired["id"])
        with pytest.raises(KeyError, match="in use or retired"):
            renamed(read_state(folder), what, new, old)
        assert contents(folder) != before


def test_tidy_renews_labels_that_changed_and_leaves_those_of_other_ids(folder):
    concepts = folder / "concepts.csv"
    text = concepts.read_text(encoding="utf-8")
    concepts.write_text(text.replace("trust,Trust,Bond", "trust,Reliance,Bond"), encoding="utf-8")
    crosswalk = tidied(read_state(folder)).frame("crosswalk")
    assert set(crosswalk["concept_label"][crosswalk["concept_id"] == "trust"]) == {"Reliance"}
    concepts.write_text(text, encoding="utf-8")
    file = folder / "crosswalk.csv"  # an id mistyped for another: the label tells
    rows = file.read_text(encoding="utf-8")
    file.write_text(
        rows.replace("being believed,trust,Trust", "being believed,goals,Trust"), encoding="utf-8"
    )
    crosswalk = tidied(read_state(folder)).frame("crosswalk")
    assert "Trust" in set(crosswalk["concept_label"][crosswalk["concept_id"] == "goals"])


# ---------------------------------------------------------------------------- two coders


def test_disagreements_come_back_settled_as_adjudicated(folder, tmp_path):
    state = read_state(folder)
    crosswalk = state.frame("crosswalk")
    mine = crosswalk[crosswalk["coder"] == "reading"]
    bob = mine.assign(coder="bob", relation=["broader", *mine["relation"].iloc[1:]])
    write(folder, Draft({"crosswalk": bob}))
    collection = open_collection(folder)
    found = disagreements_of(collection, "reading", "bob")
    first = mine.iloc[0]
    assert found[["element_id", "concept_id"]].to_numpy().tolist() == [
        [first["element_id"], first["concept_id"]]
    ]
    with pytest.raises(KeyError, match="no coding ‘carol’"):
        disagreements_of(collection, "reading", "carol")
    path = tmp_path / "settle.xlsx"
    path.write_bytes(settling_bytes(collection, "reading", "bob"))
    assert len(merge(read_state(folder), path).added) == len(mine) - 1  # what they agree on
    book = openpyxl.load_workbook(path)
    header = [c.value for c in book["crosswalk"][1]]
    row = next(
        r for r in range(2, 50) if not book["crosswalk"].cell(r, header.index("relation") + 1).value
    )
    book["crosswalk"].cell(row, header.index("relation") + 1).value = "close"
    book["crosswalk"].cell(row, header.index("reason") + 1).value = "Settled in talk."
    book.save(path)
    write(folder, merge(read_state(folder), path).draft)
    settled = open_collection(folder).crosswalk
    settled = settled[settled["coder"] == "adjudicated"]
    assert len(settled) == len(mine)
    assert "Settled in talk." in set(settled["reason"])


# ------------------------------------------------------------------------------- with git


@pytest.mark.parametrize("name", ["elements.csv", "references.bib"])
def test_conflict_markers_are_called_by_name(folder, name):
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    lines[1:2] = ["<<<<<<< HEAD", lines[1], "=======", lines[1], ">>>>>>> theirs"]
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    (fault,) = check_collection(folder)
    assert (fault.rule, fault.file, fault.line) == ("conflict_marker", name, 2)
    assert "to line 6" in fault.message


def test_conflicts_are_decided_from_the_command_line(folder, tmp_path):
    exported = tmp_path / "out"
    relnotes("export", str(exported), data=folder)
    (workbook,) = exported.glob("*.xlsx")
    book = openpyxl.load_workbook(workbook)
    book["events"]["C2"] = "Theirs"
    book.save(workbook)
    events = folder / "events.csv"
    events.write_text(
        events.read_text(encoding="utf-8").replace("Rules adopted", "Ours"), encoding="utf-8"
    )
    code, said = relnotes("merge", str(workbook), "--yes", data=folder)
    assert (code, "conflict: events:rules-2003:label" in said) == (1, True)
    assert relnotes("merge", str(workbook), "--ours", "--theirs", data=folder)[0] == 2
    assert relnotes("merge", str(workbook), "--ours", "--yes", data=folder)[0] == 0
    assert "Ours" in events.read_text(encoding="utf-8")
    assert relnotes("merge", str(workbook), "--theirs", "--yes", data=folder)[0] == 0
    assert "Theirs" in events.read_text(encoding="utf-8")


# -------------------------------------------------------------------------------- finishing


def test_refresh_renews_its_own_folder_and_nothing_of_another_collection(tmp_path, sample_folder):
    home = tmp_path / "house"
    (home / "notebooks").mkdir(parents=True)
    (home / "figures").mkdir()
    (home / "figures" / "manifest.json").write_text("{}", encoding="utf-8")
    sample_schema(sample_folder)
    concepts = sample_folder / "concepts.csv"
    header, *rows = concepts.read_text(encoding="utf-8").splitlines()
    concepts.write_text("\n".join([header, *rows[::-1]]) + "\n", encoding="utf-8")
    before = every_file(home)
    code, said = relnotes("refresh", "--preview", folder=home, data=sample_folder)
    assert (code, "Would do: tables tidied." in said) == (0, True)
    code, said = relnotes("refresh", folder=home, data=sample_folder)
    assert (code, "Codebook written." in said) == (0, True)
    assert every_file(home) == before
    assert concepts.read_text(encoding="utf-8").splitlines() == [header, *rows]
    assert "A sample" in (sample_folder / "README.md").read_text(encoding="utf-8")


def test_a_read_only_house_names_init(tmp_path, monkeypatch, folder):
    from relnotes.evidence import paths
    from relnotes.evidence.faults import RefusedWrite
    from relnotes.evidence.journal import locked

    monkeypatch.setattr(paths, "__file__", str(tmp_path / "evidence" / "paths.py"))
    with pytest.raises(RefusedWrite, match="relnotes init"), locked(folder):
        pass


def test_what_can_be_renamed_is_said(sample_folder):
    with pytest.raises(KeyError) as refused:
        renamed(read_state(sample_folder), "mood", "a", "b")
    kinds = str(refused.value).partition("there are: ")[2]
    assert {"frameworks", "elements", "concepts", "studies"} <= set(re.findall(r"\w+", kinds))
    assert not {"crosswalk", "claim_concepts"} & set(re.findall(r"\w+", kinds))
