"""A copy of the package in a process that has imported it and the tests; each mutant forks off.

The change is put into the functions that are already there. Where it is not in a function, the
package and the tests are forgotten and imported anew.
"""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

import pytest

ROOT = Path(__file__).parents[2]
# Seconds of computing, and of waiting, after which tests are taken to come to no end.
PATIENCE, WAIT = 60, 900
OPTIONS = ["-q", "-x", "-rf", "--tb=no", "-o", "addopts=", "-p", "no:cacheprovider"]
NOTICED, STOPPED, UNNOTICED = 1, 2, 0


@dataclass(frozen=True)
class Trial:
    """A mutant: its name, its changed file, what pytest is asked run by run, why it may live."""

    name: str
    file: str
    changed: str | None
    runs: list[list[str]]
    argued: str = ""


def house() -> Path:
    return Path(os.environ["MUTANTS_HOUSE"])


def move_in(folder: str, left_out: tuple[str, ...]) -> None:
    """Copy the package, and import it and all tests from there."""
    here = Path(folder) / str(os.getpid())
    os.environ |= {
        "MUTANTS_HOUSE": str(here),
        "PYTHONPATH": f"{here}/src",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{here}/found",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # loading them takes longer than most tests
    }
    shutil.copytree(ROOT / "src", here / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (here / "data").symlink_to(ROOT / "data")
    os.chdir(ROOT)
    sys.path.insert(0, f"{here}/src")
    sys.dont_write_bytecode = True
    _say_into(here / "said.txt")
    pytest.main([*OPTIONS, "--collect-only", *left_out, "tests"])


def tried(trial: Trial) -> tuple[bool, str]:
    """Whether a mutant is dead, and who noticed or why nobody did."""
    if trial.changed is None:
        return False, "its text is not in the file once"
    if not trial.runs:
        return False, "no test runs its line"
    path, said = house() / "src" / "relnotes" / trial.file, house() / "said.txt"
    original = path.read_text(encoding="utf-8")
    path.write_text(trial.changed, encoding="utf-8")
    try:
        child = os.fork()
        if not child:
            _judge(path, original, trial, said)
        return _verdict(_ended(child), said.read_text(encoding="utf-8", errors="replace"))
    finally:
        path.write_text(original, encoding="utf-8")


def _judge(path: Path, original: str, trial: Trial, said: Path) -> None:
    """Run the tests on the changed package, and end with pytest's exit code."""
    code = 99
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
        _say_into(said)
        if not put_in(path, original, trial.changed or ""):
            mine = (f"{house()}/", f"{ROOT}/tests/")
            for name, module in list(sys.modules.items()):
                if str(getattr(module, "__file__", "")).startswith(mine):
                    del sys.modules[name]
        for run in trial.runs:
            asked = [f"{house()}/{word}" if word.startswith("src/") else word for word in run]
            if code := int(pytest.main([*OPTIONS, *asked])):
                break
        sys.stdout.flush()
    finally:
        os._exit(code)


def _say_into(path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)


def _ended(child: int) -> int | None:
    """Return the exit code of a process; None where it had to be stopped."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else None
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _verdict(code: int | None, said: str) -> tuple[bool, str]:
    """What pytest's exit code and last words mean for the mutant."""
    if code is None:
        return True, "the tests came to no end"
    lines = [line for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    failed = lines[0].split(" ")[1] if lines else ""
    if code == NOTICED or (code == STOPPED and failed):
        return True, failed or "a failing test"
    return False, "no test notices" if code == UNNOTICED else f"pytest ended with {code}"


# ---------------------------------------------------------------- changed functions

Place = tuple[str, int]


def put_in(path: Path, original: str, changed: str) -> bool:
    """Change the functions of a file in place; say whether all that changed is in functions."""
    if str(path) not in {getattr(module, "__file__", None) for module in sys.modules.values()}:
        return True  # it will be imported as it is now
    old, new = (compile(text, str(path), "exec") for text in (original, changed))
    if _outside(old) != _outside(new):
        return False
    was, now = dict(_functions(old)), dict(_functions(new))
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == str(path):
            place = thing.__code__.co_qualname, thing.__code__.co_firstlineno
            if place in now and was[place] != now[place]:
                thing.__code__ = now[place]
    return True


def _functions(code: CodeType) -> list[tuple[Place, CodeType]]:
    """All functions of a file, those in classes and in functions too."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    found = [((c.co_qualname, c.co_firstlineno), c) for c in inner]
    return found + [function for c in inner for function in _functions(c)]


def _outside(code: CodeType) -> list[CodeType]:
    """What runs on import: the file, its classes and what they make of lists, without functions."""
    plain = tuple(None if isinstance(c, CodeType) else c for c in code.co_consts)
    found = [code.replace(co_consts=plain)]
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and (_is_class(inner) or inner.co_name in MAKING):
            found += _outside(inner)
    return found


MAKING = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def _is_class(code: CodeType) -> bool:
    return "__qualname__" in code.co_names and not code.co_argcount
