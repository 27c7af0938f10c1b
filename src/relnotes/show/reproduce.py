"""The main jobs: run every notebook, export every figure, renew what is stored of them."""

from __future__ import annotations

import asyncio
import html
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relnotes.evidence.collection import (
    DATA_VARIABLE,
    Collection,
    check_collection,
    open_collection,
)
from relnotes.evidence.disk import put_whole

if TYPE_CHECKING:
    from relnotes.figures.figure import Figure
    from relnotes.figures.manifest import Comparison

CELL_SECONDS = 300
"""How long one cell may take before the notebook is stopped."""

OVERVIEW = "overlap-upset"
"""The figure that the README shows, kept beside the manifest as ``overview.png``."""

OVERVIEW_DPI = 144

MANIFEST = Path("figures", "manifest.json")
"""The committed hashes, beside the folder of the tables."""

Progress = Callable[[str, int, int], None]
"""Called with the name of what is under way, how much is done and how much there is."""


@dataclass(frozen=True)
class NotebookRun:
    """How one notebook ran.

    Attributes
    ----------
    name : str
        File name.
    cells : int
        Code cells it has.
    failed_cell : int
        Number of the cell that failed, counting code cells from 1; 0 if none.
    error : str
        The error in a line; empty if none.
    seconds : float
        How long it took.
    """

    name: str
    cells: int
    failed_cell: int
    error: str
    seconds: float

    @property
    def ran(self) -> bool:
        """Whether every cell ran."""
        return not self.error


@dataclass(frozen=True)
class Reproduction:
    """What one run of the main job came to."""

    notebooks: tuple[NotebookRun, ...]
    figures: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    failed_figures: tuple[tuple[str, str], ...]
    folder: Path

    @property
    def succeeded(self) -> bool:
        """Whether every notebook ran and every figure was drawn."""
        return all(n.ran for n in self.notebooks) and not self.failed_figures

    def __str__(self) -> str:
        ran = sum(n.ran for n in self.notebooks)
        identical = sum(c.state == "identical" for c in self.comparisons)
        lines = [f"Notebooks run: {ran} of {len(self.notebooks)}"]
        lines += [
            f"  failed: {n.name}, code cell {n.failed_cell}: {n.error}"
            for n in self.notebooks
            if not n.ran
        ]
        lines.append(f"Figures made: {len(self.figures)}")
        lines += [f"  failed: {name}: {error}" for name, error in self.failed_figures]
        compared = f"Identical to the committed ones: {identical} of {len(self.comparisons)}"
        lines.append(compared if self.comparisons else "No committed figures to compare with")
        lines += [f"  {c.figure}: {c.sentence}" for c in self.comparisons if c.state != "identical"]
        lines.append(f"Look at {self.folder / 'index.html'}")
        return "\n".join(lines)


def notebooks_in(folder: Path) -> list[Path]:
    """Return the notebooks of a folder in reading order, without templates."""
    return sorted(p for p in folder.glob("*.ipynb") if not p.name.startswith("_"))


def run_notebook(
    path: Path, target: Path, progress: Progress, data: Path | None = None
) -> NotebookRun:
    """Run a notebook from a clean kernel and write it executed to `target`.

    Parameters
    ----------
    path, target : Path
        The notebook, and where the executed one goes.
    progress : callable
        Told after each code cell.
    data : Path, optional
        The collection that the notebook opens; without it, the one it finds.

    Returns
    -------
    NotebookRun
        How it went; a failing cell is reported, not raised.
    """
    import nbformat  # noqa: PLC0415  (only the main job needs them)
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError  # noqa: PLC0415

    started = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    number = {index: n for n, index in enumerate(code, start=1)}
    at = 0

    def before(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = number.get(cell_index, at)
        progress(path.name, max(at - 1, 0), len(code))

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=before,
        record_timing=False,
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=40"],  # errors; a warning is no news to a reader
    )
    # Without the second, a debugger's warning about frozen modules goes into the outputs.
    environment = {**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    if data is not None:
        environment[DATA_VARIABLE] = str(data.resolve())
    error = ""
    try:
        _execute(client, environment)
        at = 0
    except CellExecutionError as failure:
        error = f"{failure.ename}: {failure.evalue}".splitlines()[0]
    except (CellTimeoutError, TimeoutError):
        error = f"the cell took longer than {CELL_SECONDS} seconds"
    except DeadKernelError:
        error = "the kernel died"
    except (AssertionError, OSError, RuntimeError) as failure:
        error = f"the kernel could not be started ({type(failure).__name__}: {failure})"
    settle(notebook)
    target.parent.mkdir(parents=True, exist_ok=True)
    put_whole(target, f"{nbformat.writes(notebook)}\n".encode())
    progress(path.name, len(code), len(code))
    return NotebookRun(path.name, len(code), at if error else 0, error, time.monotonic() - started)


def _execute(client: Any, environment: dict[str, str]) -> None:
    """Run a client in a thread of its own, so that Ctrl-C stops it and takes its kernel along.

    In the main thread the client takes the signal for itself, ends the kernel and goes on.
    """

    async def run() -> None:
        try:
            await client.async_execute(env=environment)
        finally:  # stopped while it started, the client does not know its kernel yet
            if client.km is not None and client.km.has_kernel:
                await client.km.shutdown_kernel(now=True)
            watching = asyncio.all_tasks() - {asyncio.current_task()}
            for left in watching:
                left.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    loop = asyncio.new_event_loop()
    task = loop.create_task(run())
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(loop.run_until_complete, task)
        try:
            while not running.done():  # a wait without an end hears no Ctrl-C on Windows
                wait([running], timeout=0.5)
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(task.cancel)
            raise
    loop.close()
    running.result()


def settle(notebook: Any) -> None:
    """Take out of an executed notebook what differs from run to run.

    The language is kept as the kernel told it, for an editor in which a kernel starts would write
    it in again and ask to save a notebook that nobody touched.
    """
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        cell.metadata.pop("execution", None)
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    language = notebook.metadata.get("language_info", {"name": "python"})
    notebook.metadata = {"kernelspec": kernel, "language_info": language}


def house_notebooks() -> Path:
    """Return the folder of the notebooks: here, or in the checkout that the program runs from.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    for folder in (Path("notebooks"), Path(__file__).parents[3] / "notebooks"):
        if notebooks_in(folder):
            return folder
    raise FileNotFoundError(2, "There are no notebooks here", "notebooks")


def store_notebooks(
    folder: Path, progress: Progress, data: Path | None = None
) -> tuple[NotebookRun, ...]:
    """Run every notebook of a folder, the template too, and store it executed in its place.

    A notebook with a failing cell is left as it was.
    """
    runs = []
    for path in [*sorted(folder.glob("_*.ipynb")), *notebooks_in(folder)]:
        unfinished = path.with_suffix(".ipynb.part")
        run = run_notebook(path, unfinished, progress, data)
        if run.ran:
            unfinished.replace(path)
        else:
            unfinished.unlink()
        runs.append(run)
    return tuple(runs)


def make_figures(
    collection: Collection, progress: Progress
) -> tuple[list[Figure], list[tuple[str, str]]]:
    """Draw every registered figure; return those drawn, and name and error of the others."""
    from relnotes.figures import make, names  # noqa: PLC0415

    made, failed = [], []
    registered = names()
    for done, name in enumerate(registered):
        progress(f"figure {name}", done, len(registered))
        try:
            made.append(make(name, collection))
        except Exception as error:  # one figure must not keep the others back
            failed.append((name, f"{type(error).__name__}: {error}".splitlines()[0]))
    progress("figures", len(registered), len(registered))
    return made, failed


def reproduce(
    collection: Collection, notebooks: Path, folder: Path, manifest: Path, progress: Progress
) -> Reproduction:
    """Run every notebook, export every figure, compare with the committed ones.

    Parameters
    ----------
    collection : Collection
        The evidence.
    notebooks : Path
        Folder of the notebooks.
    folder : Path
        Where everything goes: ``notebooks/``, ``figures/`` and ``index.html``.
    manifest : Path
        The committed hashes of the figures.
    progress : callable
        Told what is under way.

    Returns
    -------
    Reproduction
        What ran and what did not; failures are reported, not raised.
    """
    from relnotes.figures.manifest import compare, entry, manifest_of, read_manifest  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    runs = tuple(
        run_notebook(path, folder / "notebooks" / path.name, progress, collection.root)
        for path in notebooks_in(notebooks)
    )
    figures, failed = make_figures(collection, progress)
    entries = {}
    for done, figure in enumerate(figures):
        progress(f"export {figure.name}", done, len(figures))
        entries[figure.name] = entry(figure, figure.save(folder / "figures"))
    progress("exports", len(figures), len(figures))
    comparisons: Sequence[Comparison] = ()
    if manifest.is_file():
        comparisons = compare(read_manifest(manifest), manifest_of(collection, entries))
    put_whole(folder / "index.html", index_page(collection, figures).encode("utf-8"))
    return Reproduction(
        runs, tuple(f.name for f in figures), tuple(comparisons), tuple(failed), folder
    )


def index_page(collection: Collection, figures: Sequence[Figure]) -> str:
    """Return a page that shows all figures with caption, alternative text and data."""
    title = html.escape(collection.title)
    entries = "\n".join(
        f'<li><a href="#{html.escape(f.name)}">{html.escape(f.title)}</a></li>' for f in figures
    )
    sections = "\n".join(
        f'<section id="{html.escape(f.name)}">\n'
        f"{f.html(image=f'figures/{f.name}.svg')}\n"
        f"<p class=files>Files: {_files(f.name)}</p>\n</section>"
        for f in figures
    )
    return _PAGE.format(
        title=title,
        version=html.escape(collection.version),
        description=html.escape(collection.schema.description),
        entries=entries,
        sections=sections,
    )


def _files(name: str) -> str:
    escaped = html.escape(name)
    return ", ".join(
        f'<a href="figures/{escaped}.{kind}">{kind.upper()}</a>'
        for kind in ("svg", "pdf", "png", "csv")
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: all figures</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 62rem; margin: 2.5rem auto; padding: 0 1.25rem; }}
h1 {{ font-size: 1.6rem; line-height: 1.25; margin-bottom: .25rem; }}
section {{ border-top: 1px solid #ddd; margin-top: 2.5rem; padding-top: 2rem; }}
figure {{ margin: 0; }} figcaption {{ max-width: 44rem; margin-top: .75rem; }}
details {{ margin-top: .5rem; overflow-x: auto; }} summary {{ cursor: pointer; color: #0b5394; }}
table {{ border-collapse: collapse; font-size: .85rem; }}
th, td {{ text-align: left; padding: .2rem .6rem; border-bottom: 1px solid #eee;
  vertical-align: top; }}
a {{ color: #0b5394; }} .files {{ font-size: .9rem; color: #555; }}
nav li {{ margin: .15rem 0; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{description} Version {version}.</p>
<nav aria-label="Figures"><ol>
{entries}
</ol></nav>
{sections}
</body>
</html>
"""


def store_figures(
    collection: Collection, manifest: Path, progress: Progress
) -> list[tuple[str, str]]:
    """Draw every figure and write the hashes of their files; return what failed.

    Where a figure fails the manifest is left as it was.
    """
    import tempfile  # noqa: PLC0415

    from relnotes.evidence.disk import put_whole  # noqa: PLC0415
    from relnotes.figures.manifest import entry, manifest_of, write_manifest  # noqa: PLC0415

    figures, failed = make_figures(collection, progress)
    if not failed:
        with tempfile.TemporaryDirectory() as folder:
            entries = {f.name: entry(f, f.save(folder)) for f in figures}
        write_manifest(manifest, manifest_of(collection, entries))
        for figure in figures:
            if figure.name == OVERVIEW:
                put_whole(manifest.with_name("overview.png"), figure.rendered("png", OVERVIEW_DPI))
    return failed


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did, and what it could not do."""

    done: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def succeeded(self) -> bool:
        """Whether nothing is left."""
        return not self.left

    def __str__(self) -> str:
        return "\n".join([*self.done, *(f"Left: {what}" for what in self.left)])


def refresh(folder: Path, progress: Progress, *, preview: bool = False) -> Refreshed:
    """Renew all that is made from a collection: its form, its codebook, its stored outputs.

    Notebooks, figures and the manual of rules are those that stand beside the folder, so that
    one collection never overwrites the outputs of another.

    Parameters
    ----------
    folder : Path
        Folder of the tables.
    progress : callable
        Told what is under way.
    preview : bool
        Say what would be done, and do nothing.
    """
    home = folder.resolve().parent
    notebooks, manifest, manual = home / "notebooks", home / MANIFEST, home / "docs" / "rules.md"
    steps: dict[str, Callable[[], list[str]]] = {
        "tables tidied": lambda: _tables(folder),
        "codebook written": lambda: _texts(folder, manual),
    }
    if notebooks_in(notebooks):
        steps["notebooks stored"] = lambda: [
            f"{run.name}, code cell {run.failed_cell}: {run.error}"
            for run in store_notebooks(notebooks, progress, folder)
            if not run.ran
        ]
    if manifest.is_file():
        steps["figures’ hashes stored"] = lambda: [
            f"{name}: {error}"
            for name, error in store_figures(open_collection(folder), manifest, progress)
        ]
    if preview:
        return Refreshed(tuple(f"Would do: {step}." for step in steps), ())
    done, left = [], []
    for step, take in steps.items():
        failed = take()
        left += failed
        done.append(f"{step.capitalize()}{', but for what is left' if failed else ''}.")
    return Refreshed(tuple(done), tuple(left))


def _tables(folder: Path) -> list[str]:
    """Tidy the tables and make the lexical coding anew; return what keeps them from opening."""
    from relnotes.desk.store import lexical_draft, read_state, tidy, write  # noqa: PLC0415

    tidy(folder)
    write(folder, lexical_draft(read_state(folder)), "Lexical coding made")
    return [f.sentence() for f in check_collection(folder) if f.severity == "error"]


def _texts(folder: Path, manual: Path) -> list[str]:
    """Write the codebook and, where it stands beside the folder, the manual of rules."""
    from relnotes.show.codebook import codebook, rules_manual  # noqa: PLC0415

    put_whole(folder / "README.md", codebook(open_collection(folder)).encode("utf-8"))
    if manual.is_file():
        put_whole(manual, rules_manual().encode("utf-8"))
    return []
