"""The command line: `relnotes …`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relnotes.collection import (
    DATA_VARIABLE,
    check_collection,
    find_folder,
    open_collection,
)
from relnotes.faults import CollectionError, Fault, faults_as_annotations, faults_as_json

if TYPE_CHECKING:
    from relnotes.reproduce import Progress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Work with a collection of evidence tables: check it, trace it, draw it, extend it.",
)
figure_app = typer.Typer(no_args_is_help=True, help="Figures: list them, check a file of one.")
app.add_typer(figure_app, name="figure")

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help=f"Folder of the tables. Without it: {DATA_VARIABLE}, then the nearest collection.",
        show_default=False,
    ),
]


class Form(StrEnum):
    """How faults are printed."""

    table = "table"
    json = "json"
    annotations = "annotations"


def main() -> None:
    """Run the command line; bad data end in words and exit code 1, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except CollectionError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except (KeyError, OSError, ValueError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        typer.echo(str(message), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(130)


@app.command()
def check(
    data: Data = None,
    form: Annotated[Form, typer.Option("--format", help="How to print the faults.")] = Form.table,
) -> None:
    """Check the tables and the bibliography against every rule; exit 1 on any error."""
    faults = check_collection(data)
    errors = sum(f.severity == "error" for f in faults)
    if form is Form.json:
        typer.echo(faults_as_json(faults))
    elif form is Form.annotations:
        typer.echo(faults_as_annotations(faults))
    else:
        typer.echo(fault_table(faults))
    raise typer.Exit(1 if errors else 0)


MOST_PRINTED = 40
"""Faults of one rule that are printed singly; `--format json` has them all."""


def fault_table(faults: tuple[Fault, ...]) -> str:
    """Return the faults as text: one paragraph a fault, and a closing count."""
    lines: list[str] = []
    by_rule: dict[str, int] = {}
    for fault in faults:
        by_rule[fault.rule] = by_rule.get(fault.rule, 0) + 1
        if by_rule[fault.rule] <= MOST_PRINTED:
            lines.append(f"{fault.severity}: {fault.sentence()}")
    lines += [
        f"… and {count - MOST_PRINTED} more of the rule {name}"
        for name, count in by_rule.items()
        if count > MOST_PRINTED
    ]
    errors = sum(f.severity == "error" for f in faults)
    notices = len(faults) - errors
    lines.append(f"{counted(errors, 'error')}, {counted(notices, 'notice')}.")
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form.

    Examples
    --------
    >>> counted(0, "error"), counted(1, "error"), counted(2, "error")
    ('no errors', '1 error', '2 errors')
    """
    return f"no {noun}s" if not number else f"{number:,} {noun}{'' if number == 1 else 's'}"


@app.command()
def verify(
    page: Annotated[Path, typer.Argument(help="The page: its text, or saved as HTML.")],
    data: Data = None,
) -> None:
    """Say passage by passage whether the source page still says what the tables rest on."""
    from relnotes.passages import verify_page  # noqa: PLC0415

    verification = verify_page(open_collection(data), page)
    typer.echo(str(verification))
    raise typer.Exit(0 if verification.unchanged else 1)


@app.command()
def trace(
    row_id: Annotated[
        str, typer.Argument(help="Id of a row, citation key, or figure:mark.", metavar="ID")
    ],
    data: Data = None,
) -> None:
    """Follow an id to its rows, sources, references and passages."""
    typer.echo(str(open_collection(data).trace(row_id)))


@app.command(name="code-lexical")
def code_lexical(data: Data = None) -> None:
    """Make the lexical coding of the crosswalk anew from the concepts' terms."""
    from relnotes.lexical import LEXICAL, code_lexically  # noqa: PLC0415
    from relnotes.writing import Draft, write  # noqa: PLC0415

    folder = find_folder(data)
    collection = open_collection(folder)
    old = collection.row_ids("crosswalk")[collection.crosswalk["coder"] == LEXICAL]
    draft = Draft(
        rows={"crosswalk": code_lexically(collection.elements, collection.concepts)},
        removed={"crosswalk": list(old)},
    )
    typer.echo(str(write(folder, draft, "Lexical coding made")))


@app.command()
def tidy(data: Data = None) -> None:
    """Sort the rows of every table and write its file in the house form."""
    from relnotes.writing import tidy as tidied  # noqa: PLC0415

    typer.echo(str(tidied(find_folder(data))))


@app.command()
def undo(data: Data = None) -> None:
    """Take back the last write."""
    from relnotes.writing import undo as undone  # noqa: PLC0415

    typer.echo(str(undone(find_folder(data))))


@figure_app.command(name="list")
def list_figures() -> None:
    """List the registered figures."""
    from relnotes.figures import names  # noqa: PLC0415

    typer.echo("\n".join(names()))


@figure_app.command(name="check")
def check_figure(
    file: Annotated[Path, typer.Argument(help="An SVG, PDF or PNG.")], data: Data = None
) -> None:
    """Say whether a figure file is current, outdated or not ours; exit 1 unless current."""
    from relnotes.figures.passport import check as check_file  # noqa: PLC0415

    verdict = check_file(file, open_collection(data))
    typer.echo("\n".join([verdict.message, *(f"  {change}" for change in verdict.changes)]))
    raise typer.Exit(0 if verdict.state == "current" else 1)


@app.command()
def reproduce(
    data: Data = None,
    notebooks: Annotated[Path, typer.Option(help="Folder of the notebooks.")] = Path("notebooks"),
    build: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("build"),
    manifest: Annotated[Path, typer.Option(help="The committed hashes of the figures.")] = Path(
        "figures/manifest.json"
    ),
) -> None:
    """Run every notebook, export every figure, and compare with the committed ones."""
    from relnotes.reproduce import reproduce as run  # noqa: PLC0415

    with progress_bar() as progress:
        done = run(open_collection(data), notebooks, build, manifest, progress)
    typer.echo(str(done))
    raise typer.Exit(0 if done.succeeded else 1)


@app.command()
def refresh(
    data: Data = None,
    notebooks: Annotated[Path, typer.Option(help="Folder of the notebooks.")] = Path("notebooks"),
    manifest: Annotated[Path, typer.Option(help="The committed hashes of the figures.")] = Path(
        "figures/manifest.json"
    ),
) -> None:
    """After a change to data or code: store the notebooks executed and the figures' hashes."""
    from relnotes.reproduce import store_figures, store_notebooks  # noqa: PLC0415

    collection = open_collection(data)
    with progress_bar() as progress:
        runs = store_notebooks(notebooks, progress)
        failures = store_figures(collection, manifest, progress)
    for run in runs:
        if not run.ran:
            typer.echo(f"failed: {run.name}, code cell {run.failed_cell}: {run.error}")
    for name, error in failures:
        typer.echo(f"failed: {name}: {error}")
    stored = sum(run.ran for run in runs)
    typer.echo(f"{counted(stored, 'notebook')} stored.")
    raise typer.Exit(0 if stored == len(runs) and not failures else 1)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Give a function that shows progress: a bar in a terminal, lines elsewhere."""
    if not sys.stdout.isatty():
        from relnotes.reproduce import plain_progress  # noqa: PLC0415

        yield plain_progress
        return
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as bar:
        tasks: dict[str, int] = {}

        def show(name: str, done: int, total: int) -> None:
            stage = "figures" if name.startswith("figure ") else name
            stage = "exports" if name.startswith("export ") else stage
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield show


if __name__ == "__main__":
    main()
