r"""Exports in: read what databases, reference managers and colleagues hand over.

Examples
--------
>>> import tempfile
>>> from pathlib import Path
>>> folder = tempfile.TemporaryDirectory()
>>> file = Path(folder.name, "export.ris")
>>> _ = file.write_text("TY  - JOUR\nTI  - Trust\nPY  - 2022\nER  - \n", encoding="utf-8")
>>> reading = read_export(file)
>>> reading.format, reading.total, reading.records[0].title
('RIS', 1, 'Trust')
>>> folder.cleanup()
"""

from relnotes.desk.formats.exports import read_export
from relnotes.desk.formats.headers import suggest_mapping
from relnotes.desk.formats.records import (
    CollectionWorkbook,
    Kind,
    Person,
    Reading,
    Record,
    Rejected,
    UnreadableExport,
)

__all__ = [
    "CollectionWorkbook",
    "Kind",
    "Person",
    "Reading",
    "Record",
    "Rejected",
    "UnreadableExport",
    "read_export",
    "suggest_mapping",
]
