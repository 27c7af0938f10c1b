"""A collection's first files: headers, an empty bibliography, a descriptor, a guide."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from anyascii import anyascii

from relnotes.desk.store import table_bytes
from relnotes.evidence.disk import put_whole
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.schema import DESCRIPTOR, house_descriptor, house_schema
from relnotes.evidence.tables import empty_frame

GUIDE = """\
# {title}: the first hour

Everything is here: a table is a `.csv` file that any spreadsheet opens, the works stand in
`references.bib`, and `datapackage.json` says what each column means (`relnotes codebook` writes
it out as `README.md`).

1. `relnotes add export.ris` takes the works of any export in; `relnotes new study` asks for one.
2. `relnotes new concept` and `relnotes new framework` ask for concepts and for sets of elements,
   field by field, and keep what you typed when you stop. `relnotes new framework --form
   framework.xlsx` gives a form to fill in instead, and `relnotes merge framework.xlsx` takes it
   back.
3. `relnotes check` says what is wrong, and counts what is only unfinished.
4. `relnotes figure make overlap-matrix --out figures` draws; `relnotes figure list` names all
   figures.
5. `relnotes reproduce` runs every notebook on the collection. `relnotes undo` takes the last
   write back.

What is not known is left visibly empty: `not_reported` (the source is silent), `not_applicable`
(the question does not arise), `not_coded` (nobody has looked yet).
"""

EXAMPLES = {"source": "doe-2001[p. 3]", "citation": "doe-2001"}
"""How a source and a citation key are written, of no work that there is."""


def laid_files(title: str, page: str = "", settings: str = "") -> Mapping[str, bytes]:
    """Return the files of a collection that holds nothing yet.

    Parameters
    ----------
    title : str
        What it is called.
    page : str
        Citation key of the page that it is about; empty for none.
    settings : str
        Fields of practice, separated by ``;``; they begin the vocabulary.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", anyascii(title).lower()).strip("-") or "collection"
    descriptor = house_descriptor()
    for left in ("contributors", "sources", "keywords", "homepage", "id", "coding"):
        descriptor.pop(left, None)
    descriptor |= {"name": slug, "title": title, "description": f"{title}: a collection begun.",
                   "version": "0.1.0", "bibliography": "references.bib", "page": page}  # fmt: skip
    for resource in descriptor["resources"]:
        for field in resource["schema"]["fields"]:
            if "holds" in field:
                field["example"] = EXAMPLES[field["holds"]]
            elif not re.fullmatch(r"[a-z]?\d[\d.]*", str(field.get("example", ""))):
                field.pop("example", None)  # the house's examples are of another field
            field.pop("example_bad", None)
    files = {
        DESCRIPTOR: (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode("utf-8"),
        "references.bib": b"",
        "GUIDE.md": GUIDE.format(title=title).encode("utf-8"),
    }
    fields = [s.strip() for s in settings.split(";") if s.strip()]
    for table in house_schema().tables.values():
        frame = empty_frame(table)
        if table.name == "vocabularies" and fields:
            terms = pd.DataFrame({"list": "setting", "term": fields, "label": fields})
            frame = terms.reindex(columns=table.columns, fill_value="")
            for column in table.fields:
                if not column.blank and column.name not in terms:
                    frame[column.name] = "not_coded" if not column.required else fields
        files[table.path] = table_bytes(frame, table)
    return files


def lay_out(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put the first files into a folder; what was stopped on the way is gone on with.

    Raises
    ------
    CollectionError
        If the folder holds anything else already.
    """
    begun = list(folder.iterdir()) if folder.exists() else []
    if any(place.name == DESCRIPTOR or not _laid(place, files) for place in begun):
        raise CollectionError([Fault("folder_in_use", str(folder), "The folder is not empty.",
                                     "Name a folder that is not there yet.")])  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(files.items(), key=lambda item: item[0] == DESCRIPTOR):
        put_whole(folder / name, content)  # the descriptor last: only then it is a collection


def _laid(place: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a file is one of the first files, whole or half written."""
    if place.suffix == ".part":
        return place.stem in files
    return place.is_file() and files.get(place.name) == place.read_bytes()
