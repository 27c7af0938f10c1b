"""The form of the notebooks, as they are stored. That they run, nbval says."""

import ast
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from relnotes import open_collection

FOLDER = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
LONGEST_CELL = 5
LONGEST_LINE = 110  # about what a page shows without a scroll bar

pytestmark = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path: Path, kind: str = "") -> list[Any]:
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if not kind or cell.cell_type == kind]


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in cells(path, "markdown"))


def outputs(path: Path) -> list[Any]:
    return [output for cell in cells(path, "code") for output in cell.outputs]


class Images(HTMLParser):
    """The alternative texts of the pictures in a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.alts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.alts.append(dict(attrs).get("alt") or "")


def test_it_is_valid_and_opens_without_asking_for_a_kernel(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


def test_its_name_is_lower_case_with_a_number(path: Path):
    assert path.name == "_template.ipynb" or re.fullmatch(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*", path.stem)


def test_it_has_one_title_and_says_what_it_is_for(path: Path):
    headings = re.findall(r"(?m)^# .+", prose(path))
    first = cells(path)[0]
    assert len(headings) == 1
    assert first.cell_type == "markdown"
    assert first.source.startswith(headings[0])
    asked = re.findall(
        r"(?m)^\*\*(The question\.|For whom\.|Minutes\.|You need)\*\* ", first.source
    )
    assert asked == ["The question.", "For whom.", "Minutes.", "You need"]


def test_headings_go_down_one_level_at_a_time(path: Path):
    levels = [len(marks) for marks in re.findall(r"(?m)^(#+) ", prose(path))]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_more_of_its_cells_are_prose_than_code(path: Path):
    kinds = [cell.cell_type for cell in cells(path)]
    assert kinds.count("markdown") > kinds.count("code")


def test_it_has_an_exercise_whose_answer_is_folded_and_not_told(path: Path):
    sources = [cell.source for cell in cells(path)]
    [asked] = [n for n, source in enumerate(sources) if source.startswith("guess = None\n")]
    assert sources[asked].splitlines()[-1].startswith("check(guess, ")
    answer = next(cell for cell in cells(path)[asked + 1 :] if cell.cell_type == "code")
    assert answer.metadata.get("tags") == ["hide-cell"]
    told = [output.data["text/plain"] for output in cells(path)[asked].outputs]
    assert told == ["Write your guess first."]


def test_an_answer_is_folded_in_the_lab_and_on_a_page(path: Path):
    for cell in cells(path):
        folded = cell.metadata.get("jupyter", {})
        tagged = cell.metadata.get("tags") == ["hide-cell"]
        assert (folded == {"source_hidden": True, "outputs_hidden": True}) is tagged


def test_its_code_cells_are_short(path: Path):
    for cell in cells(path, "code"):
        lines = cell.source.splitlines()
        assert len(lines) <= LONGEST_CELL, cell.source
        assert max(map(len, lines)) <= LONGEST_LINE, cell.source
        assert not cell.source.rstrip().endswith(";"), cell.source


def test_its_code_names_nothing_of_one_collection(path: Path):
    collection = open_collection(FOLDER.parent / "data")
    ids = {
        row_id
        for table in ("frameworks", "elements", "concepts", "studies", "claims", "findings")
        for row_id in collection.row_ids(table)
    } | set(collection.frameworks["short_label"]) | set(collection.concepts["label"])  # fmt: skip
    for cell in cells(path, "code"):
        written = {
            node.value
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert written & ids == set(), cell.source


def test_its_prose_names_no_field_that_another_collection_does_not_have(path: Path):
    named = r"(?i)\b(probation|youth justice|prison|inspectorate|offen[cd]\w*|reconvict\w*)\b"
    assert re.findall(named, prose(path)) == []


def test_it_is_stored_executed_in_order_and_settled(path: Path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert [cell.id for cell in cells(path)] == [f"cell-{n:02d}" for n in range(len(cells(path)))]
    assert all("execution" not in cell.metadata for cell in cells(path))


def test_it_opens_in_the_lab_without_asking_to_be_saved(path: Path):
    metadata = nbformat.read(path, as_version=4).metadata
    # What the kernel tells an editor, which would write it in where it is missing.
    assert metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert set(metadata.language_info) == {
        "codemirror_mode", "file_extension", "mimetype", "name", "nbconvert_exporter",
        "pygments_lexer", "version",
    }  # fmt: skip


def test_its_tables_hold_no_codes_and_no_powers_of_ten(path: Path):
    for output in outputs(path):
        page = output.get("data", {}).get("text/html", "")
        if "<figure" in page:
            continue
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", page):
            assert not re.fullmatch(r"[a-z]+(_[a-z]+)+|True|False|[\d.]+e[+-]\d+|\d{5,}", cell), (
                cell
            )


def test_nothing_went_wrong_in_it(path: Path):
    assert outputs(path), "it is stored without having been run"
    for output in outputs(path):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"


def test_its_figures_have_alternative_text(path: Path):
    for output in outputs(path):
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data):
            assert Images(data.get("text/html", "")).alts, "a picture without accessible HTML"
        assert all(Images(data.get("text/html", "")).alts)


def test_its_tables_are_shown_the_accessible_way(path: Path):
    for output in outputs(path):
        page = output.get("data", {}).get("text/html", "")
        assert 'class="dataframe"' not in page
        for table in re.findall(r"(?s)<table.*?</table>", page):
            assert '<th scope="col"' in table


def test_nothing_in_it_differs_from_run_to_run(path: Path):
    for output in outputs(path):
        shown = str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
        assert not re.search(r" at 0x[0-9a-f]{6,}", shown)


def test_it_ends_with_its_references(path: Path):
    assert re.findall(r"(?m)^## (.+)", prose(path))[-1] == "References"
    assert cells(path, "code")[-1].source.endswith("notes.references()")
    assert any("notes.cite" in cell.source for cell in cells(path, "code"))


def test_its_links_to_other_notebooks_lead_somewhere(path: Path):
    for target in re.findall(r"\]\(([^):]+\.(?:ipynb|md))\)", prose(path)):
        assert (path.parent / target).is_file(), target
