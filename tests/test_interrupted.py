"""Whole commands, killed, stopped and refused by the disk on their way: old or new, and said.

`benchmarks/interrupted.py` does the same at hundreds of random moments; here are some of each.
"""

import importlib.util
import os
import signal
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to stop a child")

if hasattr(os, "fork"):
    _FILE = Path(__file__).parents[1] / "benchmarks" / "interrupted.py"
    _SPEC = importlib.util.spec_from_file_location("interrupted", _FILE)
    interrupted = sys.modules["interrupted"] = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(interrupted)

# At which touches of the folder: reading and preparing, deciding and finishing.
WRITERS = {"add": (30, 64), "merge": (40, 60), "tidy": (20, 66), "undo": (25, 58), "rename": (35, 70),
           "init": (3, 30)}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
def test_stopped_or_refused_by_the_disk_it_leaves_the_old_or_the_new(name, tmp_path):
    trials = interrupted.Trials(tmp_path)
    early, late = WRITERS[name]
    for step, accident in (
        (early, signal.SIGINT),
        (late, signal.SIGKILL),
        (early, interrupted.DISK[0]),
        (late, interrupted.DISK[2]),
    ):
        code, wrong = trials.touched(name, step, accident)
        assert not wrong, (step, accident)
        assert code in (0, 1, 130, -signal.SIGKILL)
