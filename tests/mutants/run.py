"""Change one thing in a copy of the package and see whether a test notices.

    python tests/mutants/run.py                         the list of hand-made mutants
    python tests/mutants/run.py --sample 200 --seed 1   drawn from analysis, figures and desk
    python tests/mutants/run.py --only overlap          those of them whose file or kind says so

A mutant of the list, ``hand.toml``, replaces one text by another and is held against the tests it
names. One whose text no longer stands in its file, or stands there twice, counts as alive: the list
must be kept with the code. A drawn mutant changes one operator, number, truth value or name and is
held against the tests that run its line (``choosing.py``). One that lives is either killed by a
better test or argued in ``survivors.toml``: why nobody could see it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import tomllib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from choosing import LEFT_OUT, traces
from drawing import drawn
from house import Trial, move_in, tried

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Listed:
    """A text to replace in a file of the package, and the tests that must notice."""

    kind: str
    file: str
    old: str
    new: str
    tests: str

    def applied(self, text: str) -> str | None:
        return text.replace(self.old, self.new) if text.count(self.old) == 1 else None

    def arguments(self) -> list[str]:
        files, _, chosen = self.tests.partition(" -k ")
        return [*files.split(), *(["-k", chosen] if chosen else [])]


def hand_made() -> list[Trial]:
    """The mutants of the list."""
    entries = tomllib.loads((HERE / "hand.toml").read_text(encoding="utf-8"))["mutant"]
    return [
        Trial(f"{m.kind} ({m.file}: {short(m.old)} → {short(m.new)})", m.file,
              m.applied(source(m.file)), [m.arguments()])
        for m in (Listed(**entry) for entry in entries)
    ]  # fmt: skip


def sampled(number: int, seed: int) -> list[Trial]:
    """Mutants drawn by chance, with the tests that run them."""
    entries = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8"))["survivor"]
    argued = {(e["file"], e["before"], e["after"]): e["why"] for e in entries}
    seen, trials = traces(), []
    for mutant in drawn(number, seed):
        text = source(mutant.file)
        line, before = mutant.line(text)
        changed = mutant.applied(text)
        after = changed.splitlines()[line - 1].strip()
        tests = seen.tests(mutant.file, mutant.first, mutant.last)
        asked = [[*LEFT_OUT, "--doctest-modules", *group] for group in tests]
        why = argued.get((mutant.file, before, after), "")
        name = f"{mutant.file}:{line}: {before} → {after}"
        trials.append(Trial(name, mutant.file, changed, asked, why))
    return trials


def source(file: str) -> str:
    return (ROOT / "src" / "relnotes" / file).read_text(encoding="utf-8")


def short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) < 50 else f"{words[:49]}…"


def main() -> int:
    """Run mutants, say who is alive, who is argued and what share is dead."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    trials = sampled(chosen.sample, chosen.seed) if chosen.sample else hand_made()
    trials = [trial for trial in trials if chosen.only in trial.name]
    alive = []
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(
            chosen.jobs,
            multiprocessing.get_context("spawn"),
            initializer=move_in,
            initargs=(folder, LEFT_OUT),
        ) as pool,
    ):
        for trial, (dead, why) in zip(trials, pool.map(tried, trials), strict=True):
            print(f"{'dead' if dead else 'ALIVE'}  {trial.name}: {why}", flush=True)
            if not dead:
                alive.append(trial)
    unargued = [trial for trial in alive if not trial.argued]
    dead = len(trials) - len(alive)
    print(f"{dead} of {len(trials)} mutants are dead ({dead / max(1, len(trials)):.0%}).")
    print(
        f"{len(alive) - len(unargued)} live as survivors.toml argues, {len(unargued)} for no reason."
    )
    print(*(f"  {trial.name}" for trial in unargued), sep="\n")
    return bool(unargued)


if __name__ == "__main__":
    sys.exit(main())
