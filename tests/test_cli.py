"""The command line: answers in words, exit codes that can be relied on, no tracebacks."""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relnotes import open_collection
from relnotes.cli import app, main
from relnotes.cli.app import figures, program_version
from relnotes.desk.forms import form_bytes
from relnotes.desk.store import tidy
from relnotes.figures import make

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
        (["verify", "no-such-file.html"], "does not exist"),
        (["figure", "check", "no-such-file.png"], "does not exist"),
        (["merge", "no-such-file.xlsx"], "does not exist"),
        (["add", "no-such-file.ris"], "does not exist"),
        (["figure", "make", "no-such-figure"], "There is no figure"),
        (["rename", "concept", "no-such-id", "x"], "has no id"),
        (["rename", "mood", "a", "b"], "has no ids to rename"),
        (["new", "mood"], "cannot be added so"),
        (["changes", "no-such-version"], "no version"),
        (["disagreements", "nobody", "reading"], "There is no coding"),
        (["no-such-command"], "No such command"),
        (["check", "--no-such-option"], "No such option"),
        (["check", "--data", "no-such-folder"], "There is no collection here"),
        (["trace", "x", "--data", "no-such-folder"], "There is no collection here"),
    ],
)
def test_what_is_not_there_is_said_in_words(words, expected):
    code, said = relnotes(*words)
    assert code == 2
    assert expected in said
    assert "Traceback" not in said


def test_what_was_not_confirmed_has_a_code_of_its_own(sample_folder, tmp_path):
    file = tmp_path / "export.ris"
    file.write_text(EXPORT, encoding="utf-8")
    before = files_of(sample_folder)
    code, said = relnotes("add", str(file), data=sample_folder)
    assert (code, "Nothing was written" in said) == (3, True)
    code, said = relnotes("rename", "concept", "trust", "trusting", data=sample_folder)
    assert (code, "Nothing was written" in said) == (3, True)
    assert files_of(sample_folder) == before


COMMANDS = [
    "check", "verify", "trace", "match", "changes", "rules", "export", "agreement", "disagreements", "explorer",
    "reproduce", "refresh", "site", "init", "tidy", "undo", "code-lexical", "add", "new", "merge", "rename", "codebook",
    "figure list", "figure make", "figure check",
]  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_two_examples_and_no_command_is_without(name):
    code, said = relnotes(*name.split(), "-h")
    assert code == 0
    assert said.count(f"  relnotes {name}") >= 2
    assert "Examples:" in said


EXAMPLES = [line.strip().split(" | ")[0] for group in (app, figures)
            for command in group.registered_commands
            for line in (command.epilog or "").splitlines() if line.startswith("  relnotes ")]  # fmt: skip

LONG = ("relnotes reproduce", "relnotes site", "relnotes refresh")
"""Examples of commands that run every notebook or make every page; tests of their own do."""

ENDS = {"relnotes verify": 1, "relnotes undo": 1, "relnotes new framework": 130}
"""How an example ends that finds a changed page, nothing to take back, or nobody to answer."""


@pytest.mark.parametrize("example", [e for e in EXAMPLES if not e.startswith(LONG)])
def test_every_example_of_every_help_text_runs(example, laid_desk, monkeypatch, capsys):
    monkeypatch.chdir(laid_desk)
    monkeypatch.setenv("RELNOTES_DATA", str(laid_desk / "data"))
    monkeypatch.setattr(sys, "argv", shlex.split(example))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    if example.startswith("relnotes init"):
        shutil.rmtree(laid_desk / "wards")
    with pytest.raises(SystemExit) as ended:
        main()
    said = "".join(capsys.readouterr())
    expected = next((code for start, code in ENDS.items() if example.startswith(start)), 0)
    assert ended.value.code == expected, said


@pytest.fixture
def laid_desk(sample_folder, tmp_path_factory):
    """A folder with everything that the examples name."""
    desk = tmp_path_factory.mktemp("desk")
    shutil.copytree(sample_folder, desk / "data")
    shutil.copytree(sample_folder, desk / "wards")
    crosswalk = desk / "wards" / "crosswalk.csv"
    text = crosswalk.read_text(encoding="utf-8").replace(",reading\n", ",ann\n")
    bob = [row.replace(",ann", ",bob") for row in text.splitlines() if row.endswith(",ann")]
    crosswalk.write_text("\n".join([text.rstrip("\n"), *bob]) + "\n", encoding="utf-8")
    tidy(desk / "wards")
    (desk / "docs" / "releases").mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "releases" / "0.1.0.zip", desk / "docs" / "releases")
    shutil.copy(desk / "data" / "events.csv", desk)
    (desk / "framework.xlsx").write_bytes(form_bytes(open_collection(desk / "data"), "framework"))
    (desk / "page.html").write_text("<p>About trust.</p>", encoding="utf-8")
    (desk / "page.txt").write_text("About trust.", encoding="utf-8")
    (desk / "export.ris").write_text(EXPORT, encoding="utf-8")
    (desk / "scopus.csv").write_text("Authors,Title,Year\nPoe A.,Care on wards,2001\n")
    (desk / "pubmed.nbib").write_text("PMID- 1\nTI  - Touch on wards\nDP  - 2003\n")
    drawn = make("overlap-upset", open_collection(desk / "data"))
    shutil.copy(drawn.save(desk / "build" / "figures")["svg"], desk / "found.svg")
    git = ["git", "-C", str(desk), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "data"], ["commit", "-q", "-m", "Begun"]):
        subprocess.run([*git, *words], check=True)
    return desk


def test_every_command_is_known_here():
    listed = relnotes("-h")[1].split("Commands:")[1].split("Exit codes")[0]
    names = [
        line.split()[0] for line in listed.splitlines() if line[:2] == "  " and line[2:3].strip()
    ]
    assert set(names) == {name.split()[0] for name in COMMANDS}


def test_the_version_is_said():
    assert relnotes("--version") == (0, f"relnotes {program_version()}\n")


@pytest.mark.parametrize(
    "words", [["check"], ["trace", "trust"], ["tidy", "--preview"], ["code-lexical", "--preview"],
              ["changes", "."], ["figure", "make", "overlap-matrix"]]
)  # fmt: skip
def test_an_answer_names_the_collection_its_version_and_its_folder(words, sample_folder, tmp_path):
    sample_schema(sample_folder)
    words = [str(sample_folder) if w == "." else w for w in words]
    more = ["--out", str(tmp_path / "out")] if words[0] == "figure" else []
    code, said = relnotes(*words, *more, data=sample_folder)
    assert code == 0
    assert said.rstrip().endswith(f"[A sample, 3.1; {sample_folder}]")


@pytest.mark.parametrize(
    "words", [["check"], ["trace", "trust"], ["changes", "."], ["add", "export.ris", "--preview"],
              ["match", "export.ris"], ["figure", "check", "overlap-matrix.svg"]]
)  # fmt: skip
def test_json_is_json_and_names_the_collection(words, sample_folder, tmp_path):
    sample_schema(sample_folder)
    (tmp_path / "export.ris").write_text(EXPORT, encoding="utf-8")
    if words[0] == "figure":
        relnotes("figure", "make", "overlap-matrix", "--out", str(tmp_path), data=sample_folder)
    words = [str(sample_folder) if w == "." else w for w in words]
    code, said = relnotes(*words, "--json", folder=tmp_path, data=sample_folder)
    account = json.loads(said)
    assert code == 0, said
    if words[0] != "match":
        assert (account["collection"], account["version"]) == ("A sample", "3.1")


def sample_schema(folder: Path) -> None:
    """Give a folder a descriptor with a title and a version."""
    descriptor = json.loads((ROOT / "data" / "datapackage.json").read_text(encoding="utf-8"))
    descriptor |= {"title": "A sample", "version": "3.1", "page": "page-nd-sample"}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")


def test_control_characters_are_shown_as_such(sample_folder):
    elements = sample_folder / "elements.csv"
    text = elements.read_text(encoding="utf-8")
    elements.write_text(
        text.replace("bond-01,bond,Bond", "bond-01,bond,B\x1b]0;gone\x07ond"), encoding="utf-8"
    )
    for words in (
        ["check"],
        ["check", "--json"],
        ["trace", "bond-01"],
        ["check", "--format", "annotations"],
    ):
        said = relnotes(*words, data=sample_folder)[1]
        assert not [c for c in said if ord(c) < 32 and c not in "\n\t"], words


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a child")
@pytest.mark.parametrize("group", [False, True])
def test_ctrl_c_stops_the_main_job_and_its_kernels(tmp_path, sample_folder, group):
    import signal
    import time

    import nbformat

    (tmp_path / "notebooks").mkdir()
    cell = (
        "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbformat.write(book, tmp_path / "notebooks" / "10-long.ipynb")
    job = subprocess.Popen(
        [sys.executable, "-m", "relnotes.cli", "reproduce", "--data", str(sample_folder)],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", start_new_session=True,
        # A suite that was itself started in the background hands on that it ignores Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )  # fmt: skip
    pid = tmp_path / "notebooks" / "pid"
    while not (pid.is_file() and pid.read_text()):
        assert job.poll() is None
        time.sleep(0.1)
    (os.killpg if group else os.kill)(job.pid, signal.SIGINT)
    said, _ = job.communicate()
    assert job.returncode == 130
    assert said.rstrip().endswith("Stopped.")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert not list((tmp_path / "build").rglob("*.ipynb*"))


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


EXPORT = """\
TY  - JOUR
AU  - Poe, Ann
TI  - Listening in supervision
JO  - Journal of Examples
PY  - 2015
VL  - 7
IS  - 1
SP  - 11
EP  - 19
ER  - 

TY  - JOUR
AU  - Doe, Jane
TI  - Trust in probation
JO  - Journal of Examples
PY  - 2001
DO  - 10.1000/example.1
ER  - 

TY  - JOUR
N1  - nothing that says which work this is
ER  - 
"""


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def test_add_accounts_for_every_record_and_previews_without_writing(sample_folder, tmp_path):
    file = tmp_path / "export.ris"
    file.write_text(EXPORT, encoding="utf-8")
    before = files_of(sample_folder)
    code, said = relnotes("add", str(file), "--preview", "--json", data=sample_folder)
    account = json.loads(said)
    assert code == 0
    counts = [account[name] for name in ("total", "new", "duplicate", "unclear", "rejected")]
    assert counts == [3, 1, 1, 0, 1]
    assert [r["pile"] for r in account["records"]] == ["new", "duplicate"]
    assert account["records"][1]["partner"]["source"] == "references.bib"
    assert account["set_aside"][0]["line"] == 20
    assert files_of(sample_folder) == before


def test_add_writes_what_is_new_and_undo_takes_it_back(sample_folder, tmp_path):
    file = tmp_path / "export.ris"
    file.write_text(EXPORT, encoding="utf-8")
    before = files_of(sample_folder)
    rejects = tmp_path / "rejects.txt"
    code, said = relnotes("add", str(file), "--yes", "--rejects", str(rejects), data=sample_folder)
    assert code == 0, said
    assert "poe-2015" in (sample_folder / "references.bib").read_text(encoding="utf-8")
    assert "poe-2015,added,journal article,not_coded" in (sample_folder / "studies.csv").read_text(
        encoding="utf-8"
    )
    assert "nothing that says which work" in rejects.read_text(encoding="utf-8")
    assert relnotes("check", data=sample_folder)[0] == 0
    assert json.loads(
        relnotes("add", str(file), "--preview", "--json", data=sample_folder)[1]
    )["duplicate"] == 2  # fmt: skip
    assert relnotes("undo", data=sample_folder)[0] == 0
    assert files_of(sample_folder) == before


def test_match_needs_no_collection_and_only_titles(tmp_path):
    file = tmp_path / "titles.csv"
    file.write_text(
        "title\nTrust in probation supervision\nTime\nTrust in Probation Supervision.\n"
    )
    code, said = relnotes("match", str(file), "--json", folder=tmp_path)
    account = json.loads(said)
    assert code == 0
    assert account["total"] == 3
    assert account["total"] == sum(account[n] for n in ("new", "duplicate", "unclear", "rejected"))
    assert {r["pile"] for r in account["records"]} == {"new", "unclear"}


def test_a_workbook_there_and_back_changes_no_byte(sample_folder, tmp_path):
    before = files_of(sample_folder)
    assert relnotes("export", str(tmp_path / "out"), data=sample_folder)[0] == 0
    (workbook,) = (tmp_path / "out").glob("*.xlsx")
    code, said = relnotes("merge", str(workbook), "--yes", data=sample_folder)
    assert code == 0, said
    assert files_of(sample_folder) == before


def test_changes_are_told_between_two_folders(sample_folder, tmp_path):
    later = tmp_path / "later"
    shutil.copytree(sample_folder, later)
    file = later / "crosswalk.csv"
    text = file.read_text(encoding="utf-8").replace("related,interpreted", "close,interpreted")
    file.write_text(text, encoding="utf-8")
    code, said = relnotes("changes", str(sample_folder), str(later), data=sample_folder)
    assert code == 0
    assert "plan-02" in said
    assert "related" in said


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00\x01\x02", b"%PDF-1.7", b"<html></html>"])
def test_a_file_that_is_no_export_is_refused_in_words(content, tmp_path):
    file = tmp_path / "export"
    file.write_bytes(content)
    code, said = relnotes("match", str(file), folder=tmp_path)
    assert code == 1
    assert "Traceback" not in said


def test_a_site_never_takes_the_place_of_something_else(sample_folder, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "index.html").write_text("mine", encoding="utf-8")
    for place in (tmp_path / "letters", sample_folder):
        before = {p: p.read_bytes() for p in place.iterdir()}
        code, said = relnotes("site", str(place), data=sample_folder)
        assert code == 1
        assert "would be lost" in said
        assert {p: p.read_bytes() for p in place.iterdir()} == before
