"""Which files a collection is made of, and whether they may be written to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from relnotes.evidence.disk import leads_out
from relnotes.evidence.faults import CollectionError, Fault, RefusedWrite
from relnotes.evidence.schema import Schema, bibliography_path, read_schema

HOUSEKEEPING = ".relnotes"
"""Folder inside a collection for its lock, journal and earlier contents; never committed."""

Contents = Mapping[str, bytes | None]
"""File name to content; None for a file that is not to be there."""


def collection_paths(folder: Path, schema: Schema | None = None) -> dict[str, Path]:
    """Return every file a write may touch: the tables by declared path, and the bibliography.

    Raises
    ------
    CollectionError
        If the descriptor cannot be read, or a file is a link that leads out of the collection.
    """
    schema = schema or read_schema(folder)
    paths = {t.path: folder / t.path for t in schema.tables.values()}
    paths[schema.bibliography] = bibliography_path(folder, schema)
    faults = [
        Fault("link_out", name, "A link leads out of the collection.", "Put the file itself here.")
        for name, path in paths.items()
        if leads_out(path, folder if path.is_relative_to(folder) else folder.parent)
    ]
    if faults:
        raise CollectionError(faults)
    return paths


def refuse_packaged(folder: Path) -> None:
    """Refuse to write to the tables that come with an installed package.

    Raises
    ------
    RefusedWrite
        If the folder is inside the package.
    """
    if folder.resolve().is_relative_to(Path(__file__).parents[1].resolve()):
        raise RefusedWrite([Fault("read_only", str(folder),
                                   "These tables came with the program and are only read.",
                                   "Start a collection of your own with relnotes init FOLDER.")
                            ])  # fmt: skip
