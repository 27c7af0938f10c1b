"""Which tests run which lines: every unit test run once under coverage, kept in build/mutants."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import Any

import coverage
import pytest

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "mutants" / "traces.json"
# What runs commands in processes of their own or whole notebooks is slow and says little of a line;
# the comparison with the committed figures, in test_reproduce, says "changed", not "wrong".
LEFT_OUT = tuple(
    f"--ignore=tests/test_{name}.py"
    for name in ("cli", "notebooks", "reproduce", "second_collection", "setup")
)
# A mutant that none of so many seconds of tests notices is alive.
SECONDS = 40


@dataclass(frozen=True)
class Traces:
    """What each test cost, and by file of the package and line, the numbers of those that ran it."""

    seconds: dict[str, float]
    lines: dict[str, dict[str, list[int]]]

    def tests(self, file: str, first: int, last: int) -> list[list[str]]:
        """The tests that run one of these lines, file by file, as many as the time allows.

        The fastest files and tests come first, and no file takes more than a third of the time.
        Lines run while modules are imported belong to no test: then all tests of the module count.
        """
        lines = self.lines.get(file, {})
        found = {test for n in range(first, last + 1) for test in lines.get(str(n), [])}
        found = found or {test for tests in lines.values() for test in tests}
        names = list(self.seconds)
        of_file: dict[str, list[str]] = {}
        for test in sorted((names[n] for n in found), key=lambda test: (self.seconds[test], test)):
            of_file.setdefault(test.partition("::")[0], []).append(test)
        groups, spent = [], 0.0
        for tests in sorted(
            of_file.values(), key=lambda tests: fmean(self.seconds[t] for t in tests)
        ):
            costs = accumulate(self.seconds[test] for test in tests)
            groups.append([t for t, cost in zip(tests, costs, strict=True) if cost < SECONDS / 3])
            spent += sum(self.seconds[test] for test in groups[-1])
            if spent > SECONDS:
                break
        return [group for group in groups if group]


class Tracer:
    """Tells coverage which test runs, and which fixture while one is made that several tests use."""

    def __init__(self) -> None:
        self.coverage = coverage.Coverage(
            data_file=None, source_pkgs=["relnotes"], config_file=False
        )
        self.seconds: dict[str, float] = {}
        self.fixtures: dict[str, set[str]] = {}
        self.now = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.now = item.nodeid
        self.coverage.switch_context(self.now)
        began = time.perf_counter()
        result = yield
        self.seconds[item.nodeid] = round(time.perf_counter() - began, 3)
        for name in getattr(item, "fixturenames", []):
            self.fixtures.setdefault(f"{item.location[0]} {name}", set()).add(item.nodeid)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Iterator[None]:
        if fixturedef.scope == "function":
            return (yield)
        before, self.now = self.now, f"{request.node.nodeid} {fixturedef.argname}"
        self.coverage.switch_context(self.now)
        try:
            return (yield)
        finally:
            self.now = before
            self.coverage.switch_context(before)

    def traces(self) -> Traces:
        """What was seen; what a shared fixture ran, all tests that use it ran."""
        data, number = self.coverage.get_data(), {t: n for n, t in enumerate(self.seconds)}
        lines: dict[str, dict[str, list[int]]] = {}
        for path in data.measured_files():
            file = Path(path).relative_to(ROOT / "src" / "relnotes").as_posix()
            lines[file] = {}
            for line, contexts in data.contexts_by_lineno(path).items():
                tests = {t for c in contexts for t in self.fixtures.get(c, {c}) if t in number}
                if tests:
                    lines[file][str(line)] = sorted(number[test] for test in tests)
        return Traces(self.seconds, lines)


def traces() -> Traces:
    """The traces kept, made anew where the package or a test changed since."""
    made_of = hashlib.sha256()
    for path in sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").glob("*.py")]):
        made_of.update(path.read_bytes())
    if KEPT.is_file():
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        if kept.pop("made_of") == made_of.hexdigest():
            return Traces(**kept)
    print("Running every test once, to see which lines it runs.", flush=True)
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, __file__], cwd=ROOT, env=environment, check=True)
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    KEPT.write_text(json.dumps({"made_of": made_of.hexdigest(), **kept}), encoding="utf-8")
    return Traces(**kept)


if __name__ == "__main__":
    tracer = Tracer()
    tracer.coverage.start()
    code = pytest.main(
        ["-q", "-o", "addopts=", "--doctest-modules", *LEFT_OUT, "tests", "src"], plugins=[tracer]
    )
    tracer.coverage.stop()
    found = tracer.traces()
    KEPT.write_text(json.dumps({"seconds": found.seconds, "lines": found.lines}), encoding="utf-8")
    sys.exit(0 if code in (0, 1) else int(code))
