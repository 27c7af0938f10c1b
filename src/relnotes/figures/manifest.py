"""The manifest of the exported figures: what each was drawn from, and the hash of each file.

It is committed as ``figures/manifest.json``. Held against the files made now it says which figures
are the same, and where one is not, whether its data, the code or a library moved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from relnotes.evidence.disk import put_whole
from relnotes.evidence.sentences import listed
from relnotes.figures.register import TOPICS

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection
    from relnotes.figures.figure import Figure

State = Literal["identical", "data", "drawing", "new", "gone"]
_LIBRARIES: Final = ("matplotlib", "numpy", "pandas", "pillow", "fonttools")


@dataclass(frozen=True)
class Entry:
    """What is known of one exported figure: fingerprint of its data, SHA-256 of each file."""

    data: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Manifest:
    """All exported figures, and what could explain a change in one of them.

    Attributes
    ----------
    figures : mapping of str to Entry
        By registered name.
    tables, code, libraries : mapping of str to str
        Fingerprints of the tables and of the package's modules, versions of the libraries.
    """

    figures: Mapping[str, Entry]
    tables: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """How one figure made now stands to the committed one.

    Attributes
    ----------
    figure : str
        Registered name.
    state : {"identical", "data", "drawing", "new", "gone"}
        ``data``: other data behind the marks. ``drawing``: the same data, drawn otherwise.
    files : tuple of str
        Kinds of file whose bytes differ.
    sentence : str
        What moved, in words.
    """

    figure: str
    state: State
    files: tuple[str, ...]
    sentence: str


def entry(figure: Figure, files: Mapping[str, Path]) -> Entry:
    """Return the entry of a figure that was saved.

    Parameters
    ----------
    figure : Figure
        The figure.
    files : mapping of str to Path
        What :meth:`~relnotes.figures.figure.Figure.save` returned.
    """
    return Entry(
        data=figure.fingerprint(),
        files={
            kind: hashlib.sha256(path.read_bytes()).hexdigest()
            for kind, path in sorted(files.items())
        },
    )


def manifest_of(collection: Collection, entries: Mapping[str, Entry]) -> Manifest:
    """Return the manifest of figures made now from a collection."""
    tables = {
        name: _fingerprint(collection.tables[name].to_csv(index=False).encode())
        for name in sorted(collection.schema.tables)
        if not collection.tables[name].empty
    }
    return Manifest(
        figures=dict(sorted(entries.items())),
        tables=tables,
        code=_code(),
        libraries=_library_versions(),
    )


def _fingerprint(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()[:16]


def _code() -> dict[str, str]:
    package = Path(__file__).parents[1]
    return {
        path.relative_to(package).as_posix(): _fingerprint(
            path.read_bytes().replace(b"\r\n", b"\n")
        )
        for path in sorted(package.rglob("*.py"))
    }


def _library_versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write a manifest as JSON with sorted keys; the old one stays until the new one is whole."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    put_whole(path, text.encode())


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Parameters
    ----------
    path : Path
        A file written by :func:`write_manifest`.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If the file is not a manifest; the message says what to do.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        return Manifest(
            figures={
                str(name): Entry(data=str(e["data"]), files=dict(e["files"]))
                for name, e in content["figures"].items()
            },
            tables=dict(content["tables"]),
            code=dict(content["code"]),
            libraries=dict(content["libraries"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{path.name} is not a manifest of figures; make it anew by exporting the figures."
        ) from error


def compare(committed: Manifest, made: Manifest) -> tuple[Comparison, ...]:
    """Hold the figures made now against the committed ones.

    Parameters
    ----------
    committed, made : Manifest
        The manifest in the repository, and that of the files just written.

    Returns
    -------
    tuple of Comparison
        One for every figure in either, by name.

    Examples
    --------
    >>> old = Manifest({"a-b": Entry("1", {"svg": "x"})}, code={"figures/a.py": "1"})
    >>> new = Manifest({"a-b": Entry("1", {"svg": "y"})}, code={"figures/a.py": "2"})
    >>> print(compare(old, new)[0].sentence)
    a-b: drawn otherwise from the same data (svg); figures/a.py changed.
    """
    every = sorted({*committed.figures, *made.figures})
    return tuple(_compared(name, committed, made) for name in every)


def _compared(name: str, committed: Manifest, made: Manifest) -> Comparison:
    old, new = committed.figures.get(name), made.figures.get(name)
    if old is None or new is None:
        if new is None:
            return Comparison(name, "gone", (), f"{name}: in the manifest, but no longer made.")
        return Comparison(name, "new", (), f"{name}: made, but not in the manifest.")
    kinds = sorted({*old.files, *new.files})
    files = tuple(kind for kind in kinds if old.files.get(kind) != new.files.get(kind))
    if old == new:
        return Comparison(name, "identical", (), f"{name}: identical.")
    tables = [f"{table}.csv" for table in _moved(committed.tables, made.tables)]
    code = _moved(committed.code, _drawing_code(name, made.code))
    libraries = [
        f"{library} {committed.libraries.get(library, 'absent')} → {version}"
        for library, version in made.libraries.items()
        if committed.libraries.get(library) != version
    ]
    if old.data != new.data:
        causes = tables or code or libraries
        return Comparison(
            name, "data", files, f"{name}: other data behind the marks; {_blamed(causes)}."
        )
    return Comparison(
        name,
        "drawing",
        files,
        f"{name}: drawn otherwise from the same data ({', '.join(files)}); "
        f"{_blamed([*code, *libraries])}.",
    )


def _drawing_code(name: str, code: Mapping[str, str]) -> dict[str, str]:
    """Return the modules a figure can depend on: all but the figures of other topics."""
    others = tuple(f"figures/{topic}" for topic in TOPICS if not name.startswith(f"{topic}-"))
    below = ("figures/", "analysis/", "evidence/")
    return {
        path: mark
        for path, mark in code.items()
        if path.startswith(below) and not path.startswith(others)
    }


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    return sorted(name for name, mark in new.items() if old.get(name) != mark)


def _blamed(causes: Iterable[str]) -> str:
    found = list(causes)
    if not found:
        return "neither tables, code nor known libraries changed, so look at the machine"
    return f"{listed(found, most=6)} changed"
