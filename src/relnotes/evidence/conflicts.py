"""What a git merge leaves standing in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from relnotes.evidence.faults import CollectionError, Fault


def refuse_conflict_markers(contents: Mapping[str, bytes | None]) -> None:
    """Refuse files in which a git merge has left both sides standing.

    Raises
    ------
    CollectionError
        Naming every marker.
    """
    faults = [
        Fault("conflict_marker", name, f"A git merge left a conflict from here to line {end}.",
              "Keep one side or mix the two, and delete the three marker lines; or take one side "
              f"whole with git checkout --ours or --theirs {name}.", line=begin, value=value)
        for name, content in contents.items()
        if content and b"<<<<<<<" in content
        for begin, end, value in _conflicts(content.decode("utf-8", "replace").splitlines())
    ]  # fmt: skip
    if faults:
        raise CollectionError(faults)


def _conflicts(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    begin, value = 0, ""
    for number, line in enumerate(lines, start=1):
        if re.match(r"<{7}( |$)", line):
            begin, value = number, line
        elif begin and re.match(r">{7}( |$)", line):
            yield begin, number, value
            begin = 0
