"""The command line: `relnotes …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relnotes.evidence.collection import (
    DATA_VARIABLE,
    check_collection,
    find_folder,
    open_collection,
)
from relnotes.evidence.faults import CollectionError, Fault, faults_as_annotations, faults_as_json

if TYPE_CHECKING:
    from relnotes.desk.formats.records import Record
    from relnotes.desk.matching.matching import Placed
    from relnotes.show.reproduce import Progress

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
    from relnotes.page.passages import verify_page  # noqa: PLC0415

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
    from relnotes.desk.store import Draft, write  # noqa: PLC0415
    from relnotes.evidence.lexical import LEXICAL, code_lexically  # noqa: PLC0415

    folder = folder_of(data)
    collection = open_collection(folder)
    old = collection.row_ids("crosswalk")[collection.crosswalk["coder"] == LEXICAL]
    draft = Draft(
        rows={"crosswalk": code_lexically(collection.elements, collection.concepts)},
        removed={"crosswalk": list(old)},
    )
    typer.echo(str(write(folder, draft, "Lexical coding made")))


def folder_of(data: Path | None) -> Path:
    """Return the folder of the tables; say so if an interrupted write was settled first."""
    from relnotes.evidence.journal import recover  # noqa: PLC0415

    folder = find_folder(data)
    recovery = recover(folder)
    if recovery is not None:
        typer.echo(str(recovery), err=True)
    return folder


@app.command()
def tidy(data: Data = None) -> None:
    """Sort the rows of every table and write its file in the house form."""
    from relnotes.desk.store import tidy as tidied  # noqa: PLC0415

    typer.echo(str(tidied(folder_of(data))))


@app.command()
def undo(data: Data = None) -> None:
    """Take back the last write."""
    from relnotes.desk.store import undo as undone  # noqa: PLC0415

    typer.echo(str(undone(folder_of(data))))


Files = Annotated[
    list[Path],
    typer.Argument(help="Exports: BibTeX, RIS, nbib, CSL-JSON, OpenAlex, EndNote, CSV, XLSX."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the account as JSON.")]


@app.command()
def add(
    files: Files,
    data: Data = None,
    preview: Annotated[bool, typer.Option("--preview", help="Change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write what is new without asking.")] = False,
    as_json: AsJson = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to write the records that could not be read.")
    ] = None,
) -> None:
    """Add the works of exports: read, compare, show what would change, write all or nothing."""
    from relnotes.desk.adding import prepare_addition, read_exports, rejects_text  # noqa: PLC0415
    from relnotes.desk.store import read_state, write  # noqa: PLC0415

    folder = folder_of(data)
    state = read_state(folder)
    with progress_bar(quiet=as_json) as progress:
        readings = read_exports(files, progress)
    addition = prepare_addition(readings, state)
    person = sys.stdin.isatty() and sys.stdout.isatty() and not (preview or yes or as_json)
    if person and addition.matching.pile("unclear"):
        chosen = ask_about_unclear(addition.matching.pile("unclear"))
        addition = prepare_addition(readings, state, chosen)
    if rejects is not None and addition.rejected:
        rejects.write_text(rejects_text(addition.rejected), encoding="utf-8", newline="\n")
    typer.echo(json.dumps(addition.account(), ensure_ascii=False, indent=2) if as_json
               else str(addition))  # fmt: skip
    if preview or addition.staging.draft.empty:
        return
    if yes or (person and typer.confirm("Write this?")):
        typer.echo(str(write(folder, addition.staging.draft, "Works added")), err=as_json)
    else:
        typer.echo("Nothing was written; --yes writes what is new.", err=as_json)


def ask_about_unclear(pile: Sequence[Placed]) -> list[Record]:
    """Show each unclear record beside its partner and return those that a person calls new."""
    from relnotes.desk.adding import name_of  # noqa: PLC0415

    new = []
    for placed in pile:
        partner = name_of(placed.partner) if placed.partner else "nothing"
        typer.echo(f"this:  {name_of(placed.record)}\nthere: {partner}\nwhy:   {placed.reason}")
        if typer.confirm("Is it a new work?", default=False):
            new.append(placed.record)
    return new


@app.command(name="match")
def match_files(files: Files, as_json: AsJson = False) -> None:
    """Find the duplicates in exports, without a collection; change nothing."""
    from relnotes.desk.adding import (  # noqa: PLC0415
        account_in_words,
        account_of,
        match_exports,
        read_exports,
    )

    with progress_bar(quiet=as_json) as progress:
        readings = read_exports(files, progress)
    matching = match_exports(readings)
    if as_json:
        typer.echo(json.dumps(account_of(readings, matching), ensure_ascii=False, indent=2))
    else:
        typer.echo(account_in_words(readings, matching))


@app.command()
def new(
    what: Annotated[str, typer.Argument(help="framework, claim, finding, study, …")],
    data: Data = None,
    form: Annotated[
        Path | None, typer.Option(help="Write an empty form (.xlsx) here instead of asking.")
    ] = None,
) -> None:
    """Add a framework, claim, finding or study, asked for field by field."""
    from relnotes.desk.forms import FORMS, Question, ask, form_bytes  # noqa: PLC0415
    from relnotes.desk.preview import preview  # noqa: PLC0415
    from relnotes.desk.store import read_state, write  # noqa: PLC0415

    if what not in FORMS:
        typer.echo(f"‘{what}’ cannot be added so; there are: {', '.join(FORMS)}.", err=True)
        raise typer.Exit(1)
    folder = folder_of(data)
    if form is not None:
        form.write_bytes(form_bytes(open_collection(folder), what))
        typer.echo(f"Fill in {form}, then run: relnotes merge {form}")
        return

    def answer(question: Question) -> str:
        typer.echo(str(question))
        return str(
            typer.prompt(">", default=question.suggestion, show_default=bool(question.suggestion))
        )

    state = read_state(folder)
    draft = ask(what, answer, state)
    typer.echo(str(preview(state, draft)))
    if typer.confirm("Write this?"):
        typer.echo(str(write(folder, draft, f"New {what}")))


@app.command()
def merge(
    file: Annotated[
        Path, typer.Argument(help="A workbook from relnotes export, a form, or a table's CSV.")
    ],
    data: Data = None,
    preview: Annotated[bool, typer.Option("--preview", help="Change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take an edited workbook back: every change named, nothing mangled, conflicts for a person."""
    from relnotes.desk.merging import merge as merged  # noqa: PLC0415
    from relnotes.desk.store import read_state, write  # noqa: PLC0415

    folder = folder_of(data)
    merging = merged(read_state(folder), file)
    typer.echo(json.dumps(merging.account(), ensure_ascii=False, indent=2) if as_json
               else str(merging))  # fmt: skip
    if merging.conflicts or any(f.severity == "error" for f in merging.faults):
        typer.echo("Nothing was written.", err=True)
        raise typer.Exit(1)
    if preview or merging.draft.empty:
        return
    if yes or (sys.stdin.isatty() and typer.confirm("Write this?")):
        typer.echo(str(write(folder, merging.draft, f"Merged {file.name}")), err=as_json)
    else:
        typer.echo("Nothing was written; --yes writes it.", err=as_json)


@app.command()
def changes(
    before: Annotated[str, typer.Argument(help="The earlier version: a folder or a git revision.")],
    after: Annotated[str, typer.Argument(help="The later one; without it, the collection.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed in the evidence between two versions, as Markdown or JSON."""
    from relnotes.analysis.changes import changes_as_markdown, compare  # noqa: PLC0415
    from relnotes.desk.versions import open_version  # noqa: PLC0415

    folder = folder_of(data)
    names = (before, after or "now")
    later = open_version(after, folder) if after else open_collection(folder)
    found = compare(open_version(before, folder), later, names)
    typer.echo(json.dumps(found.account(), ensure_ascii=False, indent=2) if as_json
               else changes_as_markdown(found))  # fmt: skip


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to write.")] = Path("build/export"),
    data: Data = None,
) -> None:
    """Write one workbook, one SQLite file, and the bibliography as CSL-JSON and RIS."""
    from relnotes.show.export import export as exported  # noqa: PLC0415

    typer.echo(str(exported(open_collection(data), folder)))


@app.command()
def codebook(data: Data = None) -> None:
    """Write the codebook, README.md, beside the tables."""
    from relnotes.show.codebook import codebook as text  # noqa: PLC0415

    collection = open_collection(data)
    path = folder_of(data) / "README.md"
    path.write_text(text(collection), encoding="utf-8", newline="\n")
    typer.echo(f"Written: {path}")


@app.command()
def rules(
    file: Annotated[Path | None, typer.Argument(help="Where to write; without it, here.")] = None,
) -> None:
    """Print the manual of rules, made from the rules themselves."""
    from relnotes.show.codebook import rules_manual  # noqa: PLC0415

    if file is None:
        typer.echo(rules_manual())
    else:
        file.write_text(rules_manual(), encoding="utf-8", newline="\n")
        typer.echo(f"Written: {file}")


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
    from relnotes.figures.check import check as check_file  # noqa: PLC0415

    verdict = check_file(file, open_collection(data))
    typer.echo("\n".join([verdict.message, *(f"  {change}" for change in verdict.changes)]))
    raise typer.Exit(0 if verdict.state == "current" else 1)


@app.command()
def explorer(
    out: Annotated[Path, typer.Argument(help="Where the page is written.")] = Path("explorer.html"),
    data: Data = None,
) -> None:
    """Write the explorer: one page that answers clicks, without a server."""
    from relnotes.show.explorer import explorer_page  # noqa: PLC0415

    page = explorer_page(open_collection(data))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8", newline="\n")
    typer.echo(f"Written: {out}, {len(page.encode()):,} bytes. Open it in a browser.")


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
    from relnotes.show.reproduce import reproduce as run  # noqa: PLC0415

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
    from relnotes.show.reproduce import store_figures, store_notebooks  # noqa: PLC0415

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
def progress_bar(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a function that shows progress: a bar in a terminal, lines elsewhere."""
    if quiet:
        yield lambda _name, _done, _total: None
        return
    if not sys.stdout.isatty():
        from relnotes.show.reproduce import plain_progress  # noqa: PLC0415

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
