"""How fast combinations of sets are counted, against a floor and against other set libraries.

    python benchmarks/sets.py                    this package against its floor
    python benchmarks/sets.py --peer upsetplot=PATH/bin/python --peer supervenn=PATH/bin/python \
        --peer marsilea=PATH/bin/python          and against the others
    python benchmarks/sets.py --items 1000000 --sets 30      one size only

A peer runs in the environment of the Python given for it (upsetplot and marsilea need pandas
below 3):

    python -m venv PATH && PATH/bin/pip install upsetplot "pandas<3"
    python -m venv PATH && PATH/bin/pip install supervenn
    python -m venv PATH && PATH/bin/pip install marsilea "pandas<3"

What is timed, from a table of true and false with N rows and K columns in memory:

floor       pack the columns into 64-bit words and sort the words, with NumPy and nothing else
relnotes    Memberships.from_indicators and compute_intersections with the 30 largest shown
upsetplot   from_indicators and query
supervenn   break_into_chunks, on Python sets made before the clock starts
marsilea    UpsetData of the table

Three kinds of table: "few" (200 different combinations, unevenly common), "many" (each cell true
with a chance of 0.1) and "most" (a chance of 0.5, so that nearly all rows differ from K = 30 on).
All must give the same answer, combination by combination. Membership lists, which Python must walk
through, are timed against upsetplot's from_memberships and query together; their floor is to look
up each name and sort.

Times are medians in milliseconds; floor and relnotes take turns. The goals, at N = 1,000,000 and
K = 30: at most 1.5 times the floor, at most twice the memory of the input, at least 8 times faster
than upsetplot and 25 times faster than supervenn and marsilea.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sets_peer import lists_of, median_times

from relnotes.analysis.overlap import Memberships, compute_intersections, count_combinations

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
WIDTHS = (10, 30, 60)
SHOWN = 30
PATIENCE = 300.0  # seconds a peer may take for one table, all runs together
PEERS = ("upsetplot", "supervenn", "marsilea")


def flags_of(kind: str, items: int, sets: int) -> Any:
    """Make a table of true and false."""
    rng = np.random.default_rng([items, sets])
    if kind != "few":
        return rng.random((items, sets), dtype=np.float32) < {"many": 0.1, "most": 0.5}[kind]
    patterns = rng.random((200, sets)) < rng.random((200, 1))
    how_common = 1 / np.arange(1, 201)
    return patterns[rng.choice(200, size=items, p=how_common / how_common.sum())]


def packed_and_sorted(columns: list[Any]) -> Any:
    words = np.zeros(len(columns[0]), dtype=np.uint64)
    for k, column in enumerate(columns):
        words |= column.astype(np.uint64) << np.uint64(k)
    return np.sort(words)


def looked_up_and_sorted(lists: list[list[str]]) -> Any:
    place = {name: k for k, name in enumerate(sorted(set(chain.from_iterable(lists))))}
    lengths = np.fromiter(map(len, lists), np.intp, len(lists))
    total = int(lengths.sum())
    bits = np.fromiter(map(place.__getitem__, chain.from_iterable(lists)), np.uint64, total)
    words = np.zeros(len(lists), dtype=np.uint64)
    held = lengths > 0
    starts = (np.cumsum(lengths) - lengths)[held]
    words[held] = np.bitwise_or.reduceat(np.uint64(1) << bits, starts)
    return np.sort(words)


def from_table(table: pd.DataFrame) -> Any:
    return compute_intersections(Memberships.from_indicators(table), largest=SHOWN)


def from_lists(lists: list[list[str]]) -> Any:
    return compute_intersections(Memberships.from_memberships(lists), largest=SHOWN)


def answer_of(table: pd.DataFrame) -> tuple[Any, Any]:
    """Count all combinations but that of no set."""
    combinations, counts = count_combinations(Memberships.from_indicators(table).words)
    numbers = combinations[:, 0]
    return numbers[numbers > 0], counts[numbers > 0]


def peak_memory(work: Callable[..., Any], *given: Any) -> int:
    tracemalloc.start()
    work(*given)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


class Peer:
    """A library in an environment of its own."""

    def __init__(self, name: str, python: str) -> None:
        self.name, self.python = name, python
        self.given_up: set[tuple[str, int]] = set()

    def seconds(self, kind: str, flags: Any, expected: tuple[Any, Any]) -> float:
        """Time it and compare its answer; NaN where a smaller table was too much already."""
        case = (kind, flags.shape[1])
        if case in self.given_up:
            return float("nan")
        with tempfile.TemporaryDirectory() as folder:
            table, answer = Path(folder) / "table.npy", Path(folder) / "answer.npz"
            np.save(table, flags)
            try:
                done = subprocess.run(
                    [
                        self.python,
                        Path(__file__).with_name("sets_peer.py"),
                        self.name,
                        table,
                        answer,
                    ],
                    capture_output=True,
                    text=True,
                    timeout=PATIENCE,
                    check=True,
                )
            except subprocess.TimeoutExpired:
                print(f"  {self.name} gave no answer in {PATIENCE:.0f} s: {case}, N = {len(flags)}")
                self.given_up.add(case)
                return float("nan")
            except subprocess.CalledProcessError as failed:
                print(f"  {self.name} failed: {case}, N = {len(flags)}: {failed.stderr[-200:]}")
                self.given_up.add(case)
                return float("nan")
            found = np.load(answer)
            np.testing.assert_array_equal(found["numbers"], expected[0], self.name)
            np.testing.assert_array_equal(found["counts"], expected[1], self.name)
        return float(done.stdout.split()[-1])


def measure_tables(peers: list[Peer], sizes: list[int], widths: list[int]) -> pd.DataFrame:
    lines = []
    for kind, sets, items in product(("few", "many", "most"), widths, sizes):
        flags = flags_of(kind, items, sets)
        table = pd.DataFrame({f"set {k:02}": flags[:, k].copy() for k in range(sets)})
        expected = answer_of(table)
        columns = [table[name].to_numpy() for name in table]
        floor, ours = median_times(partial(packed_and_sorted, columns), partial(from_table, table))
        line: dict[str, Any] = {"kind": kind, "K": sets, "N": items, "different": len(expected[0])}
        line |= {"floor": 1000 * floor, "relnotes": 1000 * ours, "of floor": ours / floor}
        line["of memory"] = peak_memory(from_table, table) / flags.size
        for peer in peers:
            seconds = peer.seconds(kind, flags, expected)
            line |= {peer.name: 1000 * seconds, f"times {peer.name[0]}": seconds / ours}
        lines.append(show(line, header=not lines))
    return pd.DataFrame(lines)


def measure_lists(peers: list[Peer], sizes: list[int]) -> None:
    first = True
    for items in sizes:
        flags = flags_of("few", items, 30)
        names = [f"set {k:02}" for k in range(30)]
        lists = lists_of(flags, names)
        size = sum(map(sys.getsizeof, lists)) + sys.getsizeof(lists)
        floor, ours = median_times(partial(looked_up_and_sorted, lists), partial(from_lists, lists))
        line: dict[str, Any] = {"kind": "lists", "K": 30, "N": items}
        line |= {"floor": 1000 * floor, "relnotes": 1000 * ours, "of floor": ours / floor}
        line["of memory"] = peak_memory(from_lists, lists) / size
        for peer in peers:
            seconds = peer.seconds("lists", flags, answer_of(pd.DataFrame(flags, columns=names)))
            line |= {peer.name: 1000 * seconds, "times u": seconds / ours}
        show(line, header=first)
        first = False


def show(line: dict[str, Any], *, header: bool) -> dict[str, Any]:
    """Print a line as soon as it is known, in columns of one width."""
    if header:
        print(" ".join(f"{name:>10}" for name in line))
    cells = (f"{v:.2f}" if isinstance(v, float) else str(v) for v in line.values())
    print(" ".join(f"{cell:>10}" for cell in cells), flush=True)
    return line


def growth(measured: pd.DataFrame) -> pd.DataFrame:
    """By how much the time grows when N grows tenfold."""
    tools = [name for name in ("floor", "relnotes", *PEERS) if name in measured]
    before = measured.groupby(["kind", "K"])[tools].shift()
    steps = (measured[tools] / before).round(1)
    return measured[["kind", "K", "N"]].join(steps).dropna(subset=["relnotes"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--items", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--sets", type=int, nargs="+", default=WIDTHS, metavar="K")
    options = parser.parse_args()
    pythons = dict(peer.split("=", 1) for peer in options.peer)
    print("Tables of true and false (milliseconds; of memory: peak over input; times: peer slower)")
    peers = [Peer(name, pythons[name]) for name in PEERS if name in pythons]
    measured = measure_tables(peers, options.items, options.sets)
    print("\nGrowth of the time when N grows tenfold")
    print(growth(measured).to_string(index=False))
    print("\nMembership lists")
    lists = [Peer("upsetplot_lists", pythons["upsetplot"])] if "upsetplot" in pythons else []
    measure_lists(lists, options.items)


if __name__ == "__main__":
    main()
