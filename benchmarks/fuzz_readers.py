"""Fuzz every reader of exports with atheris, guided by what its code reaches.

    python -m pip install atheris
    python benchmarks/fuzz_readers.py -max_total_time=600 -timeout=20 CORPUS tests/exports

Stops at the first file that is neither read nor refused in words; libFuzzer writes
that file beside.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["relnotes.desk.formats"]):
    from relnotes.desk.formats import UnreadableExport, read_export

FILE = Path(tempfile.mkdtemp()) / "export"


def read(content: bytes) -> None:
    FILE.write_bytes(content)
    try:
        reading = read_export(FILE)
    except UnreadableExport:
        return
    for record in reading.records:
        str(dict(record.raw)).encode("utf-8")
    for rejected in reading.rejected:
        if "please report" in rejected.reason:
            raise AssertionError(rejected.reason)


if __name__ == "__main__":
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()
