"""The notebooks as pages: executed, with pictures as files."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from relnotes.evidence.collection import Collection
from relnotes.figures.figure import Figure
from relnotes.show.explorer import EXPLORER_FILE
from relnotes.show.notebook import EXPLORER_WAY
from relnotes.show.reproduce import Progress, notebooks_in

_PICTURE = re.compile(r'src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)"')


def notebooks_for_site(
    collection: Collection, folder: Path, target: Path, progress: Progress
) -> list[str]:
    """Put the executed notebooks into the site's sources; return their names in reading order.

    Parameters
    ----------
    collection : Collection
        The evidence they were run on.
    folder : Path
        Folder of executed notebooks.
    target : Path
        Where the sources of the site are put together.
    progress : callable
        Told what is under way.
    """
    names = []
    pictures = target / "_static" / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    paths = notebooks_in(folder)
    for done, path in enumerate(paths):
        progress(f"notebook {path.stem}", done, len(paths))
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                _lighten(output, pictures)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        (target / path.name).write_text(text, encoding="utf-8", newline="\n")
        names.append(path.stem)
    progress("notebooks", len(paths), len(paths))
    return names


def in_teaching_order(figures: Sequence[Figure], folder: Path) -> list[Figure]:
    """Return figures in the order in which the notebooks first show them, the others last."""
    told = "".join(path.read_text(encoding="utf-8") for path in notebooks_in(folder))
    place = {figure.name: told.find(f'make(\\"{figure.name}\\"') for figure in figures}
    return sorted(figures, key=lambda f: (place[f.name] < 0, place[f.name], f.name))


def _lighten(output: dict[str, Any], pictures: Path) -> None:
    """Move the pictures of an output into files and drop what a page does not show."""
    data = output.get("data", {})
    if "text/html" not in data:
        return
    for other in ("image/png", "text/plain"):
        data.pop(other, None)
    found: Sequence[str] | str = data["text/html"]
    text = found if isinstance(found, str) else "".join(found)

    def put(match: re.Match[str]) -> str:
        content = base64.b64decode(match[1])
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.svg"
        (pictures / name).write_bytes(content)
        return f'src="_static/pictures/{name}"'

    data["text/html"] = _PICTURE.sub(put, text).replace(
        EXPLORER_WAY, f'open <a href="{EXPLORER_FILE}">the explorer</a>'
    )
