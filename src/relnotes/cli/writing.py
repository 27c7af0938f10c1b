"""Commands that write to a collection: each shows what would change, then writes all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relnotes.cli.app import (
    FAULTY,
    NOT_CONFIRMED,
    AsJson,
    Data,
    Files,
    Preview,
    Yes,
    answer,
    asked,
    command,
    confirmed,
    counted,
    figures_that_move,
    folder_of,
    naming,
    progress_bar,
    say,
    show_new_state,
    wrong_use,
)
from relnotes.desk import store
from relnotes.desk.store import Draft, State, drafted, read_state, write
from relnotes.evidence.collection import open_collection

if TYPE_CHECKING:
    from relnotes.desk.asking import Question
    from relnotes.desk.formats.records import Record
    from relnotes.desk.matching.matching import Placed
    from relnotes.desk.merging import Choice, Conflict

Coder = Annotated[
    str, typer.Option(envvar="RELNOTES_CODER", help="Who judges, where a judgement does not say.")
]


@command('init wards --title "Trust on hospital wards"', "init wards --settings nursing --yes")
def init(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there, or empty.")],
    title: Annotated[str, typer.Option(help="What the collection is called.")] = "",
    page: Annotated[str, typer.Option(help="Citation key of the source page, if any.")] = "",
    settings: Annotated[str, typer.Option(help="Fields of practice, separated by ;.")] = "",
    preview: Preview = False,
    yes: Yes = False,
) -> None:
    """Start a collection: tables with headers, a bibliography, a descriptor, a guide."""
    from relnotes.desk.starting import laid_files, lay_out

    if asked() and not (yes or preview):
        title = title or typer.prompt("Title", default=folder.name)
        page = page or typer.prompt("Citation key of the source page (none: just Enter)",
                                    default="", show_default=False)  # fmt: skip
        settings = settings or typer.prompt("Fields of practice, separated by ; (none: just Enter)",
                                            default="", show_default=False)  # fmt: skip
    files = laid_files(title or folder.name, page, settings)
    if preview:
        say("\n".join([f"In {folder} there would be:", *(f"  {name}" for name in files)]))
        return
    lay_out(folder, files)
    answer(folder, f"Begun: {counted(len(files), 'file')}. Read {folder / 'GUIDE.md'} first.")


@command("tidy", "tidy --data wards --preview")
def tidy(data: Data = None, preview: Preview = False) -> None:
    """Sort the rows of every table, renew the labels beside ids, write the house form."""
    folder = folder_of(data)
    if preview:
        state = read_state(folder)
        show_new_state(folder, state, store.tidied(state), figures_too=True)
    else:
        answer(folder, str(store.tidy(folder)))


@command("undo", "undo --preview")
def undo(data: Data = None, preview: Preview = False) -> None:
    """Take back the last write."""
    folder = folder_of(data)
    if preview:
        state = read_state(folder)
        before = state.with_contents(store.before_last_write(folder, state).before)
        show_new_state(folder, state, before, figures_too=True)
    else:
        answer(folder, str(store.undo(folder)))


@command("code-lexical", "code-lexical --data wards --preview", name="code-lexical")
def code_lexical(data: Data = None, preview: Preview = False) -> None:
    """Make the lexical coding of the crosswalk anew from the concepts' terms."""
    folder = folder_of(data)
    state = read_state(folder)
    draft = store.lexical_draft(state)
    if preview:
        show_new_state(folder, state, drafted(state, draft), figures_too=True)
    else:
        answer(folder, str(write(folder, draft, "Lexical coding made")))


@command("add export.ris --preview", "add scopus.csv pubmed.nbib --yes --json")
def add(
    files: Files,
    data: Data = None,
    preview: Preview = False,
    yes: Yes = False,
    as_json: AsJson = False,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Abstracts, private notes and local paths too.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where to write the records that could not be read.")
    ] = None,
) -> None:
    """Add the works of exports: read, compare, show what would change, write all or nothing."""
    from relnotes.desk.adding import prepare_addition, read_exports, rejects_text
    from relnotes.evidence.disk import put_whole

    folder = folder_of(data)
    state = read_state(folder)
    with progress_bar(quiet=as_json) as progress:
        readings = read_exports(files, progress)
    addition = prepare_addition(readings, state, keep_all=keep_all)
    unclear = addition.matching.pile("unclear")
    if unclear and asked() and not (preview or yes or as_json):
        addition = prepare_addition(readings, state, _called_new(unclear), keep_all=keep_all)
    if rejects is not None and addition.rejected:
        put_whole(rejects, rejects_text(addition.rejected).encode("utf-8", "backslashreplace"))
    answer(folder, str(addition), addition.account() if as_json else None)
    if preview and not as_json:
        say(figures_that_move(state, drafted(state, addition.staging.draft)))
    if not addition.staging.draft.empty and confirmed(yes=yes, preview=preview):
        say(str(write(folder, addition.staging.draft, "Works added")), err=as_json)


def _called_new(pile: Sequence[Placed]) -> list[Record]:
    """Show each unclear record beside its partner and return those that a person calls new."""
    from relnotes.desk.adding import name_of

    new = []
    for placed in pile:
        partner = name_of(placed.partner) if placed.partner else "nothing"
        say(f"this:  {name_of(placed.record)}\nthere: {partner}\nwhy:   {placed.reason}")
        if typer.confirm("Is it a new work?", default=False):
            new.append(placed.record)
    return new


@command("new framework", "new finding --form finding.xlsx")
def new(
    what: Annotated[str, typer.Argument(help="framework, element, judgement, claim, finding, "
                    "study, concept, term, correction or event.")],
    data: Data = None,
    form: Annotated[
        Path | None, typer.Option(help="Write an empty form (.xlsx) here instead of asking.")
    ] = None,
    coder: Coder = "",
    preview: Preview = False,
) -> None:  # fmt: skip
    """Add a framework, a study or a row of another kind, asked for field by field."""
    from relnotes.desk.forms import FORMS, form_bytes
    from relnotes.desk.typed import Typed, usual_coder
    from relnotes.evidence.disk import put_whole

    if what not in FORMS:
        raise wrong_use(f"‘{what}’ cannot be added so; there are: {', '.join(FORMS)}.")
    folder = folder_of(data)
    if form is not None:
        put_whole(form, form_bytes(open_collection(folder), what))
        answer(folder, f"Fill in {form}, then run: relnotes merge {form}")
        return
    state, typed = read_state(folder), Typed(folder, what)
    coder = coder or usual_coder(folder)
    say("\n".join(_before_asking(state, what, coder)))
    if typed.answers:
        say(f"You stopped after {counted(len(typed.answers), 'answer')}.")
        if not typer.confirm("Go on from there?", default=True):
            typed.forget()
    while True:
        draft = typed.ask(_put, state, coder)
        show_new_state(folder, state, drafted(state, draft), figures_too=preview)
        if preview:
            return
        said = typer.prompt("Write this? y, n, or < for one step back", default="n",
                            show_default=False).strip()  # fmt: skip
        if said != "<":
            break
        typed.step_back()
    if not said.lower().startswith("y"):
        say(f"Nothing was written; relnotes new {what} goes on from your answers.", err=True)
        raise typer.Exit(NOT_CONFIRMED)
    say(str(write(folder, draft, f"New {what}")))
    typed.forget()


def _before_asking(state: State, what: str, coder: str) -> Iterator[str]:
    """Say what a person should know before the first question."""
    from relnotes.desk.forms import FORMS

    yield "Each answer is kept. < goes one step back; Ctrl-C stops, and you go on from there."
    words = next(iter(state.schema.tables.values())).empty_words
    yield f"Where nothing is known: {', '.join(f'{w} ({m})' for w, m in words.items())}."
    if coder and "crosswalk" in FORMS[what]:
        yield f"You judge as {coder}; --coder names another."
    if what not in ("study", "concept", "term") and not state.evidence().bibliography:
        yield "No work is there yet that a row could rest on: first relnotes new study or add."


def _put(question: Question) -> str:
    say(str(question))
    suggestion = question.suggestion
    return str(typer.prompt(">", default=suggestion, show_default=False, prompt_suffix=" "))


@command("merge framework.xlsx --preview", "merge events.csv --theirs --yes")
def merge(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="A workbook from relnotes export, a "
                       "form (.xlsx, .ods), or a table as CSV."),
    ],
    data: Data = None,
    theirs: Annotated[bool, typer.Option("--theirs", help="Conflicts: take the file's.")] = False,
    ours: Annotated[bool, typer.Option("--ours", help="Conflicts: keep what is here.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Conflicts: decide one by one.")] = False,
    as_meant: Annotated[
        bool, typer.Option("--as-meant", help="Take a column sorted alone for meant.")
    ] = False,
    coder: Coder = "",
    preview: Preview = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take an edited workbook back: every change named, nothing mangled, conflicts for a person."""
    from relnotes.desk.merging import merge as merged
    from relnotes.desk.typed import usual_coder

    if theirs + ours + ask > 1:
        raise wrong_use("One of --theirs, --ours and --ask.")
    folder = folder_of(data)
    state = read_state(folder)
    coder = coder or usual_coder(folder)
    merging = merged(state, file, as_meant=as_meant, coder=coder)
    if merging.conflicts and (theirs or ours or ask):
        side: Choice = "theirs" if theirs else "ours"
        chosen = {c.name: _chosen(c) if ask else side for c in merging.conflicts}
        merging = merged(state, file, decisions=chosen, as_meant=as_meant, coder=coder)
    answer(folder, str(merging), merging.account() if as_json else None)
    if preview and not (as_json or merging.draft.empty):
        say(figures_that_move(state, drafted(state, merging.draft)))
    if merging.conflicts or any(f.severity == "error" for f in merging.faults):
        say("Nothing was written.", err=True)
        raise typer.Exit(FAULTY)
    if not merging.draft.empty and confirmed(yes=yes, preview=preview):
        say(str(write(folder, merging.draft, f"Merged {file.name}")), err=as_json)


def _chosen(conflict: Conflict) -> Choice:
    say(str(conflict))
    return "theirs" if typer.confirm("Take the file's?", default=False) else "ours"


@command("rename concept trust trusting --preview", "rename framework bond alliance --yes")
def rename(
    what: Annotated[str, typer.Argument(help="concept, framework, claim, study, …")],
    old: Annotated[str, typer.Argument(help="The id in use.")],
    new_id: Annotated[str, typer.Argument(help="The id to be.", metavar="NEW")],
    data: Data = None,
    preview: Preview = False,
    yes: Yes = False,
) -> None:
    """Carry a new id through every table, and retire the old one."""
    from relnotes.desk.renaming import renamed

    folder = folder_of(data)
    with naming(folder):
        draft = renamed(read_state(folder), what, old, new_id)
    _offer(folder, draft, f"Renamed {old}", yes=yes, preview=preview)


def _offer(folder: Path, draft: Draft, what: str, *, yes: bool, preview: bool) -> None:
    """Show what a draft would change, and write it once it is confirmed."""
    state = read_state(folder)
    show_new_state(folder, state, drafted(state, draft), figures_too=preview)
    if confirmed(yes=yes, preview=preview):
        say(str(write(folder, draft, what)))


@command("codebook", "codebook --data wards")
def codebook(data: Data = None) -> None:
    """Write the codebook, README.md, beside the tables."""
    from relnotes.evidence.disk import put_whole
    from relnotes.show.codebook import codebook as text

    folder = folder_of(data)
    put_whole(folder / "README.md", text(open_collection(folder)).encode("utf-8"))
    answer(folder, f"Written: {folder / 'README.md'}")
