"""docs/architecture.md and the contract of layers say what the imports are."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "relnotes"
WORDS = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}


def floors_of_the_contract() -> list[set[str]]:
    return [
        {room.strip("() ") for room in floor.split("|")} for floor in CONTRACTS["rooms"]["layers"]
    ]


def floors_of_the_diagram() -> list[set[str]]:
    diagram = WORDS.split("```text\n")[1].split("```")[0]
    lines = [re.findall(r"(?:│ |^ +)([a-z]+)(?:/|\.py)", line) for line in diagram.splitlines()]
    return [set(line) for line in lines if line]


def imports() -> Iterator[tuple[str, str]]:
    """Every import of one room by another, read by another way than the linter's."""
    for path in PACKAGE.rglob("*.py"):
        here = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for_types = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in for_types:
                continue
            named = []
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("relnotes"):
                named = [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            for name in named:
                parts = name.split(".")
                if parts[0] == "relnotes" and len(parts) > 1 and parts[1] != here:
                    yield here, parts[1]


def test_the_diagram_shows_every_room_on_its_floor():
    there = {
        path.stem
        for path in PACKAGE.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file()) and path.stem != "__init__"
    }
    drawn = floors_of_the_diagram()
    assert set().union(*drawn) == there
    assert drawn == [floor & there for floor in floors_of_the_contract() if floor & there]


def test_no_import_climbs():
    floor = {room: n for n, rooms in enumerate(floors_of_the_diagram()) for room in rooms}
    climbs = {(a, b) for a, b in imports() if a in floor and floor.get(b, 99) <= floor[a]}
    assert climbs == set()


def test_the_contract_has_no_exception():
    assert CONTRACTS["rooms"]["exhaustive"] is True
    assert not any("ignore_imports" in contract for contract in CONTRACTS.values())
    assert CONTRACTS["circles"]["ancestors"] == ["relnotes"]


@pytest.mark.parametrize("place", re.findall(r"^\|.*`(relnotes[.\w]+)`.*\|$", WORDS, re.MULTILINE))
def test_what_the_answers_name_is_there(place):
    assert importlib.util.find_spec(place) is not None


def test_ten_questions_are_answered():
    assert len(re.findall(r"^\| (?!Question)\w.*`", WORDS, re.MULTILINE)) >= 10
