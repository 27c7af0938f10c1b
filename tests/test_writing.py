"""A write is whole or it is not: killed, refused or crowded out at any step."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relnotes import check_collection, open_collection
from relnotes.desk.entries import bibliography_bytes, entry_text
from relnotes.desk.store import (
    Draft,
    Written,
    drafted,
    read_state,
    table_bytes,
    tidy,
    undo,
    write,
)
from relnotes.evidence.bibtex import parse_bibliography
from relnotes.evidence.disk import digest, put_whole
from relnotes.evidence.faults import CollectionError, InterruptedWrite, RefusedWrite
from relnotes.evidence.journal import locked, read_contents, recover, replace_files, steadily
from relnotes.evidence.kept import KEPT_STATES, kept_writes
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.evidence.schema import house_descriptor, house_schema
from relnotes.evidence.tables import read_table_bytes

HOUSE = Path(__file__).parents[1] / "data"
RETIRED = house_schema().table("retired")
FINDINGS = house_schema().table("findings")


def make_sample(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, text in SAMPLE.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    descriptor = json.loads((HOUSE / "datapackage.json").read_text(encoding="utf-8"))
    descriptor |= {"page": "page-nd-sample", "title": "A sample"}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return folder


@pytest.fixture
def sample(tmp_path):
    return make_sample(tmp_path / "Fälle, zweite Reihe" / "data")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


POE = entry_text(
    "poe-2003",
    "book",
    {"author": "Poe, Ann", "title": "Care", "publisher": "Example Press", "year": "2003"},
)
POE_ROW = pd.DataFrame(
    [["poe-2003", "added", "book", *["not_coded"] * 7, "not_applicable",
      "unverified", "poe-2003", ""]],
    columns=house_schema().table("studies").columns,
)  # fmt: skip
ADD_POE = Draft({"studies": POE_ROW}, entries={"poe-2003": POE})


def test_write_adds_row_and_entry_and_nothing_else_moves(sample):
    before = contents(sample)
    written = write(sample, ADD_POE, "Added one work")
    assert written == Written("Added one work", ("references.bib", "studies.csv"))
    after = contents(sample)
    assert {n for n in before if before[n] != after[n]} == {"references.bib", "studies.csv"}
    added = b"poe-2003,added,book," + b"not_coded," * 7 + b"not_applicable,unverified,poe-2003,\n"
    assert after["studies.csv"].replace(added, b"") == before["studies.csv"]
    assert after["references.bib"].replace(POE.encode() + b"\n\n", b"") == before["references.bib"]
    assert "poe-2003" in open_collection(sample).bibliography


def test_write_refuses_what_the_rules_refuse_and_changes_nothing(sample):
    before = contents(sample)
    with pytest.raises(RefusedWrite) as refusal:
        write(sample, Draft({"studies": POE_ROW}))
    assert {f.rule for f in refusal.value.faults} == {"unknown_citation"}
    assert str(refusal.value).startswith("Nothing was written")
    assert contents(sample) == before
    assert kept_writes(sample) == ()


def test_write_refuses_a_draft_made_from_an_older_state(sample):
    draft = Draft(ADD_POE.rows, {}, ADD_POE.entries, base=read_state(sample).digest)
    events = sample / "events.csv"
    events.write_bytes(events.read_bytes().replace(b"Rules adopted", b"Rules agreed"))
    with pytest.raises(RefusedWrite, match="has changed since"):
        write(sample, draft)


def test_rows_are_replaced_by_key_and_removed_by_id(sample):
    state = read_state(sample)
    frame = state.evidence().frame("crosswalk")
    changed = frame[frame["coder"] == "reading"].tail(1).assign(relation="close")
    new = drafted(state, Draft({"crosswalk": changed}, {"crosswalk": ["bond-01/trust/reading"]}))
    after = new.evidence().frame("crosswalk")
    assert len(after) == len(frame) - 1
    last = after.set_index(["element_id", "coder"]).loc[("plan-02", "reading")]
    assert last["relation"] == "close"
    assert ("bond-01", "reading") not in set(zip(after["element_id"], after["coder"], strict=True))


def test_undo_takes_back_one_write_after_the_other(sample):
    states = [contents(sample)]
    write(sample, ADD_POE, "first")
    states.append(contents(sample))
    write(sample, Draft(removed={"events": ["rules-2003"]}), "second")
    assert [k.what for k in kept_writes(sample)] == ["second", "first"]
    assert undo(sample).files == ("events.csv",)
    assert contents(sample) == states[1]
    assert str(undo(sample)) == (
        "Taken back: first: 2 files written (references.bib, studies.csv)."
    )
    assert contents(sample) == states[0]
    with pytest.raises(RefusedWrite, match="No earlier write"):
        undo(sample)


def test_undo_brings_back_that_a_file_was_not_there(sample):
    (sample / "datapackage.json").unlink()
    (sample / "events.csv").unlink()
    before = contents(sample)
    row = pd.DataFrame([["e-1", "2001", "Begun", "rules", "Utopia", "doe-2001", "verified", ""]],
                       columns=house_schema().table("events").columns)  # fmt: skip
    write(sample, Draft({"events": row}))
    assert (sample / "events.csv").is_file()
    undo(sample)
    assert contents(sample) == before


def test_undo_refuses_when_somebody_edited_the_file_since(sample):
    write(sample, ADD_POE)
    studies = sample / "studies.csv"
    studies.write_bytes(studies.read_bytes() + b"\n")
    before = contents(sample)
    with pytest.raises(RefusedWrite, match=r"studies\.csv: The file has changed since"):
        undo(sample)
    assert contents(sample) == before


def test_only_the_last_states_are_kept(sample):
    for i in range(KEPT_STATES + 3):
        with locked(sample):
            replace_files(sample, {"events.csv": b"%d" % i}, f"write {i}")
    kept = kept_writes(sample)
    assert len(kept) == KEPT_STATES
    assert kept[0].what == f"write {KEPT_STATES + 2}"


def test_the_bibliography_may_stand_beside_the_folder(sample):
    (sample / "references.bib").rename(sample.parent / "references.bib")
    write(sample, ADD_POE)
    assert not (sample / "references.bib").exists()
    assert "poe-2003" in open_collection(sample).bibliography
    undo(sample)
    assert "poe-2003" not in open_collection(sample).bibliography


def test_housekeeping_is_not_committed(sample):
    write(sample, ADD_POE)
    assert (sample / ".relnotes" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert not [p.name for p in sample.iterdir() if p.name.endswith("next")]


def test_the_house_tables_are_tidy(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(HOUSE, folder, ignore=shutil.ignore_patterns(".relnotes"))
    shutil.copy(HOUSE.parent / "references.bib", tmp_path)
    assert tidy(folder).files == ()


def test_tidy_sorts_and_plains_but_leaves_unreadable_files(sample):
    tidy(sample)  # columns that came later are written out
    sound = contents(sample)
    lines = sound["concepts.csv"].splitlines(keepends=True)
    mixed = b"\xef\xbb\xbf" + b"".join([lines[0], *lines[:0:-1]]).replace(b"\n", b"\r\n")
    (sample / "concepts.csv").write_bytes(mixed)
    (sample / "events.csv").write_bytes(b"event_id,year\nx\n")
    assert tidy(sample).files == ("concepts.csv",)
    assert contents(sample)["concepts.csv"] == sound["concepts.csv"]
    assert contents(sample)["events.csv"] == b"event_id,year\nx\n"


# ------------------------------------------------------------------- bytes of tables

cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.lists(cell | st.sampled_from(['"', "a,b", "a.10", "a.9", ""]),
                         min_size=4, max_size=4), max_size=8))  # fmt: skip
def test_what_is_written_is_read_back_and_written_alike(rows):
    frame = pd.DataFrame(rows, columns=RETIRED.columns, dtype="str")
    content = table_bytes(frame, RETIRED)
    found = read_table_bytes(content, RETIRED)
    assert not found.faults
    assert found.frame is not None
    assert sorted(found.frame.to_numpy().tolist()) == sorted(rows)
    assert table_bytes(found.frame, RETIRED) == content
    assert table_bytes(frame.iloc[::-1], RETIRED) == content


@pytest.mark.parametrize("value", ["two\nlines", "a\rb", "nul\0", "half\ud800"])
def test_a_cell_that_no_line_can_hold_is_refused(value):
    frame = pd.DataFrame([["concepts", "x", value, "y"]], columns=RETIRED.columns, dtype="object")
    with pytest.raises(RefusedWrite) as refusal:
        table_bytes(frame, RETIRED)
    assert refusal.value.faults[0].column == "reason"
    assert refusal.value.faults[0].id == "concepts/x"


# ------------------------------------------------------------- bytes of the bibliography

MESSY = (
    "% A first line\n% that stands on its entry\n@book{b-2000, title={B}}%tail\n"
    '@string{p = {Press}}\n\n\n@ARTICLE{D-2000,\n\ttitle = "D" # p , year=2000}   '
    "@misc{e-2000,title={E {x} }}\nloose words\n\n@comment{kept too}\n"
)


@pytest.mark.parametrize("key", ["a-2000", "c-2000", "d-2000", "e-1999", "z-2000"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_entry_goes_in_and_out_without_touching_the_rest(key, ends):
    text = MESSY.replace("\n", ends).encode()
    entry = entry_text(key, "book", {"title": "New"})
    new = bibliography_bytes(text, {key: entry})
    works, faults = parse_bibliography(new.decode())
    assert not faults
    before = parse_bibliography(MESSY)[0]
    assert {k: w.raw for k, w in works.items() if k != key} == {k: w.raw for k, w in before.items()}
    for line in MESSY.splitlines():
        for part in line.split("   "):
            assert part.strip().encode() in new
    assert bibliography_bytes(new, {key: None}).split() == text.split()


def test_new_entries_stand_in_order_with_a_blank_line_around():
    old = b"@book{b-2000, title = {B}}\n"
    new = bibliography_bytes(
        old, {k: entry_text(k, "book", {"title": k}) for k in ("c-2000", "a-2000", "d-2000")}
    )
    assert new.decode() == (
        "@book{a-2000,\n  title = {a-2000},\n}\n\n@book{b-2000, title = {B}}\n\n"
        "@book{c-2000,\n  title = {c-2000},\n}\n\n@book{d-2000,\n  title = {d-2000},\n}\n"
    )
    assert bibliography_bytes(new, dict.fromkeys(("a-2000", "c-2000", "d-2000"))) == old


@pytest.mark.parametrize("above", ["\n\n", "% Ours.\n\n"])
def test_a_comment_stays_with_the_first_entry_when_another_goes_before(above):
    old = f"{above}% The one.\n@book{{roe-2005, title = {{B}}}}\n"
    new = bibliography_bytes(old.encode(), {"poe-2003": POE}).decode()
    assert new.strip() == old.replace("% The one.", f"{POE}\n\n% The one.").strip()


def test_an_empty_bibliography_takes_its_first_entry():
    assert bibliography_bytes(b"", {"poe-2003": POE}) == POE.encode() + b"\n"
    assert (
        bibliography_bytes(b"% ours\n", {"poe-2003": POE}) == b"% ours\n\n" + POE.encode() + b"\n"
    )


def test_a_bibliography_with_broken_entries_is_not_written():
    with pytest.raises(RefusedWrite):
        bibliography_bytes(b"@book{a-2000, title = {", {"poe-2003": POE})


entries = st.dictionaries(
    st.from_regex(r"[a-z]{1,3}-20[0-9]{2}", fullmatch=True), st.integers(0, 4), max_size=5
)


@settings(deadline=None)
@given(entries, entries, st.lists(st.sampled_from(["", "\n", "% c\n", "\n\n", " "]), min_size=6))
def test_splicing_keeps_every_other_entry_as_it_stands(there, new, gaps):
    def text_of(key: str, n: int) -> str:
        return f"@book{{{key},{' ' * n}title = {{T{n}}}}}"

    parts = [gap + text_of(k, n) for gap, (k, n) in zip(gaps, there.items(), strict=False)]
    old = "\n".join(parts).encode()
    put = {k: entry_text(k, "misc", {"title": str(n)}) for k, n in new.items()}
    works, faults = parse_bibliography(bibliography_bytes(old, put).decode())
    assert not faults
    for key, n in there.items():
        if key not in new:
            assert works[key].raw == text_of(key, n)
    assert {k: works[k].raw for k in new} == put
    assert bibliography_bytes(old, {}) == old


# --------------------------------------------------------------------- accidents

# A child process is stopped at its n-th touch of the folder, for every n there is: Python's
# audit events report each opening, renaming, making and removing of a file before it is done.
CHILD = """
import errno, json, os, shutil, signal, sys
from pathlib import Path
import filelock
from relnotes.evidence.faults import InterruptedWrite, RefusedWrite
from relnotes.evidence.journal import locked, replace_files
from relnotes.evidence.kept import kept_writes
from relnotes.evidence.schema import house_schema

root, accident, command = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
new = {p.name: p.read_bytes() for p in (root / "new").iterdir()}
house_schema()
watched, left = "", 0
os.fsync = lambda handle: None  # a killed process loses nothing it has handed over

def watch(event, args):
    global left
    if watched and event.startswith(("open", "os.", "shutil.")) and any(
        watched in str(a) for a in args
    ):
        left -= 1
        if left == 0 and accident == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if left == 0:
            number = getattr(errno, accident)
            raise OSError(number, os.strerror(number), "file")

sys.addaudithook(watch)
outcomes = []
for step in range(1, 500):
    folder = root / f"{step:03d}"
    shutil.copytree(root / ("written" if command == "undo" else "old"), folder)
    child = os.fork()
    if child == 0:
        code = 0
        watched, left = str(folder), step
        try:
            with locked(folder):
                if command == "undo":
                    last = kept_writes(folder)[0]
                    replace_files(folder, last.before, "Taken back", undoes=last.number)
                else:
                    replace_files(folder, new, "Added one work")
        except RefusedWrite:
            code = 3
        except InterruptedWrite:
            code = 4
        except BaseException as error:
            sys.stderr.write(f"step {step}: {error!r}\\n")
            code = 5
        os._exit(100 + code if left > 0 else code)
    outcomes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    if outcomes[-1] == 100:
        break
print(json.dumps(outcomes))
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to stop a child")


def plain(folder: Path) -> dict[str, bytes]:
    return {n: c for n, c in contents(folder).items() if not n.startswith(".")}


def every_file(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def accidents(root: Path, accident: str, command: str) -> tuple[list[int], dict, dict]:
    """Return how each child ended, stopped at its n-th step, and the two whole states."""
    for state, text in (("old", b"old"), ("new", b"new")):
        (root / state).mkdir()
        for name in ("events.csv", "references.bib", "studies.csv"):
            (root / state / name).write_bytes(text)
    (root / "old" / "events.csv").unlink()
    shutil.copytree(root / "old", root / "written")
    old, new = plain(root / "old"), plain(root / "new")
    with locked(root / "written"):
        replace_files(root / "written", new, "Added one work")
    assert plain(root / "written") == new
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(root), accident, command],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    outcomes = json.loads(done.stdout)
    assert outcomes.pop() == 100  # the last child went through unhindered
    assert len(outcomes) > 40
    return outcomes, *((old, new) if command == "write" else (new, old))


@needs_fork
@pytest.mark.parametrize("command", ["write", "undo"])
def test_killed_at_any_step_the_collection_is_old_or_new(tmp_path, command):
    outcomes, old, new = accidents(tmp_path, "kill", command)
    assert set(outcomes) == {-9}
    seen = []
    for step in range(1, len(outcomes) + 1):
        folder = tmp_path / f"{step:03d}"
        decided = (folder / ".relnotes" / "journal.json").is_file()
        there = every_file(folder)
        read = read_contents(folder)[1]  # what is decided is read, and nothing is written for it
        assert every_file(folder) == there
        said = recover(folder)
        assert (said is not None) == decided
        now = plain(folder)
        assert read == now
        seen.append("new" if now == new else "old" if now == old else "mixed")
        assert not decided or seen[-1] == "new"
        # And the next writer finds nothing in its way, nor anything left behind.
        if step % 5 == 0:
            with locked(folder):
                replace_files(folder, {**dict.fromkeys(old), **new}, "again")
            assert contents(folder) == new
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {"old", "new"}


@needs_fork
@pytest.mark.parametrize("command", ["write", "undo"])
@pytest.mark.parametrize("accident", ["ENOSPC", "EACCES"])
def test_a_disk_that_refuses_at_any_step_is_reported_truly(tmp_path, accident, command):
    outcomes, old, new = accidents(tmp_path, accident, command)
    for step, outcome in enumerate(outcomes, start=1):
        folder = tmp_path / f"{step:03d}"
        journal = (folder / ".relnotes" / "journal.json").is_file()
        if outcome == 3:  # “nothing was written”
            assert not journal
            assert plain(folder) == old, step
        elif outcome == 4:  # “decided, but not finished”
            assert str(recover(folder)).endswith("The collection is the new one.")
            assert plain(folder) == new, step
        else:  # a step that may fail without harm
            assert outcome == 0, step
            assert plain(folder) == new, step
    assert {3, 4} <= set(outcomes)


@needs_fork
def test_a_full_disk_leaves_the_old_collection(sample):
    resource = pytest.importorskip("resource")
    old = contents(sample)
    child = os.fork()
    if child == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
        try:
            write(sample, ADD_POE)
        except (RefusedWrite, OSError):
            os._exit(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    open_collection(sample)
    assert contents(sample) == old


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_refused_and_can_still_be_read(sample):
    sample.chmod(0o500)
    try:
        with pytest.raises(RefusedWrite, match="The disk refused"):
            write(sample, ADD_POE)
        open_collection(sample)
    finally:
        sample.chmod(0o700)


def test_files_reach_the_disk_before_the_journal_names_them(sample, monkeypatch):
    steps = []
    sync, replace = os.fsync, Path.replace

    def synced(handle):
        steps.append(("sync", os.fstat(handle).st_ino))
        sync(handle)

    def replaced(self, target):
        steps.append(("replace", self.stat().st_ino, Path(target).name))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    write(sample, ADD_POE)
    names = [s[2] for s in steps if s[0] == "replace"]
    assert names[:3] == ["journal.json", "references.bib", "studies.csv"]
    at = next(i for i, s in enumerate(steps) if s[-1] == "journal.json")
    synced_first = {s[1] for s in steps[:at] if s[0] == "sync"}
    for step in steps:
        if step[0] == "replace" and step[2] in names[:3]:
            assert step[1] in synced_first


def test_what_undo_needs_reaches_the_disk_though_only_the_bibliography_changed(sample, monkeypatch):
    beside = (sample / "references.bib").rename(sample.parent / "references.bib")
    beside.chmod(0o640)
    synced, sync = [], os.fsync

    def noted(handle):
        seen = os.fstat(handle)
        synced.append((seen.st_ino, seen.st_mode & 0o777))
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    page = {
        "author": "{Office of Examples}",
        "title": "On trust",
        "url": "https://example.org/trust",
    }
    write(sample, Draft(entries={"page-nd-sample": entry_text("page-nd-sample", "online", page)}))
    house = sample / ".relnotes"
    places = [sample, house, house / "kept", house / "kept" / "000001"]
    assert {p.stat().st_ino for p in places} <= {inode for inode, _ in synced}
    assert (beside.stat().st_ino, 0o640) in synced  # its permissions stood before it was synced


def test_a_second_writer_waits_and_then_is_refused(sample, monkeypatch):
    monkeypatch.setattr("relnotes.evidence.journal.PATIENCE", 0.1)
    before = contents(sample)
    with locked(sample), pytest.raises(RefusedWrite, match="Another program is writing"):
        write(sample, ADD_POE)
    assert contents(sample) == before
    write(sample, ADD_POE)


def test_writers_at_once_lose_no_row(sample):
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[3])
        from test_writing import POE_ROW
        from relnotes.desk.entries import entry_text
        from relnotes.desk.store import Draft, write
        for i in range(2):
            key = f"poe-{sys.argv[2]}{i}"
            entry = entry_text(key, "misc", {"title": "Care"})
            row = POE_ROW.assign(key=key, source=key)
            write(Path(sys.argv[1]), Draft({"studies": row}, {}, {key: entry}))
    """)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(sample), name, str(Path(__file__).parent)]
        )
        for name in ("200", "201")
    ]
    while any(w.poll() is None for w in writers):
        time.sleep(0.05)
        # A reader beside them sees the table and the bibliography of one state only.
        seen = read_state(sample).contents
        assert sorted(re.findall(rb"^(poe-....)", seen["studies.csv"], re.M)) == sorted(
            re.findall(rb"(?<=@misc{)poe-....", seen["references.bib"])
        )
    assert [w.wait() for w in writers] == [0, 0]
    keys = {k for k in open_collection(sample).bibliography if k.startswith("poe")}
    assert keys == {f"poe-{w}{i}" for w in (200, 201) for i in range(2)}


def test_a_reader_begins_anew_when_a_write_came_in_between(sample):
    seen = []

    def read():
        if not seen:
            write(sample, ADD_POE)
        seen.append((sample / "studies.csv").read_bytes())
        return seen[-1]

    assert b"poe-2003" in steadily(sample, read)
    assert len(seen) == 2


def interrupted(folder: Path, monkeypatch) -> None:
    """Leave a write with its journal standing and one of two files in place."""
    replace = Path.replace

    def failing(self, target):
        if Path(target).name == "studies.csv":
            raise OSError(errno.EIO, "Input/output error", str(target))
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        with pytest.raises(InterruptedWrite, match="decided but not finished"):
            write(folder, ADD_POE, "Added one work")
    assert (folder / ".relnotes" / "journal.json").is_file()


def test_recovery_says_what_it_finished(sample, monkeypatch):
    interrupted(sample, monkeypatch)
    assert str(recover(sample)) == (
        "An interrupted write has been finished: Added one work. The collection is the new one."
    )
    assert recover(sample) is None
    undo(sample)
    assert "poe-2003" not in open_collection(sample).bibliography


def test_recovery_does_not_overwrite_what_a_person_did_since(sample, monkeypatch):
    interrupted(sample, monkeypatch)
    studies = sample / "studies.csv"
    mine = studies.read_bytes().replace(b"survey", b"panel survey")
    studies.write_bytes(mine)
    with pytest.raises(InterruptedWrite, match="has been changed since"):
        recover(sample)
    assert studies.read_bytes() == mine


@pytest.mark.parametrize(
    "journal",
    [
        "{",
        "[]",
        '{"what": "x", "token": "y", "keeps": "", "undoes": "", "files": {"../../x": {"old": null, "new": null}}}',
        '{"what": "x", "token": "y", "keeps": "../../..", "undoes": "", "files": {}}',
        '{"what": "x\\ud800", "token": "y", "keeps": "", "undoes": "", "files": {}}',
        "[" * 50_000,
    ],
)
def test_a_stranger_s_journal_leads_nowhere(sample, journal):
    before = contents(sample)
    (sample / ".relnotes").mkdir()
    (sample / ".relnotes" / "journal.json").write_text(journal, encoding="utf-8")
    for command in (recover, open_collection):
        with pytest.raises(CollectionError, match="cannot be read"):
            command(sample)
    assert contents(sample) == before


@pytest.mark.parametrize("command", ["check", "tidy", "undo"])
@pytest.mark.parametrize("file", [".profile", "../.profile", "/.profile", "references.bib"])
def test_a_stranger_s_folder_reaches_nothing_outside_it(tmp_path, command, file):
    """A journal that asks for the removal of a file beside the folder (h1)."""
    folder = make_sample(tmp_path / "strange")
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (folder / "datapackage.json").write_text(json.dumps(descriptor | {"bibliography": file}))
    shutil.move(folder / "references.bib", tmp_path / "references.bib")
    (tmp_path / ".profile").write_bytes(b"mine")
    name = file.lstrip("./") if file == "references.bib" else file
    victim = tmp_path / ("references.bib" if file == "references.bib" else ".profile")
    (folder / ".relnotes").mkdir()
    journal = {"what": "x", "token": "t", "keeps": "", "undoes": "",
               "files": {name: {"old": digest(victim.read_bytes()), "new": None}}}  # fmt: skip
    (folder / ".relnotes" / "journal.json").write_text(json.dumps(journal), encoding="utf-8")
    before = every_file(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "relnotes.cli", command, "--data", str(folder)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    after = every_file(tmp_path)
    assert {p: after[p] for p in before} == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("name", ["lock", ".gitignore", "kept", "journal.json.part"])
def test_links_in_a_stranger_s_housekeeping_are_not_followed(sample, tmp_path, name):
    (sample / ".relnotes").mkdir()
    (sample / ".relnotes" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedWrite, match="is a link"):
        write(sample, ADD_POE)
    assert not (tmp_path / "elsewhere").exists()


def test_a_number_that_others_chose_does_not_keep_a_write_from_being_undone(sample):
    (sample / ".relnotes" / "kept" / "999999").mkdir(parents=True)
    before = contents(sample)
    write(sample, ADD_POE)
    assert [k.what for k in kept_writes(sample)] == ["Written"]
    undo(sample)
    assert contents(sample) == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
@pytest.mark.parametrize("name", ["studies.csv", "references.bib", "datapackage.json"])
def test_links_out_of_the_folder_are_neither_read_nor_written_through(sample, tmp_path, name):
    outside = tmp_path / "outside"
    if name == "datapackage.json":
        outside.write_text(json.dumps(house_descriptor()), encoding="utf-8")
    else:
        shutil.copy(sample / name, outside)
    (sample / name).unlink(missing_ok=True)
    (sample / name).symlink_to(outside)
    before = outside.read_bytes()
    assert {f.rule for f in check_collection(sample)} <= {"link_out", "descriptor_form"}
    for act in (lambda: open_collection(sample), lambda: write(sample, ADD_POE)):
        with pytest.raises(CollectionError, match="A link leads out"):
            act()
    assert outside.read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_half_written_file_of_a_stranger_is_no_way_out(sample, tmp_path):
    outside = tmp_path / "profile"
    outside.write_text("mine", encoding="utf-8")
    for name in ("README.md.part", ".studies.csv.relnotes-next", ".references.bib.relnotes-next"):
        (sample / name).symlink_to(outside)
    put_whole(sample / "README.md", b"codebook")
    write(sample, ADD_POE)
    assert outside.read_text(encoding="utf-8") == "mine"
    assert not any(path.is_symlink() for path in sample.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_inside_the_folder_is_read_and_not_replaced(sample):
    shutil.move(sample / "studies.csv", sample / "of-2024.csv")
    (sample / "studies.csv").symlink_to("of-2024.csv")
    open_collection(sample)
    with pytest.raises(RefusedWrite, match="link to another file"):
        write(sample, ADD_POE)
    assert (sample / "studies.csv").is_symlink()
