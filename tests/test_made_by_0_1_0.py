"""What 0.1.0 made still opens, merges, undoes and is recognised.

``made_by_0.1.0.zip`` holds a small collection with its descriptor and one kept write, the workbook
exported before that write, and three figures, all made by the program of that version.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from relnotes import check_collection, open_collection
from relnotes.analysis.changes import compare
from relnotes.desk.merging import merge
from relnotes.desk.store import read_state, undo, write
from relnotes.desk.versions import open_version
from relnotes.figures.check import check

HERE = Path(__file__).parent
RELEASE = HERE.parent / "docs" / "releases" / "0.1.0.zip"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with zipfile.ZipFile(HERE / "made_by_0.1.0.zip") as packed:
        packed.extractall(tmp_path)
    return tmp_path


def test_the_collection_opens_and_has_no_errors(old: Path):
    collection = open_collection(old / "collection")
    assert collection.title == "A small collection of 0.1.0"
    assert [f for f in check_collection(old / "collection") if f.severity == "error"] == []


def test_columns_that_it_lacks_are_visibly_empty(old: Path):
    collection = open_collection(old / "collection")
    assert set(collection.studies["report_of"]) <= {"not_coded", "not_applicable"}
    assert set(collection.studies["publisher"]) == {"not_coded"}


def test_its_workbook_merges_and_the_edit_alone_is_taken(old: Path):
    path = old / "export" / "small.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["frameworks"]
    (cell,) = [c for row in sheet.iter_rows() for c in row if c.value == "The plan model"]
    cell.value = "The plan model, mended"
    book.save(path)
    folder = old / "collection"
    merging = merge(read_state(folder), path)
    assert not merging.conflicts
    assert [f for f in merging.faults if f.severity == "error"] == []
    write(folder, merging.draft, "Merged")
    after = open_collection(folder)
    assert set(after.frameworks["label"]) == {"The bond model", "The plan model, mended"}
    # What was written after the export stays.
    assert list(after.events["label"]) == ["Rules adopted at last"]


def test_an_unedited_workbook_changes_nothing(old: Path):
    merging = merge(read_state(old / "collection"), old / "export" / "small.xlsx")
    assert merging.draft.empty


def test_its_kept_write_can_be_taken_back(old: Path):
    folder = old / "collection"
    undo(folder)
    assert list(open_collection(folder).events["label"]) == ["Rules adopted"]


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
@pytest.mark.parametrize("name", ["overlap-upset", "findings-forest"])
def test_its_figures_are_recognised(old: Path, name: str, kind: str):
    verdict = check(old / "figures" / f"{name}.{kind}", open_collection(old / "collection"))
    assert verdict.state in ("current", "outdated", "undecided")
    assert verdict.passport is not None
    assert verdict.passport.figure == name
    assert verdict.passport.version == "0.1.0"


def test_a_figure_that_is_made_no_more_is_told_so(old: Path):
    verdict = check(old / "figures" / "timeline-growth.svg", open_collection(old / "collection"))
    assert verdict.state == "not ours"
    assert "makes no figure of that name" in verdict.message


def test_the_release_opens_and_parted_concepts_are_followed():
    before = open_version(str(RELEASE), HERE)
    after = open_collection(HERE.parent / "data")
    assert before.version == "0.1.0"
    found = compare(before, after, ("0.1.0", "now"))
    gone = {row.id: row for row in found.removed if row.table == "concepts"}
    assert gone["authority"].reason
    assert "authority" not in set(after.concepts["concept_id"])
