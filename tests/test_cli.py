"""The command line: answers in words, exit codes that can be relied on, no tracebacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def relnotes(*words: str, folder: Path = ROOT, data: Path | None = None) -> tuple[int, str]:
    """Run the command in a process of its own and return exit code and everything it said."""
    environment = {k: v for k, v in os.environ.items() if k != "RELNOTES_DATA"}
    if data is not None:
        environment["RELNOTES_DATA"] = str(data)
    done = subprocess.run(
        [sys.executable, "-m", "relnotes.cli", *words],
        capture_output=True, text=True, encoding="utf-8", cwd=folder, env=environment, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_check_is_clean_on_the_house_collection():
    code, said = relnotes("check")
    assert code == 0
    assert "no errors" in said


def test_check_reports_all_faults_and_fails(sample_folder):
    elements = sample_folder / "elements.csv"
    elements.write_text(
        elements.read_text(encoding="utf-8").replace("bond-01,bond", "bond-01,bnd").replace(",2,not", ",two,not"),
        encoding="utf-8",
    )  # fmt: skip
    code, said = relnotes("check", data=sample_folder)
    assert code == 1
    assert "elements.csv, line 2, column framework_id" in said
    assert "Did you mean ‘bond’?" in said
    assert said.count("[number_form]") == 2
    assert "Traceback" not in said


def test_check_as_json_and_as_annotations(sample_folder):
    (sample_folder / "events.csv").write_bytes(b"event_id\n")
    code, said = relnotes("check", "--format", "json", data=sample_folder)
    faults = json.loads(said)
    assert code == 1
    assert {"rule", "file", "line", "column", "value", "message", "mend"} <= set(faults[0])
    code, said = relnotes("check", "--format", "annotations", data=sample_folder)
    assert code == 1
    assert said.startswith("::error file=data/events.csv,line=1,title=missing_column::")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["trace", "no-such-id"], "Nothing here has the id"),
        (["trace", "overlap-upset:no-such-mark"], "has no mark"),
        (["verify", "no-such-file.html"], "cannot be read"),
        (["figure", "check", "no-such-file.png"], "could not be read"),
        (["check", "--data", "no-such-folder"], "There is no collection here"),
        (["trace", "x", "--data", "no-such-folder"], "There is no collection here"),
    ],
)
def test_what_is_not_there_is_said_in_words(words, expected):
    code, said = relnotes(*words)
    assert code == 1
    assert expected in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "content", [b"", b"<svg", b"\x89PNG\r\n\x1a\nbroken", b"%PDF-1.4", b"\0" * 50]
)
def test_a_file_that_is_no_figure_of_ours_is_told_so(content, tmp_path):
    file = tmp_path / "picture"
    file.write_bytes(content)
    code, said = relnotes("figure", "check", str(file))
    assert code == 1
    assert "Traceback" not in said


def test_a_saved_figure_is_current_until_its_data_change(sample_folder, tmp_path):
    from relnotes import open_collection
    from relnotes.figures import make

    files = make("overlap-matrix", open_collection(sample_folder)).save(tmp_path)
    for kind in ("svg", "pdf", "png"):
        assert relnotes("figure", "check", str(files[kind]), data=sample_folder)[0] == 0
    crosswalk = sample_folder / "crosswalk.csv"
    text = crosswalk.read_text(encoding="utf-8").replace("related,interpreted", "exact,interpreted")
    crosswalk.write_text(text, encoding="utf-8")
    code, said = relnotes("figure", "check", str(files["png"]), data=sample_folder)
    assert code == 1
    assert "Trust" in said


def test_tidy_sorts_and_undo_takes_it_back(sample_folder):
    file = sample_folder / "concepts.csv"
    header, first, second = file.read_text(encoding="utf-8").splitlines()
    turned = "\n".join([header, second, first]) + "\n"
    file.write_text(turned, encoding="utf-8")
    assert relnotes("check", data=sample_folder)[0] == 1
    assert relnotes("tidy", data=sample_folder)[0] == 0
    assert relnotes("check", data=sample_folder)[0] == 0
    assert relnotes("undo", data=sample_folder)[0] == 0
    assert file.read_text(encoding="utf-8") == turned


def test_lexical_coding_is_made_anew(sample_folder):
    file = sample_folder / "crosswalk.csv"
    sound = file.read_text(encoding="utf-8")
    lines = [line for line in sound.splitlines() if not line.endswith(",lexical")]
    stale = [*lines, "plan-02,being believed,goals,Goals,close,explicit,Made up.,lexical"]
    file.write_text("\n".join(stale) + "\n", encoding="utf-8")
    assert "[lexical_current]" in relnotes("check", data=sample_folder)[1]
    assert relnotes("code-lexical", data=sample_folder)[0] == 0
    assert file.read_text(encoding="utf-8") == sound
