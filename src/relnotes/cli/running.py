"""Commands that make things from a collection: exports, the main job, everything renewed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from relnotes.cli.app import (
    FAULTY,
    AsJson,
    Data,
    Preview,
    answer,
    command,
    folder_of,
    naming,
    progress_bar,
)
from relnotes.evidence.collection import find_folder, open_collection


@command("export", "export build/wards --data wards")
def export(
    target: Annotated[Path, typer.Argument(help="Where to write.")] = Path("build/export"),
    data: Data = None,
) -> None:
    """Write one workbook, one SQLite file, and the bibliography as CSL-JSON and RIS."""
    from relnotes.show.export import export as exported

    folder = find_folder(data)
    answer(folder, str(exported(open_collection(folder), target)))


@command("agreement", "agreement --data wards --json")
def agreement(data: Data = None, as_json: AsJson = False) -> None:
    """Say how far every two codings agree on the elements that both judged."""
    from relnotes.analysis.agreement import compute_agreements, found_agreements

    folder = find_folder(data)
    pairs = compute_agreements(open_collection(folder))
    told = json.loads(pairs.to_json(orient="records"))
    answer(folder, "\n".join(found_agreements(pairs)), {"pairs": told} if as_json else None)


@command("disagreements reading lexical", "disagreements ann bob --out settle.xlsx --data wards")
def disagreements(
    first: Annotated[str, typer.Argument(help="A coder.")],
    second: Annotated[str, typer.Argument(help="Another coder.")],
    data: Data = None,
    out: Annotated[Path | None, typer.Option(help="Write them as a sheet to settle.")] = None,
) -> None:
    """List what two coders both judged, differently; settled, it is merged as `adjudicated`."""
    from relnotes.desk.settling import disagreements_of, settling_bytes
    from relnotes.evidence.disk import put_whole

    folder = find_folder(data)
    collection = open_collection(folder)
    with naming(folder):
        found = disagreements_of(collection, first, second)
    lines = [f"{len(found)} judgements differ between {first} and {second}."]
    lines += [f"  {r.element_id} / {r.concept_id}: {r.first} | {r.second}"
              for r in found.itertuples()]  # fmt: skip
    if out is not None:
        put_whole(out, settling_bytes(collection, first, second))
        lines.append(f"Settle the rows in {out}, then run: relnotes merge {out}")
    answer(folder, "\n".join(lines))


@command("reproduce", "reproduce --data wards --build build/wards")
def reproduce(
    data: Data = None,
    notebooks: Annotated[
        Path | None, typer.Option(help="Folder of the notebooks.", show_default=False)
    ] = None,
    build: Annotated[Path, typer.Option(help="Where everything is written.")] = Path("build"),
) -> None:
    """Run every notebook, export every figure, and compare with the committed ones."""
    from relnotes.show.reproduce import MANIFEST, house_notebooks
    from relnotes.show.reproduce import reproduce as run

    folder = find_folder(data)
    manifest = folder.resolve().parent / MANIFEST
    notebooks = notebooks or house_notebooks()
    with progress_bar() as progress:
        done = run(open_collection(folder), notebooks, build, manifest, progress)
    answer(folder, str(done))
    raise typer.Exit(0 if done.succeeded else FAULTY)


@command("explorer", "explorer build/wards.html --data wards")
def explorer(
    out: Annotated[Path, typer.Argument(help="Where the page is written.")] = Path("explorer.html"),
    data: Data = None,
) -> None:
    """Write the explorer: one page that answers clicks, without a server."""
    from relnotes.evidence.disk import put_whole
    from relnotes.show.explorer import explorer_page

    folder = find_folder(data)
    page = explorer_page(open_collection(folder)).encode("utf-8")
    out.parent.mkdir(parents=True, exist_ok=True)
    put_whole(out, page)
    answer(folder, f"Written: {out}, {len(page):,} bytes. Open it in a browser.")


@command("refresh", "refresh --data wards --preview")
def refresh(data: Data = None, preview: Preview = False) -> None:
    """Renew all that is made from tables and code, so that the tests pass; say what is left."""
    from relnotes.show.reproduce import refresh as renew

    folder = folder_of(data)
    with progress_bar(quiet=preview) as progress:
        done = renew(folder, progress, preview=preview)
    answer(folder, str(done))
    raise typer.Exit(0 if done.succeeded else FAULTY)


@command("site", "site build/wards-site --data wards --since docs/releases/0.1.0.zip")
def site(
    target: Annotated[Path, typer.Argument(help="Where the site goes.")] = Path("build/site"),
    data: Data = None,
    since: Annotated[
        str, typer.Option(help="Tell on every page what changed since this version.")
    ] = "",
) -> None:
    """Write the whole collection as plain pages: an address for every row, no server needed."""
    from relnotes.show.site import make_site

    folder = find_folder(data)
    with progress_bar() as progress:
        pages = make_site(open_collection(folder), folder, target, progress, since=since)
    answer(folder, f"{pages:,} pages. Begin with {target / 'index.html'}.")
