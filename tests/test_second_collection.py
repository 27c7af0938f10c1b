"""Another evidence base in another folder: it opens, checks clean and runs through every notebook.

Nothing of the house collection is in it: another field, other ids, no source page, no descriptor,
only the core tables with the columns that must be there.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from relnotes import open_collection
from relnotes.desk.starting import laid_files, lay_out
from relnotes.evidence.collection import DATA_VARIABLE, check_collection
from relnotes.evidence.schema import DESCRIPTOR
from relnotes.show.reproduce import notebooks_in, run_notebook

ROOT = Path(__file__).parents[1]
NOTEBOOKS = [ROOT / "notebooks" / "_template.ipynb", *notebooks_in(ROOT / "notebooks")]

MENTORING = {
    "frameworks.csv": """\
framework_id,label,short_label,kind,setting,jurisdiction,people,year,stated_count,completeness,source,certainty
buddy-three,Three duties of a buddy,Buddy duties,principles,schools,Ruritania,new pupils,1988,3,complete,adam-1988[p. 12],verified
crew,What a good crew mentor does,Crew mentor,skill set,shipping,not_reported,apprentices,not_reported,not_reported,partial,berg-1994,verified_in_part
""",
    "elements.csv": """\
element_id,framework_id,framework_label,number,layer,wording,gloss,source,certainty
buddy-three-01,buddy-three,Buddy duties,1,not_applicable,Patience,Waiting without a sigh.,adam-1988[p. 12],verified
buddy-three-02,buddy-three,Buddy duties,2,not_applicable,showing the ropes,Doing it where it can be seen.,adam-1988[p. 12],verified
buddy-three-03,buddy-three,Buddy duties,3,not_applicable,good humour,Being able to laugh.,adam-1988[p. 13],verified
crew-01,crew,Crew mentor,1,on deck,demonstrates every knot,Doing it where it can be seen.,berg-1994,verified
crew-02,crew,Crew mentor,2,on deck,patience and humour,Waiting and laughing.,berg-1994,verified_in_part
""",
    "concepts.csv": """\
concept_id,label,theme,definition,include,exclude,terms,broader,example,borderline
demonstration,Demonstration,Doing,Letting the learner see it done.,Any showing.,Telling.,demonstrates;demonstration,not_applicable,crew-01,buddy-three-02
humour,Humour,Being,Laughing with the learner.,Jokes.,Mockery.,humour;laughter,not_applicable,buddy-three-03,crew-02
patience,Patience,Being,Giving the learner time.,Waiting.,Slowness.,patience;patient,not_applicable,buddy-three-01,crew-02
""",
    "crosswalk.csv": """\
element_id,element_wording,concept_id,concept_label,relation,basis,reason,coder
buddy-three-01,Patience,patience,Patience,exact,explicit,The wording holds the term ‘patience’.,lexical
buddy-three-01,Patience,patience,Patience,exact,explicit,Patience is the word.,reading
buddy-three-02,showing the ropes,demonstration,Demonstration,close,interpreted,To show the ropes is to do it before somebody.,reading
buddy-three-03,good humour,humour,Humour,close,explicit,The wording holds the term ‘humour’.,lexical
buddy-three-03,good humour,humour,Humour,exact,explicit,Good humour is humour.,reading
crew-01,demonstrates every knot,demonstration,Demonstration,close,explicit,The wording holds the term ‘demonstrates’.,lexical
crew-01,demonstrates every knot,demonstration,Demonstration,narrower,explicit,Knots are one thing to show.,reading
crew-02,patience and humour,humour,Humour,close,explicit,The wording holds the term ‘humour’.,lexical
crew-02,patience and humour,humour,Humour,broader,explicit,Humour is half of it.,reading
crew-02,patience and humour,patience,Patience,close,explicit,The wording holds the term ‘patience’.,lexical
crew-02,patience and humour,patience,Patience,broader,explicit,Patience is half of it.,reading
""",
    "studies.csv": """\
key,origin,document_type,design,setting,jurisdiction,voices,named_in_text,verification,source
adam-1988,added,book,survey,schools,Ruritania,pupils,not_applicable,verified,adam-1988[title page]
berg-1994,added,report,not_coded,shipping,not_coded,not_coded,not_applicable,verified_in_part,berg-1994
""",
    "references.bib": """\
@book{adam-1988,
  author    = {Adam, Ada},
  title     = {New at School},
  publisher = {Strelsau Press},
  year      = {1988},
}

@report{berg-1994,
  author      = {{Berg Line}},
  title       = {Mentors on Board},
  type        = {Report},
  institution = {Berg Line},
  year        = {1994},
}
""",
}


def written(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, text in MENTORING.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "another evidence base")


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """The same with a descriptor of its own, which declares the core tables and a title."""
    folder = written(tmp_path / "described")
    house = json.loads((ROOT / "data" / DESCRIPTOR).read_text(encoding="utf-8"))
    own = {
        "name": "mentoring",
        "title": "What mentors do",
        "description": "Two lists of what mentors do.",
        "version": "3.1.0",
        "bibliography": "references.bib",
        "resources": [r for r in house["resources"] if r.get("core")],
    }
    for resource in own["resources"]:
        fields = resource["schema"]["fields"]
        resource["schema"]["fields"] = [f for f in fields if not f.get("optional")]
    text = json.dumps(own, ensure_ascii=False, indent=2) + "\n"
    (folder / DESCRIPTOR).write_text(text, encoding="utf-8", newline="\n")
    return folder


def test_it_opens_with_nothing_of_the_house_collection(folder: Path):
    collection = open_collection(folder)
    assert list(collection.frameworks["framework_id"]) == ["buddy-three", "crew"]
    assert list(collection.concepts["label"]) == ["Demonstration", "Humour", "Patience"]
    assert list(collection.bibliography) == ["adam-1988", "berg-1994"]
    assert collection.title == "another evidence base"
    assert collection.page == ""
    assert collection.claims.empty
    assert collection.findings.empty
    # What the files do not have was not looked at; what may be blank is blank.
    assert set(collection.frameworks["family"]) == {"not_coded"}
    assert set(collection.elements["note"]) == {""}


def test_it_checks_clean(folder: Path):
    # Works named as a whole, or cited by no other row, are told and no error.
    assert {f.rule for f in check_collection(folder)} <= {
        "source_without_place",
        "work_of_no_use",
    }


def test_it_checks_clean_with_its_own_descriptor(described: Path):
    # Works named as a whole, or cited by no other row, are told and no error.
    assert {f.rule for f in check_collection(described)} <= {
        "source_without_place",
        "work_of_no_use",
    }
    collection = open_collection(described)
    assert (collection.title, collection.version) == ("What mentors do", "3.1.0")


def test_a_fault_in_it_is_found(folder: Path):
    crosswalk = folder / "crosswalk.csv"
    text = crosswalk.read_text(encoding="utf-8").replace("crew-02,patience and humour,humour", "crew-02,patience and humour,humor")  # fmt: skip
    crosswalk.write_text(text, encoding="utf-8", newline="\n")
    assert {"unknown_id"} <= {fault.rule for fault in check_collection(folder)}


def test_an_id_is_traced_to_its_work(folder: Path):
    traced = str(open_collection(folder).trace("crew-02"))
    assert "patience and humour" in traced
    assert "Berg Line. 1994" in traced


def only(table: str, **kept: str) -> str:
    """Return a table with only the rows whose cells begin so."""
    lines = MENTORING[table].splitlines()
    places = {name: lines[0].split(",").index(name) for name in kept}
    rows = (line.split(",") for line in lines[1:])
    found = [r for r in rows if all(r[places[name]].startswith(kept[name]) for name in kept)]
    return "\n".join([lines[0], *map(",".join, found)]) + "\n"


LIKE = {
    "as it is": {},
    "one coder": {"crosswalk.csv": only("crosswalk.csv", coder="reading")},
    "other coders": {
        "crosswalk.csv": MENTORING["crosswalk.csv"]
        .replace(",reading\n", ",ann\n")
        .replace(",lexical\n", ",bob\n")
    },
    "the rule alone": {"crosswalk.csv": only("crosswalk.csv", coder="lexical")},
    "one framework": {
        "frameworks.csv": only("frameworks.csv", framework_id="crew"),
        "elements.csv": only("elements.csv", framework_id="crew"),
        "crosswalk.csv": only("crosswalk.csv", element_id="crew"),
        "concepts.csv": re.sub("buddy-three-0[123]", "not_coded", MENTORING["concepts.csv"]),
    },
}
"""Collections that have less than the house's, each in another way."""


# Notebook 80 starts the command line anew in every cell, and shows little else: two are enough.
PAIRS = [
    pytest.param(notebook, like, id=f"{notebook.stem}-{like}")
    for notebook in NOTEBOOKS
    for like in [*LIKE, "nothing in it"]
    if not notebook.stem.startswith("80") or like in ("as it is", "nothing in it")
]


@pytest.fixture
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / str(request.param)
    if request.param == "nothing in it":
        lay_out(folder, laid_files("Trust on wards", "", ""))
        return folder
    written(folder)
    for name, text in LIKE[request.param].items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


@pytest.mark.parametrize(("notebook", "foreign"), PAIRS, indirect=["foreign"])
def test_every_notebook_runs_on_it_and_shows_nothing_of_the_house(
    notebook: Path, foreign: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(DATA_VARIABLE, str(foreign))
    shown = "\n".join(said_by(notebook))
    house = open_collection(ROOT / "data").frameworks["short_label"]
    assert [label for label in house if label in shown] == []
    assert re.findall(r"\b(?:nan|<NA>|True|False)\b", shown) == []


def said_by(notebook: Path) -> Iterator[str]:
    """Run the cells of a notebook as a kernel would, without one, and return what they show."""
    known: dict[str, object] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        lines = ast.parse(cell.source).body
        last = lines.pop() if isinstance(lines[-1], ast.Expr) else None
        exec(compile(ast.Module(lines, []), notebook.name, "exec"), known)
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), notebook.name, "eval"), known)
            in_words = getattr(shown, "_repr_mimebundle_", dict)() or {}
            yield str(in_words.get("text/plain", shown))


def test_a_notebook_names_the_collection_by_its_own_title(
    described: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(DATA_VARIABLE, str(described))
    executed = tmp_path / "executed.ipynb"
    run = run_notebook(ROOT / "notebooks" / "00-start-here.ipynb", executed, lambda *_: None)
    assert run.ran, f"code cell {run.failed_cell}: {run.error}"
    shown = executed.read_text(encoding="utf-8")
    assert "What mentors do" in shown
    assert "Two lists of what mentors do." in shown
