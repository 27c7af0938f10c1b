"""What a reader takes home: the tables in three forms, the bibliography in four."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from relnotes.desk.workbooks import text_frame
from relnotes.evidence.collection import Collection
from relnotes.evidence.references import plain_reference
from relnotes.show.export import export

_SAYS: Final = {
    ".xlsx": "all tables as one workbook",
    ".sqlite": "all tables as one data base",
    ".zip": "all tables as CSV files",
    ".csl.json": "the bibliography as CSL-JSON",
    ".ris": "the bibliography as RIS",
    ".bib": "the bibliography as BibTeX",
    ".txt": "the bibliography as formatted references, Chicago author–date",
}
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""No time of day goes into a file, so that two builds are the same."""


def write_downloads(collection: Collection, folder: Path) -> dict[str, str]:
    """Write every file that the site offers; return their names and what they are."""
    files = list(export(collection, folder).files)
    works = collection.bibliography
    formatted = map(plain_reference, works.references(works).values())
    texts = {
        "references.bib": "\n\n".join(work.raw.strip() for work in works.values()) + "\n",
        "references.txt": "\n\n".join(formatted) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    with zipfile.ZipFile(folder / "tables.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for table in collection.tables:
            text = text_frame(collection, table).to_csv(index=False, lineterminator="\n")
            packed.writestr(zipfile.ZipInfo(f"{table}.csv", _EPOCH), text)
        packed.writestr(zipfile.ZipInfo("references.bib", _EPOCH), texts["references.bib"])
    return {
        name: next(says for end, says in _SAYS.items() if name.endswith(end))
        for name in sorted([*files, *texts, "tables.zip"])
    }
