"""Time one set library on one table, in the environment of that library.

Called by sets.py, which makes the table and compares the answer. Prints the median in seconds and
writes the combinations (as numbers, bit k for column k) with their counts.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


def median_times(*works: Callable[[], Any], rounds: int = 7, patience: float = 20.0) -> list[float]:
    """Median in seconds of each work, after one run to warm up; fewer rounds when they are slow.

    The works take turns, so that a busy machine slows them all.
    """
    times: list[list[float]] = []
    while len(times) <= rounds and np.sum(times) < patience:
        gc.collect()
        turn = []
        for work in works:
            start = time.perf_counter()
            work()
            turn.append(time.perf_counter() - start)
        times.append(turn)
    return np.median(times[1:] or times, axis=0).tolist()


def lists_of(flags: Any, names: list[str]) -> list[list[str]]:
    """Write each row as the list of its sets."""
    words = np.array(names, dtype=object)
    return [words[row].tolist() for row in flags]


def numbered(flags: Any) -> Any:
    """Read each row as a number, bit k for column k."""
    return flags.astype(np.uint64) @ (np.uint64(1) << np.arange(flags.shape[1], dtype=np.uint64))


def by_upsetplot(flags: Any, names: list[str]) -> tuple[float, Any, Any]:
    import upsetplot

    table = pd.DataFrame(flags, columns=names)

    def count() -> Any:
        return upsetplot.query(upsetplot.from_indicators(table), subset_size="count")

    return *median_times(count), *_upsetplot_answer(count().subset_sizes, names)


def by_upsetplot_lists(flags: Any, names: list[str]) -> tuple[float, Any, Any]:
    import upsetplot

    lists = lists_of(flags, names)

    def count() -> Any:
        return upsetplot.query(upsetplot.from_memberships(lists), subset_size="count")

    return *median_times(count), *_upsetplot_answer(count().subset_sizes, names)


def _upsetplot_answer(sizes: Any, names: list[str]) -> tuple[Any, Any]:
    held = sizes.index.to_frame().reindex(columns=names, fill_value=False)
    return numbered(held.to_numpy(dtype=bool)), sizes.to_numpy()


def by_supervenn(flags: Any, names: list[str]) -> tuple[float, Any, Any]:
    from supervenn._algorithms import break_into_chunks

    sets = [set(np.flatnonzero(column).tolist()) for column in flags.T]
    chunks = break_into_chunks(sets)
    numbers = np.array([sum(1 << k for k in chunk) for chunk in chunks], dtype=np.uint64)
    counts = np.array([len(chunk) for chunk in chunks.values()])
    return *median_times(partial(break_into_chunks, sets)), numbers, counts


def by_marsilea(flags: Any, names: list[str]) -> tuple[float, Any, Any]:
    from marsilea.upset import UpsetData

    table = pd.DataFrame(flags, columns=names)
    sizes = UpsetData(table).cardinality()
    numbers = numbered(sizes.index.to_frame().to_numpy(dtype=bool))
    return *median_times(partial(UpsetData, table)), numbers, sizes.to_numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library")
    parser.add_argument("table", type=Path)
    parser.add_argument("answer", type=Path)
    options = parser.parse_args()
    flags = np.load(options.table)
    names = [f"set {k:02}" for k in range(flags.shape[1])]
    seconds, numbers, counts = globals()[f"by_{options.library}"](flags, names)
    # Libraries differ in whether they count items in no set; here nobody does.
    kept = np.flatnonzero((numbers > 0) & (counts > 0))
    order = kept[np.argsort(numbers[kept])]
    np.savez(options.answer, numbers=numbers[order], counts=counts[order].astype(np.int64))
    print(seconds)


if __name__ == "__main__":
    main()
