"""The contents that earlier writes replaced, kept so that the last writes can be taken back."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relnotes.evidence.disk import put_down, sync_folder
from relnotes.evidence.paths import HOUSEKEEPING, Contents, collection_paths

KEPT_STATES = 20
"""Writes that can be taken back, one after the other."""


@dataclass(frozen=True)
class Kept:
    """What a write replaced, kept to be taken back.

    Attributes
    ----------
    number : str
        Which write it was.
    what : str
        What was done, in words.
    before : mapping of str to bytes or None
        Contents of the files before; None where there was no file.
    after : mapping of str to str or None
        SHA-256 of the contents that the write put there.
    """

    number: str
    what: str
    before: Contents
    after: Mapping[str, str | None]


def kept_writes(folder: Path) -> tuple[Kept, ...]:
    """Return what can be taken back, the last write first."""
    known = set(collection_paths(folder))
    kept = []
    for place in reversed(kept_folders(folder)):
        # What is damaged, or was put there by somebody else, is not offered.
        with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError,
                      FileNotFoundError, NotADirectoryError, IsADirectoryError):  # fmt: skip
            record = json.loads((place / "state.json").read_text(encoding="utf-8"))
            files = dict(record["files"])
            before = {
                name: None if digests["old"] is None else (place / str(i)).read_bytes()
                for i, (name, digests) in enumerate(files.items())
            }
            after = {name: digests["new"] for name, digests in files.items()}
            if set(files) <= known:
                kept.append(Kept(place.name, str(record["what"]), before, after))
    return tuple(kept)


def keep(part: Path, old: Contents, record: Mapping[str, Any]) -> None:
    """Put down what a write is about to replace, with the record of the write."""
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for i, name in enumerate(record["files"]):
        content = old[name]
        if content is not None:
            put_down(part / str(i), content)
    put_down(part / "state.json", as_json(record))
    for place in (part, part.parent, part.parent.parent):
        sync_folder(place)


def as_json(content: Mapping[str, Any]) -> bytes:
    """Return a record as it stands in a file."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def kept_folders(folder: Path) -> list[Path]:
    """Return the folders of the kept writes, the oldest first."""
    kept = folder / HOUSEKEEPING / "kept"
    if not kept.is_dir():
        return []
    return sorted(k for k in kept.iterdir() if re.fullmatch(r"\d{6}", k.name))


def next_number(folder: Path) -> str:
    """Return a number for the next write; names that others chose never use ours up."""
    kept = kept_folders(folder)
    if kept and int(kept[-1].name) > 999_000:
        for i, place in enumerate(kept, start=1):
            if not place.with_name(f"{i:06d}").exists():
                place.replace(place.with_name(f"{i:06d}"))
        kept = kept_folders(folder)
    return f"{1 + int(kept[-1].name) if kept else 1:06d}"
