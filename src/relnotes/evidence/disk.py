"""Files written so that the disk has them, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path


def digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file's content; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def content_of(path: Path) -> bytes | None:
    """Return what a file holds; None for no file."""
    return path.read_bytes() if path.is_file() else None


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path leads out of a folder through a link."""
    try:
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle lead nowhere
        return False


def put_down(path: Path, content: bytes, like: Path | None = None) -> None:
    """Write a file anew and wait until the disk has it; a link in its place is never followed.

    It has the permissions of the file that it is `like`, where that one exists.
    """
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(content)
        if like is not None and like.exists():
            shutil.copymode(like, path)
        file.flush()
        os.fsync(file.fileno())


def put_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there as a whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        put_down(part, content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names of a folder."""
    if os.name == "nt":  # Windows writes folder entries through and cannot open folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
