"""Mutants drawn from all that there could be: one operator, number, truth value or name each."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "relnotes"
ROOMS = ("analysis", "figures", "desk")

SIGNS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"),
    ast.And: ("and", "or"), ast.Or: ("or", "and"),
}  # fmt: skip
# Of an argument that only forbids what never happens, nothing depends on its being there.
GUARDS = {"strict", "frozen"}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Drawn:
    """A change at one place of a file, and the lines of the statement that it changes."""

    file: str
    place: int
    old: str
    new: str
    first: int
    last: int

    def applied(self, text: str) -> str:
        return text[: self.place] + self.new + text[self.place + len(self.old) :]

    def line(self, text: str) -> tuple[int, str]:
        """Number and words of the changed line."""
        number = text.count("\n", 0, self.place)
        return number + 1, text.splitlines()[number].strip()


def drawn(number: int, seed: int) -> list[Drawn]:
    """So many mutants, each as likely as any other.

    Each draws its lot from its own words, so that a change elsewhere leaves the sample as it was.
    """
    lots: list[tuple[bytes, Drawn]] = []
    for room in ROOMS:
        for path in sorted((SOURCE / room).rglob("*.py")):
            text, seen = path.read_text("utf-8"), Counter[str]()
            for mutant in possible(path.relative_to(SOURCE).as_posix(), text):
                words = f"{seed} {mutant.file} {mutant.line(text)[1]} {mutant.old} {mutant.new}"
                seen[words] += 1
                lots.append((hashlib.sha256(f"{words} {seen[words]}".encode()).digest(), mutant))
    return [mutant for _, mutant in sorted(lots, key=lambda lot: lot[0])[:number]]


def possible(file: str, text: str) -> Iterator[Drawn]:
    """All mutants of a file."""
    starts, raw = [0], text.encode()
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))

    def at(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def begin(node: ast.expr) -> int:
        return at(node.lineno, node.col_offset)

    def end(node: ast.expr) -> int:
        return at(node.end_lineno or 0, node.end_col_offset or 0)

    for node, first, last in _expressions(ast.parse(text)):
        for low, high, old, new in _changes(node, begin, end):
            if text[low:high].count(old) == 1 and "#" not in text[low:high]:
                yield Drawn(file, low + text[low:high].index(old), old, new, first, last)


def _expressions(
    tree: ast.AST, first: int = 0, last: int = 0
) -> Iterator[tuple[ast.AST, int, int]]:
    """Every expression with the lines of its statement, of a compound one those of its head.

    Those in f-strings are passed over: before Python 3.12 nobody says where they stand.
    """
    for node in ast.iter_child_nodes(tree):
        lines = first, last
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            stop = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            lines = node.lineno, max(node.lineno, stop)
        guard = isinstance(node, ast.keyword) and node.arg in GUARDS
        if not guard and not isinstance(node, ast.JoinedStr):
            yield node, *lines
            yield from _expressions(node, *lines)


def _changes(node: ast.AST, begin, end) -> Iterable[tuple[int, int, str, str]]:  # type: ignore[no-untyped-def]
    """Between which places of the file which text becomes which."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            yield end(left), begin(right), *SIGNS[type(operator)]
    elif isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        yield end(node.left), begin(node.right), *SIGNS[type(node.op)]
    elif isinstance(node, ast.BoolOp):
        yield end(node.values[0]), begin(node.values[1]), *SIGNS[type(node.op)]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield begin(node), begin(node.operand), "not ", ""
    elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        changed = not node.value if isinstance(node.value, bool) else node.value + 1
        yield begin(node), end(node), str(node.value), str(changed)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
        yield begin(node.func), end(node.func), node.func.id, NAMES[node.func.id]
