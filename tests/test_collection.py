"""A collection opens whole or not at all, from wherever it is asked for."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from relnotes import Collection, CollectionError, check_collection, open_collection
from relnotes.evidence.collection import DATA_VARIABLE, find_folder
from relnotes.evidence.schema import house_schema
from relnotes.evidence.unfinished import unfinished

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def house() -> Collection:
    return open_collection(ROOT)


def test_house_collection_has_no_errors():
    assert [f.sentence() for f in check_collection(ROOT) if f.severity == "error"] == []


def test_declared_types(house):
    assert house.frameworks["year"].dtype == "Int64"
    assert house.findings["estimate"].dtype == "Float64"
    assert house.elements["wording"].dtype == "str"
    for name, frame in house.tables.items():
        assert list(frame.columns) == house.schema.table(name).columns


def test_three_kinds_of_empty_stay_apart(sample_folder):
    collection = open_collection(sample_folder)
    empties = collection.empties("findings").set_index(collection.findings["finding_id"])
    assert pd.isna(collection.findings["estimate"].iloc[1])
    assert empties.loc["f002", ["estimate", "ci_level", "participants"]].tolist() == [
        "not_reported",
        "not_applicable",
        "not_reported",
    ]
    assert empties.loc["f001", "estimate"] == ""


@pytest.mark.parametrize("asked", ["folder", "above", "variable", "current", "below"])
def test_a_collection_is_found(asked, sample_folder, monkeypatch):
    inner = sample_folder.rename(sample_folder.parent / "data")
    (inner / "datapackage.json").write_bytes((ROOT / "data/datapackage.json").read_bytes())
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    path = {"folder": inner, "above": inner.parent}.get(asked)
    if asked == "variable":
        monkeypatch.setenv(DATA_VARIABLE, str(inner))
    if asked in ("current", "below"):
        (inner.parent / "notebooks").mkdir()
        monkeypatch.chdir(inner.parent / ("notebooks" if asked == "below" else ""))
    assert find_folder(path).resolve() == inner.resolve()


def test_no_collection_is_said_in_words(tmp_path):
    with pytest.raises(CollectionError, match="There is no collection here"):
        open_collection(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("file", "content", "rule"),
    [
        ("elements.csv", None, "missing_file"),
        ("elements.csv", b"", "empty_file"),
        ("elements.csv", b"element_id\n", "missing_column"),
        ("crosswalk.csv", b"\xff\xfea", "wrong_encoding"),
        ("concepts.csv", b"concept_id;label\n", "wrong_separator"),
        ("references.bib", None, "missing_file"),
        ("references.bib", b"@book{a,", "broken_entry"),
        ("references.bib", b"@book{a-2000, title={A}\n year={2000}}", "broken_entry"),
        ("references.bib", b"\xe9", "wrong_encoding"),
        ("references.bib", b"% \0", "nul_byte"),
        ("references.bib", b"%" + b"x" * 2_000_000, "line_too_long"),
        ("datapackage.json", b"{", "descriptor_form"),
        ("datapackage.json", b"[]", "descriptor_form"),
        ("datapackage.json", b'{"resources": []}', "descriptor_form"),
        ("datapackage.json", b"[" * 100_000, "descriptor_form"),
        ("datapackage.json", b"\xff", "descriptor_form"),
        ("datapackage.json", b'{"a": ' + b"1" * 5_000 + b"}", "descriptor_form"),
    ],
)
def test_damage_is_refused_in_words(file, content, rule, sample_folder):
    if content is None:
        (sample_folder / file).unlink()
    else:
        (sample_folder / file).write_bytes(content)
    with pytest.raises(CollectionError) as refused:
        open_collection(sample_folder)
    assert rule in {f.rule for f in refused.value.faults}
    assert rule in {f.rule for f in check_collection(sample_folder)}


@pytest.mark.parametrize("begin", [r"\textbf{", r"\begin{a}", "{"])
def test_a_title_of_a_thousand_commands_in_one_another_is_told(begin, sample_folder):
    end = r"\end{a}" if "begin" in begin else "}"
    entry = f"@book{{poe-2003, title={{{begin * 1500}x{end * 1500}}}, year={{2003}}}}\n"
    with (sample_folder / "references.bib").open("a", encoding="utf-8") as file:
        file.write(entry)
    assert "poe-2003" in {fault.value for fault in check_collection(sample_folder)}


def test_a_table_path_may_not_leave_the_folder(sample_folder):
    descriptor = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    descriptor["resources"][0]["path"] = "../frameworks.csv"
    (sample_folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    with pytest.raises(CollectionError, match="leads out of the collection"):
        open_collection(sample_folder)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda r: r["schema"]["fields"].append(r["schema"]["fields"][0]), "the column ‘framework_id’"),
        (lambda r: r.update(path="elements.csv"), "the file ‘elements.csv’ is declared twice"),
        (lambda r: r.update(path="./references.bib"), "the file ‘references.bib’ is declared twice"),
        (lambda r: r.update(name="elements"), "the name ‘elements’ is declared twice"),
        (lambda r: r["schema"]["fields"][0].update(constraints={"minimum": "x"}), "‘x’|'x'"),
        (lambda r: r["schema"]["fields"][0].update(constraints={"maximum": []}), "list"),
        (lambda r: r["schema"]["fields"][0].update(constraints={"maxLength": 1e999}), "infinity"),
    ],
)  # fmt: skip
def test_a_descriptor_that_says_a_thing_twice_or_no_number_is_told(damage, told, sample_folder):
    descriptor = json.loads((ROOT / "data/datapackage.json").read_text(encoding="utf-8"))
    damage(next(r for r in descriptor["resources"] if r["name"] == "frameworks"))
    (sample_folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    (fault,) = check_collection(sample_folder)
    assert fault.rule == "descriptor_form"
    assert re.search(told, fault.value)


def test_fingerprint_follows_values_not_line_ends(sample_folder):
    before = open_collection(sample_folder).fingerprint
    file = sample_folder / "events.csv"
    text = file.read_text(encoding="utf-8")
    file.write_bytes(text.replace("\n", "\r\n").encode())
    assert open_collection(sample_folder).fingerprint == before
    file.write_text(text.replace("2003,Rules", "2004,Rules"), encoding="utf-8")
    assert open_collection(sample_folder).fingerprint != before


def test_a_collection_shows_a_card_not_its_rows(house):
    shown = repr(house)
    assert shown.splitlines()[0] == f"{house.title}, version {house.version}"
    assert len(shown) < 1500
    for name, frame in house.tables.items():
        assert re.search(rf"^  {name} +{len(frame):,} rows$", shown, re.MULTILINE)
        assert f'<th scope="row">{name}</th><td>{len(frame):,}</td>' in house._repr_html_()
    assert 'collection["elements"]' in shown


def test_tables_are_reached_as_in_a_mapping(house):
    assert list(house) == list(house.tables)
    assert len(house) == len(house.tables)
    assert house["elements"].equals(house.elements)


def test_a_table_changed_by_accident_leaves_the_collection_as_it_was(house):
    before = house.fingerprint
    mine = house.elements
    mine["wording"] = "changed"
    mine.loc[0, "gloss"] = "changed"
    assert set(mine["wording"]) == {"changed"}
    assert "changed" not in set(house.elements["wording"]) | set(house.elements["gloss"])

    with pytest.warns(pd.errors.ChainedAssignmentError):
        house.elements["wording"] = "changed"
    again = Collection(house.schema, house.tables, house.bibliography, words=house.words)
    assert again.fingerprint == before


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda c: c["elemnts"], "There is no table ‘elemnts’. Did you mean ‘elements’"),
        (lambda c: c.row("element", "a"), "There is no table ‘element’. Did you mean ‘elements’"),
        (lambda c: c.row("concepts", "TRUST"), "concepts has no row ‘TRUST’. Did you mean ‘trust’"),
        (lambda c: c.trace(3), "Nothing here has the id ‘3’."),
        (lambda c: c.only(setting="probatoin"), "no setting ‘probatoin’. Did you mean ‘probation’"),
        (lambda c: c.only(settings="probation"), "a column ‘settings’. Did you mean ‘setting’"),
        (lambda c: c.only(frameworks=["ideas", "idea"]), "no framework ‘idea’. Did you mean ‘ideas’"),
        (lambda c: c.only(jurisdiction=["England and Wales", "Englan"]), "no jurisdiction"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_answered_with_near_ones_and_without_quotes(house, ask, answer):
    with pytest.raises(KeyError) as refused:
        ask(house)
    assert answer in str(refused.value)
    assert not str(refused.value).startswith(("'", '"'))


def test_a_part_keeps_what_was_asked_for_and_what_hangs_on_it(house):
    part = house.only(setting=["probation", "youth justice"], jurisdiction="Ireland")
    whole = house.frameworks
    wanted = whole[
        whole["setting"].isin(["probation", "youth justice"]) & (whole["jurisdiction"] == "Ireland")
    ]
    assert len(wanted) > 0
    assert part.frameworks["framework_id"].tolist() == wanted["framework_id"].tolist()
    assert set(part.elements["framework_id"]) <= set(wanted["framework_id"])
    kept = house.elements[house.elements["framework_id"].isin(wanted["framework_id"])]
    assert part.elements["element_id"].tolist() == kept["element_id"].tolist()
    assert set(part.crosswalk["element_id"]) <= set(kept["element_id"])
    assert len(part.concepts) == len(house.concepts)
    assert set(part.findings["key"]) <= set(part.studies["key"])
    assert part.part == "setting probation or youth justice, jurisdiction Ireland"
    assert part.empties("frameworks").shape == part.frameworks.shape
    assert house.part == ""


def test_what_is_derived_is_handed_out_as_a_copy_too(house):
    for frame in (house.studies, house.codebook, house.relations):
        frame["mine"] = 1
    assert "mine" not in house.studies
    assert "mine" not in house.codebook
    assert "mine" not in house.relations


def test_a_term_takes_its_narrower_ones_with_it():
    terms = {"list": "setting", "broader": ["", "law"], "term": ["law", "probation"]}
    made = Collection.of(
        {
            "vocabularies": pd.DataFrame(terms),
            "frameworks": pd.DataFrame(
                {"framework_id": ["a", "b", "c"], "setting": ["probation", "law", "schools"]}
            ),
        }
    )
    assert made.only(setting="law").frameworks["framework_id"].tolist() == ["a", "b"]
    assert made.only(setting="probation").frameworks["framework_id"].tolist() == ["a"]


def test_a_part_of_a_part_is_the_part_by_both(house):
    one_way = house.only(setting="youth justice").only(jurisdiction="Ireland")
    at_once = house.only(setting="youth justice", jurisdiction="Ireland")
    assert one_way.fingerprint == at_once.fingerprint
    assert one_way.part == at_once.part


def test_a_cell_of_several_terms_is_kept_for_each_of_them():
    several = Collection.of(
        {
            "frameworks": pd.DataFrame(
                {"framework_id": ["a", "b"], "setting": ["probation; youth justice", "probation"]}
            )
        }
    )
    assert several.only(setting="youth justice").frameworks["framework_id"].tolist() == ["a"]
    assert len(several.only(setting="probation").frameworks) == 2


def test_in_memory_collection_fills_what_is_absent():
    made = Collection.of({"frameworks": pd.DataFrame({"framework_id": ["a"], "year": ["2001"]})})
    assert made.frameworks.loc[0, "year"] == 2001
    assert made.frameworks.loc[0, "family"] == "not_coded"
    assert made.crosswalk.empty
    assert list(made.crosswalk.columns) == house_schema().table("crosswalk").columns


def test_import_is_light():
    heavy = "matplotlib bibtexparser pypandoc rapidfuzz openpyxl rich typer IPython networkx"
    code = f"import relnotes, sys; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("key", "value"),
    [("primaryKey", ["nothing"]), ("primaryKey", []),
     ("foreignKeys", [{"fields": "nothing", "reference": {"resource": "concepts", "fields": "concept_id"}}]),
     ("foreignKeys", [{"fields": "broader", "reference": {"resource": "nowhere", "fields": "concept_id"}}])],
)  # fmt: skip
def test_a_key_of_an_unknown_column_is_a_fault_like_any_other(sample_folder, key, value):
    house = Path(__file__).parents[1] / "data" / "datapackage.json"
    descriptor = json.loads(house.read_text(encoding="utf-8"))
    concepts = next(r for r in descriptor["resources"] if r["name"] == "concepts")
    concepts["schema"][key] = value
    (sample_folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    (fault, *_) = check_collection(sample_folder)
    assert (fault.rule, fault.file) == ("descriptor_form", "datapackage.json")
    assert "does not declare" in fault.message


def test_the_house_collection_holds_nothing_unfinished():
    assert check_collection(ROOT / "data") == ()
    assert unfinished(open_collection(ROOT / "data")) == {}
