"""Collections unlike the house's in field, coders, page, measures and language: all of it works.

Each is built here from its first row; nothing of the house collection is in any of them.
"""

import csv
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_cli import relnotes
from test_second_collection import said_by
from test_writing import contents

from relnotes import check_collection, open_collection
from relnotes.desk.merging import merge
from relnotes.desk.starting import laid_files, lay_out
from relnotes.desk.store import read_state
from relnotes.evidence.collection import DATA_VARIABLE
from relnotes.evidence.schema import house_schema
from relnotes.figures import make, names
from relnotes.figures.style import UnprintableError
from relnotes.show.reproduce import notebooks_in

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Field:
    """What makes a collection another than the house's."""

    title: str
    setting: str
    people: str
    labels: tuple[str, ...]
    coders: tuple[str, ...]
    measure: str = ""
    page: str = ""


FIELDS = {
    "wards": Field("Trust on wards", "nursing", "patients", ("Trust", "Time", "Touch"), ("ann", "bob")),
    "schule": Field("Beziehungen im Unterricht", "Schule", "Schülerinnen und Schüler",
                    ("Wärme", "Führung", "Humor"), ("Jörg Ø.",), measure="hedges_g"),
    "Σχέσεις": Field("Σχέσεις φροντίδας", "φροντίδα", "ηλικιωμένοι",
                     ("Εμπιστοσύνη", "Σεβασμός", "Ακρόαση"), ("Άννα", "Νίκος", "adjudicated"),
                     page="page-2020"),
}  # fmt: skip


def rows_of(field: Field, frameworks: int) -> dict[str, list[dict[str, str]]]:
    """Return the rows of a collection with so many frameworks of three elements each."""
    ids = ("one", "two", "three")
    concepts = [
        {"concept_id": i, "label": label, "theme": "1", "definition": f"{label}.", "include": label,
         "exclude": "Else.", "terms": label, "broader": "not_applicable", "example": "not_applicable",
         "borderline": "not_applicable", "note": ""}
        for i, label in zip(ids, field.labels, strict=True)
    ]  # fmt: skip
    tables: dict[str, list[dict[str, str]]] = {"concepts": concepts if frameworks else []}
    for number in range(frameworks):
        name, source = f"set-{number:04d}", "doe-2001[p. 1]"
        label = f"{field.labels[0]} {number}"
        tables.setdefault("frameworks", []).append(
            {"framework_id": name, "label": label, "short_label": label, "kind": "theory",
             "setting": field.setting, "jurisdiction": "not_reported", "people": field.people,
             "family": "not_applicable", "year": str(1950 + number % 70), "stated_count": "3",
             "completeness": "complete", "source": source, "certainty": "verified"})  # fmt: skip
        for place in range(3):
            wording = field.labels[(place + number) % 3] if place else "silence"
            element = f"{name}-{place + 1:02d}"
            tables.setdefault("elements", []).append(
                {"element_id": element, "framework_id": name, "framework_label": label,
                 "number": str(place + 1), "layer": "not_applicable", "wording": wording,
                 "gloss": wording, "source": source, "certainty": "verified"})  # fmt: skip
            for k, coder in enumerate(field.coders):
                at = (place + number * (k + 1)) % 3
                named = field.labels[at] == wording
                tables.setdefault("crosswalk", []).append(
                    {"element_id": element, "element_wording": wording, "concept_id": ids[at],
                     "concept_label": field.labels[at], "relation": "exact" if named else "related",
                     "basis": "explicit" if named else "interpreted", "reason": "Gelesen.",
                     "coder": coder})  # fmt: skip
    return tables


def build(folder: Path, field: Field, frameworks: int) -> Path:
    """Write a collection as its analyst would have it after some years."""
    files = dict(laid_files(field.title, field.page, field.setting))
    tables = rows_of(field, frameworks)
    keys = ["doe-2001", *([field.page] if field.page else [])] if frameworks else []
    tables["studies"] = [
        {"key": key, "origin": "added", "document_type": "book", "design": "not_coded",
         "setting": field.setting, "jurisdiction": "not_coded", "voices": "not_coded",
         "named_in_text": "not_applicable", "verification": "verified", "source": key}
        for key in keys
    ]  # fmt: skip
    if field.measure and frameworks:
        tables["findings"] = [
            {"finding_id": "f001", "key": "doe-2001", "outcome": "grades", "measure": field.measure,
             "estimate": "0.41", "ci_low": "0.2", "ci_high": "0.6", "ci_level": "95", "studies": "9",
             "participants": "900", "participants_bound": "exact", "comparison": "warm against cold",
             "direction": "favourable", "source": "doe-2001[p. 9]", "certainty": "verified"}
        ]  # fmt: skip
    if field.measure:
        tables["vocabularies"] = [
            {"list": "measure", "term": field.measure, "label": "Hedges' g", "broader": "not_applicable",
             "definition": "A difference of means.", "lowest": "-10", "highest": "10", "null": "0",
             "scale": "linear"}
        ]  # fmt: skip
    lay_out(folder, files)
    for name, rows in tables.items():
        table = house_schema().table(name)
        with (folder / table.path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.columns, restval="", lineterminator="\n")
            writer.writeheader()
            blank = {f.name: "" if f.blank else "not_coded" for f in table.fields}
            writer.writerows(
                {**blank, **row} for row in sorted(rows, key=lambda r: next(iter(r.values())))
            )
    bib = [f"@book{{{key},\n  author = {{Doe, Jane}},\n  title = {{{field.title}}},\n"
           "  publisher = {Example},\n  year = {2001},\n}\n" for key in keys]  # fmt: skip
    (folder / "references.bib").write_text("\n".join(bib), encoding="utf-8")
    relnotes("tidy", data=folder)
    return folder


@pytest.fixture(params=FIELDS)
def foreign(request, tmp_path):
    return build(tmp_path / request.param, FIELDS[request.param], 6)


def test_a_foreign_collection_is_sound(foreign):
    assert [f.sentence() for f in check_collection(foreign) if f.severity == "error"] == []
    descriptor = json.loads((foreign / "datapackage.json").read_text(encoding="utf-8"))
    assert open_collection(foreign).title == descriptor["title"]


@pytest.mark.parametrize(
    ("name", "size"), [("wards", 0), ("wards", 1), ("wards", 100), *((name, 6) for name in FIELDS)]
)
def test_every_figure_is_drawn_at_every_size_and_speaks_of_nothing_that_is_not_there(
    name, size, tmp_path
):
    collection = open_collection(build(tmp_path / name, FIELDS[name], size))
    for figure_name in names():
        figure = make(figure_name, collection)
        said = " ".join([figure.title, figure.caption, figure.alt, figure.description]).lower()
        for foreign_word in ("probation", "youth justice", "hmip"):
            assert foreign_word not in said, figure_name


# That of adding a study starts the command line in every cell; the second collection runs it.
@pytest.mark.parametrize(
    "notebook",
    [path for path in notebooks_in(ROOT / "notebooks") if not path.stem.startswith("80")],
    ids=lambda path: path.stem,
)
def test_every_notebook_speaks_of_a_collection_in_another_script(notebook, tmp_path, monkeypatch):
    folder = build(tmp_path / "Σχέσεις", FIELDS["Σχέσεις"], 6)
    monkeypatch.setenv(DATA_VARIABLE, str(folder))
    shown = "\n".join(said_by(notebook)).lower()
    for foreign_word in ("probation", "hmip", "<na>"):
        assert foreign_word not in shown


def test_labels_that_no_font_has_are_told_and_refused_by_figures_alone(tmp_path):
    field = Field("病棟の信頼", "看護", "患者", ("信頼", "時間", "신뢰"), ("田中",))
    folder = build(tmp_path / "病棟", field, 6)
    told = check_collection(folder)
    assert not any(fault.severity == "error" for fault in told)
    labels = {fault.value for fault in told if fault.rule == "undrawable_label"}
    assert {*field.labels, *field.coders, field.setting, field.people} <= labels
    with pytest.raises(UnprintableError, match="U\\+4FE1"):
        make("overlap-matrix", open_collection(folder))
    for words in (["trace", "one"], ["explorer", str(tmp_path / "e.html")],
                  ["export", str(tmp_path / "out")]):  # fmt: skip
        code, said = relnotes(*words, data=folder)
        assert code == 0, said
    assert "信頼" in (tmp_path / "e.html").read_text(encoding="utf-8")


def test_a_foreign_workbook_goes_there_and_back(foreign, tmp_path):
    before = contents(foreign)
    assert relnotes("export", str(tmp_path / "out"), data=foreign)[0] == 0
    (workbook,) = (tmp_path / "out").glob("*.xlsx")
    merged = merge(read_state(foreign), workbook)
    assert (merged.changed, merged.added, merged.removed) == ((), (), ())
    assert relnotes("merge", str(workbook), "--yes", data=foreign)[0] == 0
    assert contents(foreign) == before


def test_every_command_answers_on_a_foreign_collection(foreign):
    title = open_collection(foreign).title
    for words in (["check"], ["trace", "one"], ["tidy"], ["code-lexical"], ["undo"], ["codebook"],
                  ["changes", str(foreign)], ["refresh"]):  # fmt: skip
        code, said = relnotes(*words, data=foreign)
        assert code == 0, said
        assert f"[{title}, 0.1.0; {foreign}]" in said
    assert (
        "probation" not in (foreign / "README.md").read_text(encoding="utf-8").split("Example")[0]
    )


def test_a_thousand_frameworks_are_checked_traced_and_tidied(tmp_path):
    folder = build(tmp_path / "many", FIELDS["wards"], 1_000)
    assert [f for f in check_collection(folder) if f.severity == "error"] == []
    collection = open_collection(folder)
    assert len(collection.frameworks) == 1_000
    assert relnotes("trace", "set-0999-01", data=folder)[0] == 0
    assert "nothing to change" in relnotes("tidy", data=folder)[1]


def test_the_wheel_answers_outside_any_clone(tmp_path):
    """What `pip install` puts there is enough to ask, and refuses to be written to."""
    import os
    import subprocess
    import sys

    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    environment = {k: v for k, v in os.environ.items() if k != "RELNOTES_DATA"}
    environment["PYTHONPATH"] = str(tmp_path / "site")
    place = tmp_path / "outside"
    place.mkdir()
    for words, code, expected in (
        (["--version"], 0, "relnotes "),
        (["check"], 0, "no errors"),
        (["trace", "trust"], 0, "concepts:trust"),
        (["figure", "make", "overlap-matrix"], 0, "overlap-matrix.svg"),
        (["tidy"], 1, "relnotes init"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "relnotes.cli", *words],
            capture_output=True, text=True, encoding="utf-8", cwd=place, env=environment, check=False,
        )  # fmt: skip
        assert (done.returncode, expected in done.stdout + done.stderr) == (code, True), done
