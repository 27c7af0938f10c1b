"""Commands stopped, killed and refused by the disk: the collection is the old one or the new one.

    python benchmarks/interrupted.py [KILLS] [ERRORS] [SEED]

Each command runs whole, in a process of its own on a copy of a small collection. KILLS (200) times
it is killed or interrupted (SIGKILL, SIGINT) at a random moment; ERRORS (100) times its n-th touch
of the folder fails (ENOSPC, EACCES, EIO). Afterwards the collection has to be one of the two,
reading must write nothing, the answer has to be words with the right code, and the next command
has to leave nothing behind. Needs fork.
"""

from __future__ import annotations

import errno
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from relnotes.cli import writing
from relnotes.desk.settling import settling_bytes  # noqa: F401 (imported before the fork)
from relnotes.evidence.faults import CollectionError
from relnotes.evidence.journal import locked, read_contents
from relnotes.evidence.paths import HOUSEKEEPING
from relnotes.evidence.rules.sample import SAMPLE

cli = sys.modules["relnotes.cli.app"]

DISK = [errno.ENOSPC, errno.EACCES, errno.EIO]

RIS = "TY  - JOUR\nTI  - Time and care\nAU  - Poe, Edgar\nPY  - 2010\nJO  - Care\nDO  - 10.5555/b\nER  - \n"


def run(arguments: list[str], said: Path, before: Callable[[], None], typed: str = "") -> int:
    """Run a command in a child; return its process number."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        stream = said.open("w", encoding="utf-8")
        sys.stdout = sys.stderr = stream
        sys.stdin = io.StringIO(typed)
        if typed:
            cli.asked = writing.asked = lambda: True
        sys.argv = ["relnotes", *arguments]
        # What was itself started in the background hands on that it ignores Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        before()
        code = cli._run()
    except BaseException as error:
        stream.write(f"Traceback of {type(error).__name__}: {error}")
    finally:
        stream.flush()
        os._exit(code)


@dataclass
class Command:
    """One command that writes, and the collection on which it does."""

    words: list[str]
    typed: str = ""
    prepare: list[list[str]] = field(default_factory=list)
    other_files: tuple[str, ...] = ()


COMMANDS = {
    "add": Command(["add", "{root}/in.ris", "--yes", "--data", "{folder}"]),
    "merge": Command(["merge", "{root}/concepts.csv", "--theirs", "--yes", "--data", "{folder}"]),
    "tidy": Command(["tidy", "--data", "{folder}"]),
    "refresh": Command(["refresh", "--data", "{folder}"]),
    "undo": Command(["undo", "--data", "{folder}"], prepare=[["add", "{root}/in.ris", "--yes", "--data", "{folder}"]]),
    "rename": Command(["rename", "concept", "trust", "reliance", "--yes", "--data", "{folder}"]),
    "code-lexical": Command(["code-lexical", "--data", "{folder}"]),
    "new": Command(["new", "concept", "--data", "{folder}"],
                   typed="Hope\n\nBond\nWhat is hoped.\nHoping.\nTrust.\nhope\n\n\n\n\ny\n"),
    "init": Command(["init", "{folder}", "--title", "New", "--yes"]),
    "codebook": Command(["codebook", "--data", "{folder}"]),
    "export": Command(["export", "{folder}/out", "--data", "{folder}"]),
    "explorer": Command(["explorer", "{folder}/out.html", "--data", "{folder}"]),
    "figure": Command(["figure", "make", "overlap-matrix", "--out", "{folder}/out", "--data", "{folder}"]),
}  # fmt: skip


def lay(root: Path, name: str) -> Path:
    """Make the collection a command begins with."""
    folder = root / "begun" / name
    folder.mkdir(parents=True)
    command = COMMANDS[name]
    if name != "init":
        for file, text in SAMPLE.items():
            lines = text.split("\n")
            if name in ("tidy", "refresh") and file == "elements.csv":
                lines[1], lines[2] = lines[2], lines[1]
            if name in ("code-lexical", "refresh") and file == "crosswalk.csv":
                del lines[1]
            (folder / file).write_text("\n".join(lines), encoding="utf-8", newline="\n")
    for words in command.prepare:
        finished(run(filled(words, root, folder), root / "said", lambda: None))
    return folder


def filled(words: list[str], root: Path, folder: Path) -> list[str]:
    return [word.format(root=root, folder=folder) for word in words]


def finished(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def tables(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())
            if p.suffix in (".csv", ".bib", ".json") and not p.name.startswith(".")}  # fmt: skip


def every(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def at_touch(folder: Path, step: int, accident: signal.Signals | int) -> Callable[[], None]:
    """Let an accident happen at the n-th touch of the folder: a signal, or an error of the disk."""

    def before() -> None:
        left = step

        def watch(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            touches = event.startswith(("open", "os.", "shutil."))
            if touches and any(str(folder) in str(a) for a in args):
                left -= 1
                if left == 0 and isinstance(accident, signal.Signals):
                    os.kill(os.getpid(), accident)
                elif left == 0:
                    raise OSError(accident, os.strerror(accident), "file")

        sys.addaudithook(watch)

    return before


def judged(
    name: str, folder: Path, code: int, said: str, old: dict, new: dict, stopped: int
) -> str:
    """Return what is wrong with what a command left, "" where nothing is."""
    words = " ".join(said.split())
    if "Traceback" in said or "Error:" in said:
        return f"a traceback: {words[-200:]}"
    if code == 130 and stopped == signal.SIGINT and not said.rstrip().endswith("Stopped."):
        return f"130, but it says {words[-100:]}"
    if stopped == signal.SIGINT and code not in (0, 130):
        return f"code {code} after Ctrl-C: {words[-200:]}"
    if name == "init":
        again = folder.parent / "again"
        code = finished(run(filled(COMMANDS["init"].words, folder, folder), again, lambda: None))
        if tables(folder) != new or list(folder.glob("*.part")):
            return f"init again ({code}): {again.read_text()[-200:]}"
        return ""
    there = every(folder)
    try:
        read = read_contents(folder)[1]
    except CollectionError as error:
        return f"cannot be read: {error}"
    if every(folder) != there:
        return "reading wrote"
    read |= {k: v for k, v in tables(folder).items() if k not in read}
    read = {k: v for k, v in read.items() if k in old or k in new}
    if read not in (old, new) and name != "refresh":  # which writes twice, whole each time
        changed = [k for k in {*old, *new} if read.get(k) not in (old.get(k), new.get(k))]
        return f"neither old nor new: {changed or 'a mixture'}"
    decided = (folder / HOUSEKEEPING / "journal.json").is_file()
    if code == 0 and not stopped and new not in (read, old):
        return "it ended well, and the collection is the old one"
    if code == 1 and old != new and not decided and read == new and name not in ("refresh",):
        return f"it said it failed, and the collection is the new one: {words[-200:]}"
    with locked(folder):
        pass
    left = [p for p in folder.rglob("*") if "next" in p.name or p.suffix == ".part"]
    if left:
        return f"left behind: {[p.name for p in left]}"
    now = {k: v for k, v in tables(folder).items() if k in old or k in new}
    return "" if now == read else "the next writer made another of it"


class Trials:
    """The commands, each with the collection before it and after it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.old: dict[str, dict[str, bytes]] = {}
        self.new: dict[str, dict[str, bytes]] = {}
        self.took: dict[str, float] = {}
        (root / "in.ris").write_text(RIS, encoding="utf-8")
        changed = SAMPLE["concepts.csv"].replace("Relying on the other.", "Relying on them.")
        (root / "concepts.csv").write_text(changed, encoding="utf-8", newline="\n")

    def whole(self, name: str) -> None:
        """Run a command unhindered, to know both states and how long it takes."""
        self.old[name] = tables(lay(self.root, name))
        start = time.monotonic()
        code = finished(self.begin(name, lambda _: None))
        self.took[name] = time.monotonic() - start
        if code:
            raise SystemExit(f"{name}: {code} {self.said}")
        self.new[name] = tables(self.root / "col" / name)

    def begin(self, name: str, before: Callable[[Path], object]) -> int:
        """Begin a command on a fresh copy of its collection."""
        folder = self.root / "col" / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.root / "begun" / name, folder)
        words = filled(COMMANDS[name].words, self.root, folder)
        return run(words, self.root / "said", lambda: before(folder), COMMANDS[name].typed)

    @property
    def said(self) -> str:
        return (self.root / "said").read_text("utf-8")

    def ended(self, name: str, child: int, stopped: int) -> tuple[int, str]:
        """Return the code of a command and what is wrong with what it left."""
        code = finished(child)
        return code, judged(name, self.root / "col" / name, code, self.said, self.old[name],
                            self.new[name], stopped)  # fmt: skip

    def touched(self, name: str, step: int, accident: signal.Signals | int) -> tuple[int, str]:
        """Run a command to which something happens at its n-th touch of the folder."""
        if name not in self.new:
            self.whole(name)
        child = self.begin(name, lambda folder: at_touch(folder, step, accident)())
        return self.ended(name, child, accident if isinstance(accident, signal.Signals) else 0)


def main(kills: int = 200, errors: int = 100, seed: int = 1) -> None:
    chance, ends, faults = random.Random(seed), Counter(), 0
    with tempfile.TemporaryDirectory() as root:
        trials = Trials(Path(root))
        for name in COMMANDS:
            trials.whole(name)
        for number in range(kills + errors):
            name = list(COMMANDS)[number % len(COMMANDS)]
            if number < kills:
                accident = chance.choice([signal.SIGKILL, signal.SIGINT])
                child = trials.begin(name, lambda _: None)
                time.sleep(chance.random() * trials.took[name] * 1.1)
                os.kill(child, accident)
                code, wrong = trials.ended(name, child, accident)
                what = accident.name
            else:
                accident, step = chance.choice(DISK), chance.randrange(1, 90)
                code, wrong = trials.touched(name, step, accident)
                what = f"{errno.errorcode[accident]} at touch {step}"
            ends[f"{'kills' if number < kills else 'errors'}: code {code}"] += 1
            if wrong:
                faults += 1
                print(f"{number} {name}, {what}, code {code}: {wrong}", flush=True)
    print(f"{kills} kills, {errors} errors, {faults} faults: {dict(ends)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
