"""Commands that only read: check, verify, trace, match, changes, rules, and the figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from relnotes.cli.app import (
    FAULTY,
    AsJson,
    Data,
    Files,
    answer,
    command,
    counted,
    figures,
    naming,
    progress_bar,
    say,
    wrong_use,
)
from relnotes.evidence.collection import check_collection, find_folder, open_collection
from relnotes.evidence.faults import Fault, faults_as_annotations, faults_as_json

MOST_PRINTED = 40
"""Faults of one rule that are printed singly; `--json` has them all."""

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file.")]


class Form(StrEnum):
    """How faults are printed."""

    table = "table"
    json = "json"
    annotations = "annotations"


@command("check", "check --data wards --json")
def check(
    data: Data = None,
    form: Annotated[Form, typer.Option("--format", help="How to print the faults.")] = Form.table,
    as_json: AsJson = False,
) -> None:
    """Check the tables and the bibliography against every rule; exit 1 on any error."""
    from relnotes.evidence.unfinished import unfinished

    folder = find_folder(data)
    faults = check_collection(folder)
    errors = sum(f.severity == "error" for f in faults)
    if as_json:
        left = {} if errors else unfinished(open_collection(folder))
        account = {"faults": [asdict(f) for f in faults], "unfinished": left}
        answer(folder, "", account)
    elif form is Form.json:
        say(faults_as_json(faults))
    elif form is Form.annotations:
        say(faults_as_annotations(faults))
    else:
        left = {} if errors else unfinished(open_collection(folder))
        said = [fault_table(faults)]
        said += [f"Unfinished, which is no error: {what} ({len(ids)}): {_some(ids)}."
                 for what, ids in left.items()]  # fmt: skip
        answer(folder, "\n".join(said))
    raise typer.Exit(FAULTY if errors else 0)


def _some(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:8]) + (" …" if len(ids) > 8 else "")


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


@command("verify page.html", "verify page.txt --json")
def verify(
    page: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The page: its text, "
                    "or saved as HTML.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say passage by passage whether the source page still says what the tables rest on."""
    from relnotes.page.passages import verify_page

    folder = find_folder(data)
    verification = verify_page(open_collection(folder), page)
    account = {"unchanged": verification.unchanged, **asdict(verification)} if as_json else None
    answer(folder, str(verification), account)
    raise typer.Exit(0 if verification.unchanged else FAULTY)


@command("trace trust", "trace overlap-upset:Trust --json")
def trace(
    row_id: Annotated[
        str, typer.Argument(help="Id of a row, citation key, or figure:mark.", metavar="ID")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Follow an id to its rows, sources, references and passages."""
    folder = find_folder(data)
    with naming(folder):
        found = open_collection(folder).trace(row_id)
    answer(folder, str(found), asdict(found) if as_json else None)


@command("match export.ris", "match scopus.csv pubmed.nbib --json", name="match")
def match_files(files: Files, as_json: AsJson = False) -> None:
    """Find the duplicates in exports, without a collection; change nothing."""
    import json

    from relnotes.desk.adding import account_in_words, account_of, match_exports, read_exports

    with progress_bar(quiet=as_json) as progress:
        readings = read_exports(files, progress)
    matching = match_exports(readings)
    if as_json:
        say(json.dumps(account_of(readings, matching), ensure_ascii=False, indent=2))
    else:
        say(account_in_words(readings, matching))


@command("changes main", "changes docs/releases/0.1.0.zip --json")
def changes(
    before: Annotated[
        str, typer.Argument(help="The earlier version: a folder, its zip, or a git revision.")
    ],
    after: Annotated[str, typer.Argument(help="The later one; without it, the collection.")] = "",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Say what changed in the evidence between two versions, as Markdown or JSON."""
    from relnotes.analysis.changes import changes_as_markdown, compare
    from relnotes.desk.versions import open_version

    folder = find_folder(data)
    later = open_version(after, folder) if after else open_collection(folder)
    found = compare(open_version(before, folder), later, (before, after or "now"))
    answer(folder, changes_as_markdown(found), found.account() if as_json else None)


@command("rules", "rules docs/rules.md")
def rules(
    file: Annotated[Path | None, typer.Argument(help="Where to write; without it, here.")] = None,
) -> None:
    """Print the manual of rules, made from the rules themselves."""
    from relnotes.evidence.disk import put_whole
    from relnotes.show.codebook import rules_manual

    if file is None:
        say(rules_manual())
    else:
        put_whole(file, rules_manual().encode("utf-8"))
        say(f"Written: {file}")


@command("figure list", "figure list | grep overlap", name="list", group=figures)
def list_figures() -> None:
    """List the registered figures."""
    from relnotes.figures import names

    say("\n".join(names()))


@command(
    "figure make overlap-upset",
    "figure make overlap-matrix --only setting=probation --scale 1.5 --out figures",
    name="make",
    group=figures,
)
def make_figure(
    name: Annotated[str, typer.Argument(help="Name of the figure, as in `figure list`.")],
    data: Data = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Part to draw, as setting=probation; may be repeated.")
    ] = None,
    scale: Annotated[float, typer.Option(min=0.2, max=10, help="How large to draw it.")] = 1.0,
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("build/figures"),
) -> None:
    """Draw one figure and save it as SVG, PDF and PNG, with its data as CSV."""
    from relnotes.figures import make

    folder = find_folder(data)
    with naming(folder):
        figure = make(name, open_collection(folder), only=_parts(only or ()), scale=scale)
    files = figure.save(out)
    answer(folder, "\n".join([figure.title, figure.alt, *(f"  {p}" for p in files.values())]))


def _parts(pairs: Iterable[str]) -> dict[str, list[str]] | None:
    parts: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise wrong_use(f"‘{pair}’ does not say of what: write it as setting=probation.")
        parts.setdefault(name.strip(), []).append(value.strip())
    return parts or None


@command(
    "figure check build/figures/overlap-upset.png",
    "figure check found.svg --json",
    name="check",
    group=figures,
)
def check_figure(file: File, data: Data = None, as_json: AsJson = False) -> None:
    """Say whether a figure file is current, outdated or not ours; exit 1 unless current."""
    from relnotes.figures.check import check as check_file

    folder = find_folder(data)
    verdict = check_file(file, open_collection(folder))
    account = {
        "file": str(file),
        "state": verdict.state,
        "message": verdict.message,
        "changes": list(verdict.changes),
    }
    words = "\n".join([verdict.message, *(f"  {change}" for change in verdict.changes)])
    answer(folder, words, account if as_json else None)
    raise typer.Exit(0 if verdict.state == "current" else FAULTY)
