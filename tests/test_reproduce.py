"""The main job: notebooks run, figures are exported and compared, failures are told."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from relnotes import open_collection
from relnotes.figures import names
from relnotes.show.reproduce import (
    notebooks_in,
    reproduce,
    run_notebook,
    store_figures,
    store_notebooks,
)


def notebook(folder: Path, name: str, *cells: str) -> Path:
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    path = folder / name
    nbformat.write(content, path)
    return path


class Told:
    """Collects what progress was told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []

    def __call__(self, name: str, done: int, total: int) -> None:
        self.steps.append((name, done, total))


def test_a_failing_cell_is_named_and_the_others_still_run(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook(folder, "10-good.ipynb", "1 + 1")
    notebook(folder, "20-bad.ipynb", "x = 1", "raise RuntimeError('no luck')", "x")
    notebook(folder, "30-good.ipynb", "2 + 2")
    told = Told()
    runs = [run_notebook(p, tmp_path / p.name, told) for p in notebooks_in(folder)]
    assert [r.ran for r in runs] == [True, False, True]
    assert (runs[1].failed_cell, runs[1].error) == (2, "RuntimeError: no luck")
    assert ("20-bad.ipynb", 1, 3) in told.steps


def test_an_executed_notebook_is_the_same_on_every_run(tmp_path):
    path = notebook(tmp_path, "10-same.ipynb", "print('hello')", "40 + 2")
    for name in ("first", "second"):
        run_notebook(path, tmp_path / name, Told())
    first, second = ((tmp_path / name).read_text(encoding="utf-8") for name in ("first", "second"))
    assert first == second
    stored = json.loads(first)
    assert stored["cells"][1]["outputs"][0]["data"]["text/plain"] == ["42"]
    assert stored["metadata"]["kernelspec"]["name"] == "python3"


def test_a_failing_notebook_is_not_stored_over_the_good_one(tmp_path):
    path = notebook(tmp_path, "10-bad.ipynb", "1 / 0")
    before = path.read_bytes()
    (run,) = store_notebooks(tmp_path, Told())
    assert not run.ran
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["10-bad.ipynb"]


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory):
    from relnotes.evidence.rules.sample import SAMPLE

    folder = tmp_path_factory.mktemp("reproduced")
    data = folder / "data"
    data.mkdir()
    for name, text in SAMPLE.items():
        (data / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "notebooks").mkdir()
    notebook(folder / "notebooks", "10-good.ipynb", "1 + 1")
    collection = open_collection(data)
    manifest = folder / "figures" / "manifest.json"
    assert store_figures(collection, manifest, Told()) == []
    told = Told()
    done = reproduce(collection, folder / "notebooks", folder / "build", manifest, told)
    return folder, done, told


def test_every_registered_figure_is_exported_with_its_data(reproduced):
    folder, done, _ = reproduced
    assert set(done.figures) == set(names())
    written = {p.name for p in (folder / "build/figures").iterdir()}
    assert written == {f"{n}.{kind}" for n in names() for kind in ("svg", "pdf", "png", "csv")}


def test_the_second_making_is_identical_to_the_stored_one(reproduced):
    _, done, _ = reproduced
    assert {c.state for c in done.comparisons} == {"identical"}
    assert done.succeeded
    assert f"Identical to the committed ones: {len(names())} of {len(names())}" in str(done)


def test_the_index_shows_every_figure_with_alternative_text(reproduced):
    folder, done, _ = reproduced
    page = (folder / "build/index.html").read_text(encoding="utf-8")
    images = re.findall(r'<img alt="([^"]+)"[^>]* src="([^"]+)"', page)
    assert len(images) == len(done.figures)
    for alt, source in images:
        assert len(alt) > 20
        assert (folder / "build" / source).is_file()
    assert "<script" not in page


def test_progress_counts_cells_and_figures(reproduced):
    _, _, told = reproduced
    assert ("10-good.ipynb", 1, 1) in told.steps
    assert any(name.startswith("figure ") for name, _, _ in told.steps)


def test_committed_figures_are_what_tables_and_code_draw_now(tmp_path):
    """A figure that moved says here which table, module or library moved it."""
    from relnotes.figures.manifest import compare, entry, manifest_of, read_manifest
    from relnotes.show.reproduce import make_figures

    root = Path(__file__).parents[1]
    collection = open_collection(root)
    committed = read_manifest(root / "figures" / "manifest.json")
    figures, failed = make_figures(collection, Told())
    assert failed == []
    made = manifest_of(collection, {f.name: entry(f, f.save(tmp_path)) for f in figures})
    moved = [c.sentence for c in compare(committed, made) if c.state != "identical"]
    assert moved == [], "if this is meant, run: relnotes refresh"
