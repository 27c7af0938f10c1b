"""How long from a cold start to a saved UpSet, against importing pandas and matplotlib alone.

    python benchmarks/cold_start.py             the house collection against its floor
    python benchmarks/cold_start.py --growth    collections 1, 10, 100 and 1000 times as large

The floor is a fresh process that imports pandas and matplotlib.pyplot and saves an empty figure
as SVG. The two are run in turn, A B A B, so that a busy machine slows both; medians are quoted.
The goal is a ratio of at most 1.25.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from relnotes import Collection, open_collection
from relnotes.evidence.collection import find_folder

FLOOR = """
import pandas, matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt
plt.figure().savefig({target!r})
"""
OURS = """
from pathlib import Path
from relnotes import open_collection
from relnotes.figures import make
Path({target!r}).write_bytes(make("overlap-upset", open_collection({folder!r})).rendered("svg"))
"""


def seconds(code: str) -> float:
    """Run code in a fresh process and return how long it took."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def compare(folder: Path, runs: int) -> tuple[float, float, float]:
    """Return the medians of the floor, of ours, and of the ratio pair by pair."""
    with tempfile.TemporaryDirectory() as place:
        floor = FLOOR.format(target=str(Path(place) / "floor.svg"))
        ours = OURS.format(target=str(Path(place) / "ours.svg"), folder=str(folder))
        seconds(floor), seconds(ours)  # the first runs fill the disk cache
        pairs = [(seconds(floor), seconds(ours)) for _ in range(runs)]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
    )


def enlarged(collection: Collection, times: int, folder: Path) -> None:
    """Write a collection `times` as large: every framework and judgement copied under new ids."""
    ids = {"framework_id", "element_id"}
    copied = {"frameworks", "elements", "crosswalk"}
    for name, frame in collection.tables.items():
        table = collection.schema.table(name)
        text = frame.astype("str").assign(**collection.words[name])
        lines = [",".join(table.columns)]
        csv = text.to_csv(index=False, header=False, lineterminator="\n")
        if name not in copied:
            lines.append(csv.rstrip("\n"))
        else:
            for i in range(times):
                mark = f"-c{i:04d}" if i else ""
                part = text.copy()
                for column in ids & set(part.columns):
                    part[column] = part[column].str.replace(
                        r"(-\d{2})?$", lambda m, mark=mark: mark + (m[0] or ""), n=1, regex=True
                    )
                lines.append(
                    part.to_csv(index=False, header=False, lineterminator="\n").rstrip("\n")
                )
        content = "\n".join(line for line in lines if line) + "\n"
        (folder / table.path).write_text(content, encoding="utf-8", newline="\n")
    house = find_folder(None)
    descriptor = (house / "datapackage.json").read_bytes()
    (folder / "datapackage.json").write_bytes(descriptor)
    works = house.parent / collection.schema.bibliography
    (folder / collection.schema.bibliography).write_bytes(works.read_bytes())


def main() -> None:
    """Print the medians."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--growth", action="store_true")
    chosen = arguments.parse_args()
    print(f"{'collection':>12} {'floor s':>9} {'ours s':>9} {'ratio':>7}")
    sizes = (1, 10, 100, 1000) if chosen.growth else (1,)
    for times in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = find_folder(None)
            if times > 1:
                folder = Path(place)
                enlarged(open_collection(), times, folder)
            floor, ours, ratio = compare(folder, chosen.runs if times < 100 else 1)
        print(f"{'× ' + str(times):>12} {floor:9.2f} {ours:9.2f} {ratio:7.2f}", flush=True)


if __name__ == "__main__":
    main()
