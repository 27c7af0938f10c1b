"""Versions of a collection: a folder, or a revision of its git history."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Final

from relnotes.desk.store import State, read_state
from relnotes.evidence.collection import Collection, find_folder
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.schema import DESCRIPTOR, read_schema

LARGEST_VERSION: Final = 200_000_000
"""Bytes that a packed version may unpack to."""


def open_version(where: str, folder: Path) -> Collection:
    """Open a version of a collection, also one that breaks rules.

    Parameters
    ----------
    where : str
        A folder, a zip file of one, or a revision of the version history that `folder` is
        in: a tag, a branch, a commit.
    folder : Path
        Folder of the tables.

    Returns
    -------
    Collection
        The version.

    Raises
    ------
    CollectionError
        If there is neither such a folder nor such a revision.
    """
    place = Path(where).expanduser()
    if place.is_dir():
        return collection_of(read_state(find_folder(place)))
    if place.suffix == ".zip" and place.is_file():
        return _packed_version(place)
    return collection_of(state_at(where, folder))


def _packed_version(path: Path) -> Collection:
    """Return the collection that a zip file holds; a file in it cannot leave the folder."""
    with tempfile.TemporaryDirectory(prefix="relnotes-") as name:
        try:
            with zipfile.ZipFile(path) as packed:
                if sum(part.file_size for part in packed.infolist()) > LARGEST_VERSION:
                    raise _no_version(f"{path.name} unpacks to more than a collection can hold.")
                packed.extractall(name)
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
            raise _no_version(f"{path.name} is not a whole zip file.") from error
        return collection_of(read_state(find_folder(name)))


def collection_of(state: State) -> Collection:
    """Return a state as a collection, without asking the rules."""
    evidence: Evidence = state.evidence()
    return Collection.from_evidence(evidence)


def state_at(revision: str, folder: Path) -> State:
    """Return the files of a collection as they were at a revision of their git history.

    Parameters
    ----------
    revision : str
        Anything that names a commit.
    folder : Path
        Folder of the tables, inside a git work tree.

    Raises
    ------
    CollectionError
        If git is not there, or knows no such revision, or the folder was not in it.
    """
    prefix = _git(folder, "rev-parse", "--show-prefix").decode().strip()
    asked = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options",
                 f"{revision}^{{commit}}", missing=f"no version ‘{revision}’")  # fmt: skip
    commit = asked.decode().strip()
    with tempfile.TemporaryDirectory(prefix="relnotes-") as name:
        data = Path(name, "data")
        data.mkdir()
        _take(folder, commit, f"{prefix}{DESCRIPTOR}", data / DESCRIPTOR)
        schema = read_schema(data)
        taken = 0
        for table in schema.tables.values():
            (data / table.path).parent.mkdir(parents=True, exist_ok=True)
            taken += _take(folder, commit, f"{prefix}{table.path}", data / table.path)
        above = prefix.rstrip("/").rpartition("/")[0]
        beside = f"{above}/{schema.bibliography}" if above else schema.bibliography
        for source in (f"{prefix}{schema.bibliography}", beside):
            if _take(folder, commit, source, data / schema.bibliography):
                break
        if not taken:
            raise _no_version(f"The version ‘{revision}’ has no tables in {folder.name}.")
        return read_state(data)


def _take(folder: Path, commit: str, path: str, target: Path) -> bool:
    """Copy a file out of a commit; say whether it was there."""
    done = _run(folder, "cat-file", "blob", f"{commit}:{path}")
    if done.returncode == 0:
        target.write_bytes(done.stdout)
    return done.returncode == 0


def _git(folder: Path, *arguments: str, missing: str = "no version history") -> bytes:
    done = _run(folder, *arguments)
    if done.returncode:
        raise _no_version(f"There is {missing} here.")
    return done.stdout


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True,
                              check=False)  # fmt: skip
    except OSError as error:
        raise _no_version("git is not installed.") from error


def _no_version(message: str) -> CollectionError:
    mend = "Name a folder with the tables, or a tag, branch or commit of the history."
    return CollectionError([Fault("unknown_version", "versions", message, mend)])
