"""What a newcomer types works, and the files that set things up agree with one another."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml
from rattler import MatchSpec

import relnotes
from relnotes import open_collection

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")

# conda-forge calls matplotlib without its GUI toolkits matplotlib-base.
CONDA_NAMES = {"matplotlib-base": "matplotlib"}


def name_and_range(requirement: str) -> tuple[str, str]:
    name, specifier = re.fullmatch(r"([A-Za-z0-9_.-]+?)\s*([<>=!~].*)?", requirement).groups()
    name = CONDA_NAMES.get(name, name)
    return re.sub(r"[-_.]+", "-", name).lower(), (specifier or "").replace(" ", "")


def declared() -> set[tuple[str, str]]:
    groups = PROJECT["dependency-groups"]
    wanted = [*PROJECT["project"]["dependencies"], *groups["test"], *groups["build"]]
    python = ("python", PROJECT["project"]["requires-python"])
    return {name_and_range(r) for r in wanted} | {python}


def conda_specs() -> list[str]:
    return [s for s in ENVIRONMENT["dependencies"] if isinstance(s, str) and s != "pip"]


def pip_specs() -> list[str]:
    return next(s["pip"] for s in ENVIRONMENT["dependencies"] if isinstance(s, dict))


def test_environment_names_the_same_packages_and_ranges():
    listed = [*conda_specs(), *(s for s in pip_specs() if not s.startswith("-"))]
    assert {name_and_range(s) for s in listed} == declared()


@pytest.mark.parametrize("spec", conda_specs())
def test_conda_spec_can_be_parsed(spec):
    assert MatchSpec(spec, strict=True).name is not None


def test_lock_holds_hashes_and_no_addresses():
    assert "://" not in LOCK
    pinned = re.findall(r"^([a-z0-9._-]+)==", LOCK, flags=re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(pinned) == len(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    locked = {re.sub(r"[-_.]+", "-", name) for name in pinned}
    assert {name for name, _ in declared()} - {"python"} <= locked


def test_version_is_said_once_and_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {
        PROJECT["project"]["version"],
        relnotes.__version__,
        citation["version"],
        open_collection(ROOT).version,
    } == {relnotes.__version__}


def test_citation_file_has_the_form_of_its_format():
    entity = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "website": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    text = {"type": "string", "minLength": 1}
    license_name = {"enum": ["MIT", "CC-BY-4.0"]}
    form = {
        "type": "object",
        "required": ["authors", "cff-version", "message", "title"],
        "additionalProperties": False,
        "properties": {
            "cff-version": {"const": "1.2.0"},
            "message": text,
            "title": text,
            "abstract": text,
            "type": {"enum": ["dataset", "software"]},
            "version": text,
            "authors": {"type": "array", "minItems": 1, "items": entity},
            "license": {"type": "array", "items": license_name, "uniqueItems": True},
            "keywords": {"type": "array", "items": text, "uniqueItems": True},
            "references": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["authors", "title", "type"],
                    "properties": {
                        "type": {"enum": ["website"]},
                        "title": text,
                        "authors": {"type": "array", "minItems": 1, "items": entity},
                        "url": {"type": "string", "pattern": "^https://"},
                    },
                    "additionalProperties": False,
                },
            },
        },
    }
    content = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    jsonschema.validate(content, form)


def readme_commands() -> list[str]:
    blocks = re.findall(r"```(?:sh|bash|console)\n(.*?)```", README, flags=re.DOTALL)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_readme_names_only_targets_that_there_are():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    named = {c.split()[1] for c in readme_commands() if c.startswith("make ")}
    assert named
    assert named <= targets


@pytest.mark.parametrize(
    "command",
    [c for c in readme_commands() if c.startswith("relnotes ") and "reproduce" not in c],
)
def test_readme_command_runs(command, tmp_path):
    words = command.split("#")[0].split()[1:]
    done = subprocess.run(
        [sys.executable, "-m", "relnotes.cli", *words],
        capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_readme_link_leads_somewhere(path):
    assert (ROOT / path).exists()


def test_make_help_lists_every_target_a_person_needs():
    done = subprocess.run(["make", "help"], capture_output=True, text=True, cwd=ROOT, check=True)
    for target in ("reproduce", "test", "lab", "check"):
        assert f"make {target}" in done.stdout


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout, so there is no list of files")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_tree_is_tidy():
    names = [p.relative_to(ROOT).as_posix() for p in tracked_files()]
    scraps = r"untitled|\.ds_store|\.ipynb_checkpoints|__pycache__|\.orig$|\.bak$|~$|\.part$"
    assert [n for n in names if re.search(scraps, n, flags=re.IGNORECASE)] == []
    assert len({n.casefold() for n in names}) == len(names)


def test_text_files_end_lines_alike_and_are_utf8():
    wrong = []
    for path in tracked_files():
        if "exports" in path.parts:
            continue  # kept as other programs wrote them
        if path.suffix in {
            ".py",
            ".csv",
            ".md",
            ".bib",
            ".json",
            ".yml",
            ".toml",
            ".cff",
            ".ipynb",
        }:
            content = path.read_bytes()
            content.decode("utf-8")
            if content and not content.endswith(b"\n"):
                wrong.append(path.name)
    assert wrong == []
