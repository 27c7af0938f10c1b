"""Mutate exports and read them: no crash, no hang, no account that the second count contradicts.

    python benchmarks/mutate_readers.py tests/exports 20000

For each file of the folder that many inputs are made from it: pieces cut out, doubled,
moved, thrown in and spliced with other files. Stops at the first fault and writes the input
beside.
"""

import random
import sys
import time
from pathlib import Path

from relnotes.desk.formats import UnreadableExport, read_export

LONGEST = 5.0
PIECES = [b"@", b"{", b"}", b'"', b"\n", b"\r", b"\n\n", b"TY  - ", b"ER  - ", b"PMID- ", b"\\",
          b"<record>", b"</record>", b"<", b"&", b";", b",", b"\t", b"[", b"]", b":", b"\x00",
          b"\xff", b"\xed\xa0\x80", b"PT J\n", b"- ", b"%0 Book\n", b"<1>\n", b"title,author,year\n",
          b"RT Book\n", b'{"a":', b"@book{a,", b"\xb1\xa1\xc0\xfa", b"TI  - x\n"]  # fmt: skip


def mutated(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(content))
        to = min(len(content), at + chance.randint(0, 400))
        other = chance.choice(others)
        content = chance.choice((
            content[:at] + content[to:],
            content[:to] + content[at:],
            content[:at] + chance.choice(PIECES) * chance.choice((1, 1, 2, 300)) + content[at:],
            content[:at] + chance.randbytes(chance.randint(1, 8)) + content[to:],
            content[:at] + other + content[at:],
            content[to:] + b"\n" + content[:at],
        ))[:100_000]  # fmt: skip
    return content


def check(path: Path) -> str:
    """Return what is wrong with the reading of a file; "" where nothing is."""
    start = time.perf_counter()
    try:
        reading = read_export(path)
    except UnreadableExport:
        reading = None
    except Exception as fault:
        return f"{type(fault).__name__}: {fault}"
    if (seconds := time.perf_counter() - start) > LONGEST:
        return f"{seconds:.0f} s"
    for rejected in reading.rejected if reading else ():
        if "please report" in rejected.reason:
            return rejected.reason
    return ""


def main(folder: Path, number: int) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    contents = [path.read_bytes()[:30_000] for path in files]
    place = Path("mutated-input")
    for path, content in zip(files, contents, strict=True):
        chance, slowest = random.Random(path.name), 0.0
        for _ in range(number):
            place.write_bytes(mutated(content, contents, chance))
            start = time.perf_counter()
            if fault := check(place):
                sys.exit(f"{path.name}: {fault}; the input is {place}")
            slowest = max(slowest, time.perf_counter() - start)
        print(f"{path.name}: {number} mutated inputs, the slowest {slowest:.2f} s")
    place.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
