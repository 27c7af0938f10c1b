"""Formats of tagged lines (RIS, PubMed, Web of Science): lines gathered into records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from relnotes.desk.formats.account import (
    MOST_TEXT,
    MOST_VALUES,
    Account,
    Place,
    Raw,
    too_long,
    too_many,
)
from relnotes.desk.formats.records import RAW_SHOWN, Record


@dataclass(slots=True)
class Block:
    """The lines of one record.

    Parameters
    ----------
    line : int
        Line of its first tag, from 1.
    pairs : list of (str, str)
        Tag and value; the lines a value continues on are joined by LF.
    started : bool
        Whether it opens with the tag that starts a record.
    length : int
        Characters of the block.
    """

    line: int
    pairs: list[tuple[str, str]] = field(default_factory=list)
    started: bool = True
    length: int = 0
    values: int = 0
    _lines: list[str] = field(default_factory=list)
    _kept: int = 0

    def keep(self, line: str) -> None:
        """Keep a line as it stood, up to what a reject file shows."""
        self.length += len(line) + 1
        if self._kept < RAW_SHOWN:
            self._lines.append(line[:RAW_SHOWN])
            self._kept += len(line) + 1

    @property
    def text(self) -> str:
        """The block as it stood."""
        return "\n".join(self._lines)

    @property
    def too_large(self) -> bool:
        """Whether it went over a limit, so that its values were no longer gathered."""
        return self.length > MOST_TEXT or self.values > MOST_VALUES


def blocks(
    text: str, *, tag: re.Pattern[str], start: str, end: str = "", ignored: frozenset[str]
) -> Iterator[Block]:
    """Gather tagged lines into records.

    Parameters
    ----------
    text : str
        The file, lines ended by LF.
    tag : re.Pattern
        Matches a line that opens a value: group 1 the tag, group 2 the value.
    start, end : str
        Tags that start and end a record. A start ends the record before it,
        so a missing end loses nothing.
    ignored : frozenset of str
        Tags of the file itself, which belong to no record.

    Yields
    ------
    Block
        Each record; also tagged lines that stand outside any, with `started` False.
    """
    block: Block | None = None
    parts: list[str] = []
    for number, line in enumerate(lines_of(text), 1):
        found = tag.match(line)
        name = found[1].upper() if found else ""
        if name == start:
            yield from _closed(block, parts)
            block, parts = Block(number), []
        elif name and name in (end, *ignored):
            if block is not None and name == end:
                block.keep(line)
                yield from _closed(block, parts)
                block, parts = None, []
            continue
        elif name and block is None:
            block, parts = Block(number, started=False), []
        if block is None:
            continue  # text outside the records: a database's banner, numbering, blank lines
        block.keep(line)
        if block.too_large:
            parts = []
        elif found:
            _settle(block, parts)
            parts = [name, found[2].strip()]
            block.values += 1
        elif parts and (more := line.strip()):
            parts.append(more)
    yield from _closed(block, parts)


def _settle(block: Block, parts: list[str]) -> None:
    if parts:
        block.pairs.append((parts[0], "\n".join(part for part in parts[1:] if part)))


def _closed(block: Block | None, parts: list[str]) -> Iterator[Block]:
    if block is not None:
        _settle(block, parts)
        yield block


def take_block(
    account: Account, block: Block, raw: Raw, interpret: Callable[[Place, Raw], Record]
) -> None:
    """Take a block into the account, or set it aside when it went over a limit."""
    if block.too_large:
        reason = too_long(block.length) or too_many(block.values)
        account.set_aside(reason, line=block.line, text=block.text)
    else:
        account.take(raw, line=block.line, text=block.text, interpret=interpret)


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text one by one, without a second copy of the whole."""
    position = 0
    while position <= len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        yield text[position:stop]
        position = stop + 1


def gathered(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Return tag to value, or to the list of its values where the tag comes again."""
    raw: dict[str, str | list[str]] = {}
    for name, value in pairs:
        held = raw.get(name)
        if held is None:
            raw[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            raw[name] = [held, value]
    return raw
