"""What the commands share: how they are declared, where they work, how they answer and end."""

from __future__ import annotations

import importlib.metadata
import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relnotes.evidence.collection import DATA_VARIABLE, find_folder
from relnotes.evidence.faults import CollectionError, visible
from relnotes.evidence.schema import read_schema

if TYPE_CHECKING:
    from relnotes.desk.store import State
    from relnotes.show.reproduce import Progress

FAULTY, WRONG_USE, NOT_CONFIRMED, STOPPED = 1, 2, 3, 130

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Work with a collection of evidence tables: check it, trace it, draw it, extend it.",
    epilog="Exit codes: 0 done; 1 faults were found, or a figure is outdated; 2 used wrongly; "
    "3 nothing was written, because it was not confirmed; 130 stopped.",
)
figures = typer.Typer(no_args_is_help=True, help="Figures: list them, make one, check a file.")
app.add_typer(figures, name="figure")

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help=f"Folder of the tables. Without it: {DATA_VARIABLE}, then the nearest collection.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Preview = Annotated[bool, typer.Option("--preview", help="Show what would change; write nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Exports: BibTeX, "
                  "RIS, nbib, CSL-JSON, OpenAlex, EndNote, CSV, XLSX.")]  # fmt: skip

Command = Callable[..., None]

# Typer brings click along under one name or another; this is its own way to it.
_UsageError: Any = typer.BadParameter.__base__


def command(*examples: str, name: str | None = None, group: typer.Typer = app) -> Callable[
    [Command], Command
]:  # fmt: skip
    """Register a command with examples of its use, which its help shows."""
    shown = "\n".join(["\b", "Examples:", *(f"  relnotes {example}" for example in examples)])
    return group.command(name=name, epilog=shown)


def program_version() -> str:
    """Return the version of the program, also of one that runs from its sources."""
    try:
        return importlib.metadata.version("relnotes")
    except importlib.metadata.PackageNotFoundError:
        project = Path(__file__).parents[3] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def _version(wanted: bool) -> None:
    if wanted:
        say(f"relnotes {program_version()}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command line; whatever goes wrong ends in words and a code, never in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(_run())


def _run() -> int:
    try:
        code = int(app(standalone_mode=False, prog_name="relnotes") or 0)
        if code == STOPPED:  # newer versions of typer end so at Ctrl-C, older ones raise
            raise KeyboardInterrupt
        return code
    except _UsageError as error:
        if error.ctx is not None:
            say(f"{error.ctx.get_usage()}\nTry {error.ctx.command_path} -h.", err=True)
        say(error.format_message(), err=True)
        return WRONG_USE
    except (typer.Abort, KeyboardInterrupt):
        say("Stopped.", err=True)
        return STOPPED
    except CollectionError as error:
        say(str(error), err=True)
        asked_wrongly = {f.rule for f in error.faults} <= {"no_collection", "unknown_version"}
        return WRONG_USE if asked_wrongly else FAULTY
    except RecursionError:
        say("Something in the files is nested too deeply to be read.", err=True)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        say(f"The disk refused: {error.strerror or error}{where}.", err=True)
    except (KeyError, ValueError) as error:
        say(str(error.args[0] if error.args else error), err=True)
    return FAULTY


@contextmanager
def naming(folder: Path) -> Iterator[None]:
    """Take a name that nothing has for a wrong use of the command, not for a fault of the data."""
    try:
        yield
    except KeyError as error:
        raise wrong_use(f"{error.args[0]}\n{_named(folder)}") from error


def wrong_use(message: str) -> Exception:
    """Return what ends a command that was asked for something that there is not."""
    error: Exception = _UsageError(message)
    return error


# ------------------------------------------------------------------------------ answering


def say(text: str, *, err: bool = False) -> None:
    """Print, with every control character shown as such: a cell can hold anything."""
    typer.echo(visible(text), err=err)


def answer(folder: Path, text: str, account: Mapping[str, Any] | None = None) -> None:
    """Answer in words or, where there is an account, as JSON; name the collection either way."""
    if account is None:
        say(f"{text}\n{_named(folder)}")
        return
    title, version = _title_and_version(folder)
    named = {"collection": title, "version": version, "folder": str(folder), **account}
    say(json.dumps(named, ensure_ascii=False, indent=2, default=str))


def _title_and_version(folder: Path) -> tuple[str, str]:
    schema = read_schema(folder)
    return schema.title or folder.resolve().name, schema.version or "unversioned"


def _named(folder: Path) -> str:
    title, version = _title_and_version(folder)
    return f"[{title}, {version}; {folder}]"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form.

    Examples
    --------
    >>> counted(0, "error"), counted(1, "error"), counted(2, "error")
    ('no errors', '1 error', '2 errors')
    """
    return f"no {noun}s" if not number else f"{number:,} {noun}{'' if number == 1 else 's'}"


# -------------------------------------------------------------------------------- writing


def folder_of(data: Path | None) -> Path:
    """Return the folder to write to; say so if an interrupted write was settled first."""
    from relnotes.evidence.journal import recover
    from relnotes.evidence.paths import refuse_packaged

    folder = find_folder(data)
    refuse_packaged(folder)
    recovery = recover(folder)
    if recovery is not None:
        say(str(recovery), err=True)
    return folder


def asked() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def confirmed(*, yes: bool, preview: bool) -> bool:
    """Whether to write what was shown; without a yes the command ends with a code of its own."""
    if preview:
        return False
    if yes or (asked() and typer.confirm("Write this?")):
        return True
    say("Nothing was written; --yes writes it.", err=True)
    raise typer.Exit(NOT_CONFIRMED)


def show_new_state(folder: Path, state: State, new: State, *, figures_too: bool) -> None:
    """Answer with what another state of the files would change."""
    from relnotes.desk.preview import preview_state

    files = sorted(
        n for n in {*state.contents, *new.contents} if state.contents.get(n) != new.contents.get(n)
    )
    said = f"Files that would change: {', '.join(files)}." if files else "No file would change."
    moved = figures_that_move(state, new) if figures_too else ""
    answer(folder, "\n".join(filter(None, [str(preview_state(state, new)), moved, said])))


def figures_that_move(state: State, new: State) -> str:
    """Return in words which figures and sentences another state of the files would change."""
    from relnotes.desk.preview import moved_figures

    with progress_bar() as told:
        moved = moved_figures(state, new, told)
    lines = [f"Figures and sentences that would move: {len(moved)}."]
    return "\n".join([*lines, *(f"  {figure}" for figure in moved)])


# ------------------------------------------------------------------------------- progress


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a function that shows progress: a bar in a terminal, lines elsewhere."""
    if quiet:
        yield lambda _name, _done, _total: None
        return
    if not sys.stdout.isatty():
        yield _plain_progress
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as bar:
        tasks: dict[str, int] = {}

        def show(name: str, done: int, total: int) -> None:
            stage = {"figure": "figures", "export": "exports"}.get(name.split(maxsplit=1)[0], name)
            if stage not in tasks:
                tasks[stage] = bar.add_task(visible(stage).replace("[", r"\["), total=total)
            bar.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield show


def _plain_progress(name: str, done: int, total: int) -> None:
    if done == total:
        say(f"{name}: {total} of {total}")
