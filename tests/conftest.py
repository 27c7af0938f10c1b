"""A small second collection on disk, for every test that needs one."""

from pathlib import Path

import pytest
from hypothesis import settings

from relnotes.evidence.rules.sample import SAMPLE

# A property holds however busy the machine is.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def sample_folder(tmp_path: Path) -> Path:
    """Return a folder with the files of the sample collection."""
    folder = tmp_path / "proben mit Ümlaut"
    folder.mkdir()
    for name, text in SAMPLE.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder
