"""The command line: `relnotes …`, one thin function a command."""

from relnotes.cli import reading, running, writing  # noqa: F401  (they register their commands)
from relnotes.cli.app import app, main

__all__ = ["app", "main"]
