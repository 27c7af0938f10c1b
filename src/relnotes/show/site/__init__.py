"""The site: an address for every row, and pages for people who never clone."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path

from relnotes.analysis.changes import compare
from relnotes.desk.versions import open_version
from relnotes.evidence.collection import Collection, find_folder
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.show.codebook import codebook
from relnotes.show.explorer import explorer_page
from relnotes.show.reproduce import Progress, house_notebooks, notebooks_in, run_notebook

__all__ = ["make_site"]

DOCUMENTS = {
    "method": "docs/method.md",
    "second-reading": "docs/second-reading.md",
    "contributing": "CONTRIBUTING.md",
    "rules": "docs/rules.md",
    "architecture": "docs/architecture.md",
    "changelog": "CHANGELOG.md",
}
"""Pages that stand as Markdown in the checkout; those about one collection stay with it."""

_OF_THE_HOUSE = ("method", "second-reading", "changelog")


def make_site(
    collection: Collection, folder: Path, target: Path, progress: Progress, since: str = ""
) -> int:
    """Write the site of a collection and return how many pages it has.

    Parameters
    ----------
    collection : Collection
        The evidence.
    folder : Path
        Where its tables stand.
    target : Path
        Where the site goes.
    progress : callable
        Told what is under way.
    since : str, optional
        An earlier version, as for `open_version`.

    Raises
    ------
    CollectionError
        If Sphinx is not installed, there is no such version, or the folder holds something else.
    """
    if target.exists() and any(target.iterdir()) and not (target / "searchindex.js").is_file():
        raise CollectionError([
            Fault("folder_in_use", str(target), "The folder holds something else than a site, "
                  "which would be lost.", "Name a folder that is not there yet.")
        ])  # fmt: skip
    if find_spec("sphinx") is None or find_spec("myst_nb") is None:
        raise CollectionError([
            Fault("missing_tool", "site", "The site's tools are not installed.",
                  "Install them: pip install 'relnotes[site]', or run: make site.")
        ])  # fmt: skip
    # Only here: templates and theme come with the site's own extra.
    from relnotes.show.site.build import build_site  # noqa: PLC0415

    changes = None
    if since:
        before = open_version(since, folder)
        names = (before.version or since, collection.version)
        changes = compare(before, collection, names)
    notebooks = house_notebooks()
    checkout = notebooks.parent
    at_home = _is_house(folder, checkout)
    with tempfile.TemporaryDirectory(prefix="relnotes-site-") as name:
        documents = {
            page: checkout / path
            for page, path in DOCUMENTS.items()
            if at_home or page not in _OF_THE_HOUSE
        }
        documents["codebook"] = Path(name, "codebook.md")
        documents["codebook"].write_text(codebook(collection), encoding="utf-8", newline="\n")
        executed = notebooks if at_home else Path(name, "notebooks")
        if not at_home:
            for path in notebooks_in(notebooks):
                run_notebook(path, executed / path.name, progress, folder)
        return build_site(
            collection,
            target,
            notebooks=executed,
            documents=documents,
            progress=progress,
            changes=changes,
            explorer=explorer_page(collection, site=""),
        )


def _is_house(folder: Path, checkout: Path) -> bool:
    try:
        return find_folder(checkout).resolve() == folder.resolve()
    except CollectionError:
        return False
