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
import compileall
import multiprocessing
import os
import py_compile
import resource
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Imported once, before the package: a process for each mutant begins from here.
PRELOADED = [
    "pytest", "_pytest.assertion.rewrite", "hypothesis", "pandas", "matplotlib.figure",
    "matplotlib.font_manager", "nbformat", "bibtexparser", "pylatexenc.latex2text", "rapidfuzz",
    "openpyxl", "xlsxwriter", "nltk.metrics", "typer", "rich.progress", "selectolax.lexbor",
]  # fmt: skip
# Seconds of computing, and of waiting, after which tests are taken to come to no end.
PATIENCE, WAIT = 40, 900
NOTICED, UNNOTICED = 1, 0


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


@dataclass(frozen=True)
class Trial:
    """A changed file, its name in words, and what pytest is asked, run by run; why it may live."""

    name: str
    file: str
    changed: str | None
    runs: list[list[str]]
    argued: str = ""


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
    from choosing import LEFT_OUT, traces
    from drawing import drawn

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


# ---------------------------------------------------------------- running


def judge(house: str, runs: list[list[str]], said: str) -> None:
    """Run tests on the package in a folder, in a process that ends with pytest's exit code."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    with Path(said).open("w", encoding="utf-8") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.chdir(ROOT)
    os.environ |= {
        "PYTHONPATH": f"{house}/src",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{house}/found",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # loading them takes longer than most tests
    }
    sys.path.insert(0, f"{house}/src")
    sys.dont_write_bytecode = True
    import pytest

    options = ["-q", "-x", "-rf", "--tb=no", "-o", "addopts=", "-p", "no:cacheprovider"]
    for arguments in runs:
        there = [f"{house}/{word}" if word.startswith("src/") else word for word in arguments]
        if code := pytest.main([*options, *there]):
            break
    sys.stdout.flush()
    os._exit(int(code))


class Houses:
    """Copies of the package, one for each mutant that is tried at the same time."""

    def __init__(self, folder: Path, number: int) -> None:
        self.free: Queue[Path] = Queue()
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(PRELOADED)
        for k in range(number):
            house = folder / str(k)
            shutil.copytree(
                ROOT / "src", house / "src", ignore=shutil.ignore_patterns("__pycache__")
            )
            (house / "data").symlink_to(ROOT / "data")
            # Held against the text of its file: two mutants of one second and length differ.
            compileall.compile_dir(
                house, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
            )
            self.free.put(house)

    @contextmanager
    def one(self) -> Iterator[Path]:
        house = self.free.get()
        try:
            yield house
        finally:
            self.free.put(house)

    def tried(self, trial: Trial) -> tuple[bool, str]:
        """Whether a mutant is dead, and who noticed or why nobody did."""
        if trial.changed is None:
            return False, "its text is not in the file once"
        if not trial.runs:
            return False, "no test runs its line"
        with self.one() as house:
            path, said = house / "src" / "relnotes" / trial.file, house / "said.txt"
            original = path.read_text(encoding="utf-8")
            path.write_text(trial.changed, encoding="utf-8")
            try:
                run = self.processes.Process(target=judge, args=(str(house), trial.runs, str(said)))
                run.start()
                run.join(WAIT)
                if run.exitcode is None:
                    os.killpg(run.pid or 0, signal.SIGKILL)
                return verdict(run.exitcode, said.read_text(encoding="utf-8", errors="replace"))
            finally:
                path.write_text(original, encoding="utf-8")


def verdict(code: int | None, said: str) -> tuple[bool, str]:
    """What pytest's exit code and last words mean for the mutant; one that was stopped has none."""
    if code is None or code < 0:
        return True, "the tests came to no end"
    failed = [
        line.split(" ")[1] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))
    ]
    if code == NOTICED or (code == 2 and failed):
        return True, failed[0] if failed else "a failing test"
    return False, "no test notices" if code == UNNOTICED else f"pytest ended with {code}"


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
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(chosen.jobs) as pool:
        houses = Houses(Path(folder), chosen.jobs)
        alive = []
        for trial, (dead, why) in zip(trials, pool.map(houses.tried, trials), strict=True):
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
