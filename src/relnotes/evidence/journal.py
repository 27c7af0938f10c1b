"""Files replaced as a set: the collection is the old one or the new one, never a mixture.

The new contents are put down beside the old files, complete and synced, and then named in a
journal. Before the journal stands, the collection is the old one; from then on it is the new
one: who reads looks through the journal and writes nothing, who writes finishes first what the
journal says. The contents before are kept, so that the last writes can be taken back.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from relnotes.evidence.conflicts import refuse_conflict_markers
from relnotes.evidence.disk import content_of, digest, put_down, put_whole, sync_folder
from relnotes.evidence.faults import CollectionError, Fault, InterruptedWrite, RefusedWrite
from relnotes.evidence.kept import KEPT_STATES, as_json, keep, kept_folders, next_number
from relnotes.evidence.paths import HOUSEKEEPING, Contents, collection_paths, refuse_packaged
from relnotes.evidence.schema import Schema, read_schema

PATIENCE = 10.0
"""Seconds to wait for another writer before giving up."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Recovery:
    """A write that was interrupted and has now been finished."""

    what: str

    def __str__(self) -> str:
        return (
            f"An interrupted write has been finished: {self.what}. The collection is the new one."
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the collection for a write, alone, with what was interrupted finished first.

    Raises
    ------
    RefusedWrite
        If another program holds it, or the folder cannot be written to.
    InterruptedWrite
        If an interrupted write cannot be finished.
    """
    with _lock(folder):
        _finish_interrupted(folder)
        try:
            _clear(folder, collection_paths(folder))
            yield
        except OSError as error:  # one after the decision is an InterruptedWrite
            raise RefusedWrite([_disk_fault(error)]) from error


def housekeeping(folder: Path) -> Path:
    """Return a collection's housekeeping folder, made if it is not there.

    Raises
    ------
    RefusedWrite
        If there are links in it: they would carry what we write to wherever they lead.
    """
    house = folder / HOUSEKEEPING
    if not house.is_dir():
        house.mkdir(exist_ok=True)
        sync_folder(folder)
    for place in (house, *house.iterdir()):
        if place.is_symlink():
            raise RefusedWrite([_fault("file_in_use", f"{HOUSEKEEPING}/{place.name}",
                                       "This is a link.", "Remove the link.")])  # fmt: skip
    ignore = house / ".gitignore"
    if not ignore.is_file():
        ignore.write_text("*\n", encoding="utf-8", newline="\n")
    return house


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout  # noqa: PLC0415  (cold start: only for writers)

    refuse_packaged(folder)
    try:
        house = housekeeping(folder)
        # The operating system lets go of the lock when its holder dies: it is never stale.
        lock = FileLock(house / "lock", timeout=PATIENCE)
        lock.acquire()
        (house / "writer").write_text(f"{' '.join(sys.argv[:2])}, process {os.getpid()}",
                                      encoding="utf-8", errors="replace")  # fmt: skip
    except Timeout as error:
        writer = "unknown"
        with suppress(OSError):
            writer = (house / "writer").read_text(encoding="utf-8", errors="replace")
        raise RefusedWrite([Fault(
            "collection_in_use", HOUSEKEEPING, "Another program is writing to the collection.",
            "Wait until it has finished, then run the command again.", value=writer,
        )]) from error  # fmt: skip
    except OSError as error:
        raise RefusedWrite([_disk_fault(error)]) from error
    try:
        yield
    finally:
        lock.release()


def replace_files(folder: Path, new: Contents, what: str, undoes: str = "") -> tuple[str, ...]:
    """Replace files of a collection as a set; call it inside `locked`.

    Parameters
    ----------
    folder : Path
        Folder of the tables.
    new : mapping of str to bytes or None
        Name, as in `collection_paths`, to new content.
    what : str
        What is being done, in words.
    undoes : str
        Number of the kept write that this one takes back; empty for a write forward, whose
        old contents are kept.

    Returns
    -------
    tuple of str
        Names of the files that changed, sorted.

    Raises
    ------
    RefusedWrite
        If a file cannot be written or replaced; the collection is the old one.
    InterruptedWrite
        If the disk failed after the new contents were complete; the collection is the new
        one as soon as it is opened again.
    """
    paths = collection_paths(folder)
    house = folder / HOUSEKEEPING
    try:
        number = next_number(folder)
        old = {name: content_of(paths[name]) for name in new}
        changed = sorted(name for name in new if old[name] != new[name])
        if not changed:
            return ()
        journal = {
            "what": what,
            "token": secrets.token_hex(8),
            "keeps": "" if undoes else number,
            "undoes": undoes,
            "files": {n: {"old": digest(old[n]), "new": digest(new[n])} for n in changed},
        }
        for name in changed:
            _probe(paths[name], name)
        if not undoes:
            keep(house / "kept" / f"{number}.part", old, journal)
        for name in changed:
            content = new[name]
            if content is not None:
                put_down(_staged(paths[name]), content, like=paths[name])
        for parent in {paths[name].parent for name in changed}:
            sync_folder(parent)
        # From here on the collection is the new one.
        put_whole(house / "journal.json", as_json(journal))
    except OSError as error:
        if (house / "journal.json").is_file():
            raise InterruptedWrite([_disk_fault(error)]) from error
        with suppress(OSError):  # what stays behind, the next writer clears away
            _clear(folder, paths)
        raise RefusedWrite([_disk_fault(error)]) from error
    _finish(folder, paths, journal)
    return tuple(changed)


def recover(folder: Path) -> Recovery | None:
    """Finish a write that was interrupted, if there is one.

    It costs one look for a file when there is none.

    Returns
    -------
    Recovery or None
        What was finished; None when there was nothing to do.

    Raises
    ------
    CollectionError
        If the write cannot be finished: the folder is read-only, another program holds it,
        or a file was changed by hand after the interruption.
    """
    if not (folder / HOUSEKEEPING / "journal.json").is_file():
        return None
    with _lock(folder):
        return _finish_interrupted(folder)


def steadily(folder: Path, read: Callable[[], Result]) -> Result:
    """Read something from a collection so that it comes from one state of it; write nothing.

    Parameters
    ----------
    folder : Path
        Folder of the tables.
    read : callable
        Reads the files; called again when a write came in between.
    """
    house = folder / HOUSEKEEPING
    while True:
        before = _mark(house)
        result = read()
        if _mark(house) == before:
            return result


def read_contents(folder: Path) -> tuple[Schema, dict[str, bytes]]:
    """Read every file of a collection, byte for byte, from one state of it.

    A write that is decided but not finished is read as if it were.

    Returns
    -------
    Schema
        The declarations.
    dict of str to bytes
        Name, as in `collection_paths`, to content; a file that is not there is absent.

    Raises
    ------
    CollectionError
        If the descriptor or a file cannot be read, or an unfinished write does not fit the files.
    """
    schema, contents, faults = steadily(folder, lambda: _contents(folder))
    if faults:
        raise InterruptedWrite(faults)
    refuse_conflict_markers(contents)
    return schema, contents


def _contents(folder: Path) -> tuple[Schema, dict[str, bytes], list[Fault]]:
    schema = read_schema(folder)
    journal = folder / HOUSEKEEPING / "journal.json"
    faults = []
    try:
        paths = collection_paths(folder, schema)
        decided = _read_journal(journal, paths)["files"] if journal.is_file() else {}
        contents = {name: content_of(path) for name, path in paths.items()}
        for name, digests in decided.items():
            if digest(contents[name]) == digests["old"] != digests["new"]:
                contents[name] = (
                    None if digests["new"] is None else content_of(_staged(paths[name]))
                )
            if digest(contents[name]) != digests["new"]:
                faults.append(_changed_since(name, paths[name]))
    except OSError as error:
        raise CollectionError([_disk_fault(error)]) from error
    return schema, {name: c for name, c in contents.items() if c is not None}, faults


def _probe(path: Path, name: str) -> None:
    """Refuse early what could not be replaced later: a link, or a file held open."""
    if path.is_symlink():
        raise RefusedWrite([_fault("file_in_use", name, "The file is a link to another file.",
                                   "Put the file itself here.")])  # fmt: skip
    if path.exists():
        with path.open("r+b"):
            pass


def _finish_interrupted(folder: Path) -> Recovery | None:
    path = folder / HOUSEKEEPING / "journal.json"
    if not path.is_file():
        return None
    try:
        paths = collection_paths(folder)
        journal = _read_journal(path, paths)
    except OSError as error:
        raise InterruptedWrite([_disk_fault(error)]) from error
    _finish(folder, paths, journal)
    return Recovery(journal["what"])


def _read_journal(path: Path, paths: Mapping[str, Path]) -> dict[str, Any]:
    """Read a journal; it may come from a stranger, so it can only name our own files."""
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
        sound = (
            all(isinstance(journal[k], str) for k in ("what", "token", "keeps", "undoes"))
            and all(re.fullmatch(r"(\d{6})?", journal[k]) for k in ("keeps", "undoes"))
            and set(journal["files"]) <= set(paths)
            and all(set(d) == {"old", "new"} for d in journal["files"].values())
            # What stands beside the folder was there before it, and no write takes it away.
            and all(
                d["new"] or paths[n].is_relative_to(path.parents[1])
                for n, d in journal["files"].items()
            )
            and as_json(journal)  # half a character can be read from JSON, but not written
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise CollectionError([
            _fault("interrupted_write", f"{HOUSEKEEPING}/journal.json",
                   "The journal of an interrupted write cannot be read.",
                   "Compare the tables with an earlier version, then delete the journal.")
        ])  # fmt: skip
    return dict(journal)


def _finish(folder: Path, paths: Mapping[str, Path], journal: Mapping[str, Any]) -> None:
    """Put every staged file in place; each step may have been done before."""
    try:
        _put_in_place(paths, journal)
        house = folder / HOUSEKEEPING
        # A reader that saw this token and no new journal meanwhile saw one state.
        put_whole(house / "token", str(journal["token"]).encode())
        if journal["keeps"]:
            part = house / "kept" / f"{journal['keeps']}.part"
            if part.is_dir():
                part.replace(part.with_suffix(""))
                sync_folder(part.parent)
        if journal["undoes"]:
            shutil.rmtree(house / "kept" / journal["undoes"], ignore_errors=True)
        (house / "journal.json").unlink()
    except OSError as error:
        raise InterruptedWrite([_disk_fault(error)]) from error
    with suppress(OSError):  # all is in place; what is left to do, the next write does
        sync_folder(house)
        for surplus in kept_folders(folder)[:-KEPT_STATES]:
            going = surplus.with_suffix(".part")  # half removed, it is never taken for whole
            surplus.replace(going)
            shutil.rmtree(going, ignore_errors=True)


def _put_in_place(paths: Mapping[str, Path], journal: Mapping[str, Any]) -> None:
    faults = []
    for name, digests in journal["files"].items():
        target, staged = paths[name], _staged(paths[name])
        now = digest(content_of(target))
        if now == digests["new"]:
            staged.unlink(missing_ok=True)
        elif now == digests["old"] and digests["new"] is None:
            target.unlink()
        elif now == digests["old"] and digest(content_of(staged)) == digests["new"]:
            staged.replace(target)
        else:
            faults.append(_changed_since(name, target))
    if faults:
        raise InterruptedWrite(faults)
    for parent in {paths[name].parent for name in journal["files"]}:
        sync_folder(parent)


def _changed_since(name: str, path: Path) -> Fault:
    return _fault(
        "interrupted_write", name, "A write was interrupted, and the file has been changed since.",
        f"Compare it with {_staged(path).name} (the new state); make it that one or the old one, "
        f"or delete {HOUSEKEEPING}/journal.json to keep all as it is.",
    )  # fmt: skip


def _clear(folder: Path, paths: Mapping[str, Path]) -> None:
    """Remove what a write left behind that died before its journal stood."""
    for path in paths.values():
        _staged(path).unlink(missing_ok=True)
    for part in (folder / HOUSEKEEPING / "kept").glob("*.part"):
        shutil.rmtree(part, ignore_errors=True)


def _mark(house: Path) -> list[bytes]:
    """Return what tells that a write began or ended: the decided one, and the last done."""
    mark = []
    for name in ("journal.json", "token"):
        try:
            mark.append((house / name).read_bytes())
        except OSError:
            mark.append(b"")
    return mark


def _staged(path: Path) -> Path:
    return path.with_name(f".{path.name}.relnotes-next")


def _fault(rule: str, file: str, message: str, mend: str) -> Fault:
    return Fault(rule, file, message, mend)


def _disk_fault(error: OSError) -> Fault:
    name = Path(str(error.filename)).name if error.filename else HOUSEKEEPING
    return _fault(
        "disk_refused",
        name,
        f"The disk refused: {error.strerror or error}.",
        "Free some space, check the folder's permissions, or close the program that has the "
        "file open.",
    )
