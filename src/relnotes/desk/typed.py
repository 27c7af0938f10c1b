"""Answers kept as they are given, so that a person can step back, stop, and go on another day."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from relnotes.desk.asking import Answer, Question, ask
from relnotes.desk.store import Draft, State
from relnotes.evidence.disk import put_whole
from relnotes.evidence.journal import housekeeping
from relnotes.evidence.paths import HOUSEKEEPING

CODER = "coder"
"""The question who judges, and the file of the housekeeping that keeps the answer."""


def usual_coder(folder: Path) -> str:
    """Return the name under which the person at this desk judged last; empty if there is none."""
    with suppress(OSError, UnicodeDecodeError):
        return (folder / HOUSEKEEPING / CODER).read_text(encoding="utf-8").strip()
    return ""


class StepBack(Exception):  # noqa: N818 (a wish, not an error)
    """The person wants the question before once more."""


class Typed:
    """The answers given so far to one kind of asking, kept until they are written.

    Parameters
    ----------
    folder : Path
        Folder of the tables; the answers stand in its housekeeping.
    what : str
        One of `FORMS`.
    """

    def __init__(self, folder: Path, what: str) -> None:
        self._folder = housekeeping(folder)
        self._path = self._folder / f"typed-{what}.json"
        self._what = what
        self.answers: list[tuple[str, str]] = []
        with suppress(OSError, ValueError, TypeError, RecursionError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self.answers = [(str(name), str(typed)) for name, typed in kept]

    def forget(self) -> None:
        """Begin anew."""
        self.answers = []
        self._path.unlink(missing_ok=True)

    def step_back(self) -> None:
        """Take the last answer back, so that its question is asked once more."""
        del self.answers[-1:]
        self._keep()

    def _keep(self) -> None:
        put_whole(self._path, json.dumps(self.answers).encode("utf-8"))

    def ask(self, put: Answer, state: State, coder: str = "") -> Draft:
        """Ask as `ask` does, going on from the answers kept; ``<`` goes one step back."""
        if any(name == CODER for name, _ in self.answers):
            coder = ""  # who judges was asked, and stands among the answers
        while True:
            try:
                return ask(self._what, self._answering(put), state, coder)
            except StepBack:
                self.step_back()

    def _answering(self, put: Answer) -> Answer:
        given = 0

        def answer(question: Question) -> str:
            nonlocal given
            if question.refusal and given and self.answers[given - 1][0] == question.name:
                given -= 1
                del self.answers[given:]  # what follows a refused answer may not fit the next
            if [name for name, _ in self.answers[given : given + 1]] != [question.name]:
                del self.answers[given:]  # of another question: the collection has changed since
                typed = put(question)
                if typed.strip() == "<":
                    raise StepBack
                self.answers.append((question.name, typed))
                self._keep()
                if question.name == CODER and typed.strip():
                    put_whole(self._folder / CODER, typed.strip().encode("utf-8"))
            given += 1
            return self.answers[given - 1][1]

        return answer
