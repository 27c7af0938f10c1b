"""The notebooks as pages: executed, with pictures as files."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from relnotes.evidence.collection import Collection
from relnotes.show.addresses import address
from relnotes.show.explorer import EXPLORER_FILE
from relnotes.show.notebook import EXPLORER_WAY
from relnotes.show.reproduce import Progress, notebooks_in

_NAMED_UNDER: Final = {
    "concept": "concepts",
    "framework": "frameworks",
    "work": "studies",
    "read in": "studies",
}
"""Words in the heading of a column that names rows by their labels, and the rows' table."""
_TABLE: Final = re.compile(r"<table>.*?<tbody>.*?</table>", re.DOTALL)
_CELL: Final = re.compile(r"(<t[dh]\b[^>]*>)(.*?)</t[dh]>", re.DOTALL)

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
    places = _Places(collection)
    pictures = target / "_static" / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    paths = notebooks_in(folder)
    for done, path in enumerate(paths):
        progress(f"notebook {path.stem}", done, len(paths))
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                _lighten(output, pictures, places)
        text = json.dumps(notebook, ensure_ascii=False, indent=1)
        (target / path.name).write_text(text, encoding="utf-8", newline="\n")
        names.append(path.stem)
    progress("notebooks", len(paths), len(paths))
    return names


class _Places:
    """Where the rows stand that a notebook's tables name by id or by label."""

    def __init__(self, collection: Collection) -> None:
        tables, works = collection.tables, collection.bibliography
        columns = {"concepts": "label", "frameworks": "short_label"}
        labels = {
            name: zip(collection.row_ids(name), tables[name][column], strict=True)
            for name, column in columns.items()
        }
        keys = [key for key in collection.row_ids("studies") if key in works]
        labels["studies"] = zip(keys, map(works.author_year, keys), strict=True)
        self.collection = collection
        self.by_label: dict[str, dict[str, str]] = {}
        for name, pairs in labels.items():
            rows = [(str(label), address(collection, name, row_id)) for row_id, label in pairs]
            seen = Counter(label for label, _ in rows)
            self.by_label[name] = {label: href for label, href in rows if seen[label] == 1}

    def linked(self, table: str) -> str:
        """Return a table of a notebook with each name of a row leading to the row's page."""
        head, body = table.split("<tbody>", 1)
        columns = cycle(match[2].lower() for match in _CELL.finditer(head))

        def link(cell: re.Match[str]) -> str:
            heading = next(columns)
            parts = (self._part(part, heading) for part in cell[2].split("; "))
            return f"{cell[1]}{'; '.join(parts)}</td>"

        return f"{head}<tbody>{_CELL.sub(link, body)}"

    def _part(self, part: str, heading: str) -> str:
        words = html.unescape(part)
        href = ""
        if heading == "trace it by" and ":" in words:
            href = address(self.collection, *words.split(":", 1))
        for said, table in _NAMED_UNDER.items():
            if said in heading:
                known = self.by_label[table]
                href = href or known.get(words) or known.get(words.split(", ")[0], "")
        return f'<a href="{html.escape(href)}">{part}</a>' if href else part


def _lighten(output: dict[str, Any], pictures: Path, places: _Places) -> None:
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

    linked = _TABLE.sub(lambda table: places.linked(table[0]), text)
    data["text/html"] = _PICTURE.sub(put, linked).replace(
        EXPLORER_WAY, f'open <a href="{EXPLORER_FILE}">the explorer</a>'
    )
