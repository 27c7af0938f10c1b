"""How long an UpSet takes to draw, beside upsetplot in an environment where it still works.

    python benchmarks/draw_upset.py                              ours alone
    python benchmarks/draw_upset.py --peer PEER/bin/python       against upsetplot 0.9

upsetplot does not draw on pandas 3, so it runs in its own interpreter (pandas 2). Both count the
same memberships, draw the same number of bars and save a PNG at 100 dots per inch into memory;
imports are not timed. The two take turns, so that a busy machine slows both; medians are quoted.
The goals: 10 sets by 30 bars at most 0.7 times upsetplot's time, 30 by 200 at most 0.4 times.
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import sys
import time

import numpy as np
import pandas as pd

SIZES = ((10, 30), (30, 200))
ITEMS = 4000


def indicators(sets: int, seed: int = 0) -> pd.DataFrame:
    """Make a table of memberships in which a few combinations are common and many are rare."""
    rng = np.random.default_rng(seed)
    kinds = rng.random((400, sets)) < 0.25
    kinds[np.arange(400), rng.integers(sets, size=400)] = True
    weights = 1 / np.arange(1, 401)
    chosen = rng.choice(400, size=ITEMS, p=weights / weights.sum())
    return pd.DataFrame(kinds[chosen], columns=[f"set number {k}" for k in range(sets)])


def draw_ours(table: pd.DataFrame, bars: int) -> None:
    """Count and draw with this package."""
    from relnotes.analysis.overlap import Memberships, compute_intersections
    from relnotes.figures.overlap import plot_overlap_upset

    held = {name: table.index[table[name]] for name in table}
    memberships = Memberships.from_sets(held, items=table.index)
    figure = plot_overlap_upset(compute_intersections(memberships, largest=bars))
    figure.drawing.savefig(io.BytesIO(), format="png", dpi=100)


def draw_peer(table: pd.DataFrame, bars: int) -> None:
    """Count and draw with upsetplot."""
    import upsetplot
    from matplotlib.figure import Figure

    data = upsetplot.from_indicators(list(table.columns), data=table)
    drawing = Figure()
    upset = upsetplot.UpSet(
        data, subset_size="count", sort_by="cardinality", max_subset_rank=bars, show_counts=True
    )
    upset.plot(drawing)
    drawing.savefig(io.BytesIO(), format="png", dpi=100)


def seconds(draw: str, sets: int, bars: int) -> float:
    """Return how long one drawing takes after one to warm up."""
    table = indicators(sets)
    work = {"ours": draw_ours, "peer": draw_peer}[draw]
    work(table, bars)
    started = time.perf_counter()
    work(table, bars)
    return time.perf_counter() - started


def asked(interpreter: str, draw: str, sets: int, bars: int) -> float:
    """Time one drawing in a process of its own."""
    command = [interpreter, "-W", "ignore", __file__, "--time", draw, str(sets), str(bars)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(answer.split()[-1])


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="Python interpreter of an environment with upsetplot")
    parser.add_argument("--runs", type=int, default=7, help="pairs of drawings for each size")
    parser.add_argument(
        "--time", nargs=3, metavar=("WHICH", "SETS", "BARS"), help=argparse.SUPPRESS
    )
    given = parser.parse_args()
    if given.time:
        which, sets, bars = given.time
        print(seconds(which, int(sets), int(bars)))
        return
    for sets, bars in SIZES:
        ours, peer = [], []
        for _ in range(given.runs):
            ours.append(asked(sys.executable, "ours", sets, bars))
            if given.peer:
                peer.append(asked(given.peer, "peer", sets, bars))
        line = f"{sets} sets x {bars} bars: ours {statistics.median(ours):.3f} s"
        if peer:
            ratio = statistics.median(a / b for a, b in zip(ours, peer, strict=True))
            line += f", upsetplot {statistics.median(peer):.3f} s, ratio {ratio:.2f}"
        print(line)


if __name__ == "__main__":
    main()
