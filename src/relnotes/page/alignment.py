"""Where the passages of an outline stand in the words of a page."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from statistics import median_low

import pandas as pd

from relnotes.evidence.wording import normalise
from relnotes.page.outline import COLUMNS, continues, looks_like_reference, sentences
from relnotes.page.source import Page

# A passage of fewer words may also stand by chance inside other text, so away
# from its place it counts only where it fills a block of the page.
_TELLING_WORDS = 8
# Beyond this many places to try, a passage is looked for by its first words only.
_MOST_STARTS_TRIED = 3_000_000
_MOST_PAIRS_TRIED = 250_000
# Likeness of first words plus likeness of length, from 0 to 2, from which a
# text in a passage's place is that passage changed, and not another text.
_LIKE_ENOUGH = 0.9
# Outside the first and the last passage stands the furniture of the site: there
# the first words themselves must be alike.
_LIKE_ENOUGH_OUTSIDE = 1.25
_Pairing = tuple[float, tuple[tuple[int, int], ...]]
_FREE_BULLETS = frozenset("•◦▪▫‣●○■□·∙")


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """A passage of the outline, its anchor as words."""

    passage_id: str
    section: str
    kind: str
    number: int
    anchor: tuple[str, ...]
    words: int
    fingerprint: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Words of the page, from start up to end."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place(Span):
    """A place where the passage numbered `known` stands word for word."""

    known: int


class Stream:
    """The words of a page in one row, and which block each stands in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.words: list[str] = []
        self.block: list[int] = []
        for number, block in enumerate(page.blocks):
            own = [w for w in normalise(block.text).split() if w not in _FREE_BULLETS]
            # A word cut at its hyphen may have its second half in the next block.
            if own and self.words and self.words[-1].endswith("-"):
                joined = normalise(" ".join((self.words[-1], *own[:2]))).split()
                if len(joined) == len(own[:2]):
                    self.words[-1] = joined[0]
                    own = own[1:]
            self.words += own
            self.block += [number] * len(own)
        self._text = " ".join(self.words)
        self._offset = [0]
        for word in self.words:
            self._offset.append(self._offset[-1] + len(word) + 1)
        self._places: dict[str, list[int]] = {}
        for i, word in enumerate(self.words):
            self._places.setdefault(_bare(word), []).append(i)

    def __len__(self) -> int:
        return len(self.words)

    def text(self, span: Span) -> str:
        """Return the words of a span with single spaces between them."""
        return self._text[self._offset[span.start] : max(self._offset[span.end] - 1, 0)]

    def bears(self, known: KnownPassage, start: int) -> bool:
        """Say whether the passage stands word for word from this word on."""
        end = start + known.words
        if end > len(self):
            return False
        text = self.text(Span(start, end))
        return hashlib.sha256(text.encode()).hexdigest() == known.fingerprint

    def anchored(self, anchor: tuple[str, ...]) -> Iterator[int]:
        """Yield where the first words of a passage stand."""
        if not anchor:
            return
        last = len(anchor) - 1
        for start in self._places.get(_bare(anchor[0]), ()):
            there = self.words[start : start + last + 1]
            if len(there) == last + 1 and (
                there[:last] == list(anchor[:last]) and _bare(there[last]) == _bare(anchor[last])
            ):
                yield start

    def fills_blocks(self, span: Span) -> bool:
        """Say whether a span begins where a block begins and ends where one ends."""
        return (span.start == 0 or self.block[span.start - 1] != self.block[span.start]) and (
            span.end == len(self) or self.block[span.end] != self.block[span.end - 1]
        )

    def split_at_blocks(self, span: Span) -> Iterator[Span]:
        """Yield the parts of a span that stand in one block each."""
        start = span.start
        for i in range(span.start + 1, span.end + 1):
            if i == span.end or self.block[i] != self.block[i - 1]:
                yield Span(start, i)
                start = i


def _bare(word: str) -> str:
    # An anchor leaves out the comma or colon after its last word.
    return word.rstrip(",;:.") or word


def known_passages(passages: pd.DataFrame) -> list[KnownPassage]:
    """Read an outline.

    Examples
    --------
    >>> from relnotes.page.outline import outline
    >>> from relnotes.page.source import read_page
    >>> known_passages(outline(read_page(b"<h1>Hope</h1><p>People change</p>")))[1].anchor
    ('People', 'change')
    """
    columns = (passages[c].astype("str") for c in COLUMNS)
    return [
        KnownPassage(
            passage_id,
            section,
            kind,
            int(number),
            tuple(normalise(anchor).split()),
            int(words),
            fingerprint,
            tuple(sentence_prints.split(";")),
        )
        for passage_id, section, kind, number, anchor, words, fingerprint, sentence_prints in zip(
            *columns, strict=True
        )
    ]


def _in_page_order(known: list[KnownPassage], stream: Stream) -> list[KnownPassage]:
    """Sort passages by the place of their section on the page, then by number.

    The table is sorted by name. A section stands where the middle one of its
    passages is found by its first words.
    """
    found: dict[str, list[int]] = {}
    for passage in known:
        first = next(stream.anchored(passage.anchor), None)
        found.setdefault(passage.section, []).extend([] if first is None else [first])
    place = {s: median_low(starts) if starts else len(stream) for s, starts in found.items()}
    return sorted(known, key=lambda p: (place[p.section], p.section, p.number))


def _longest_in_order(places: list[Place], stream: Stream, passages: int) -> list[Place]:
    """Choose places, no two overlapping and all in order, that cover most words.

    Among equals, whole blocks and passages that follow on each other win. A
    dynamic programme over the places by their start, with a Fenwick tree over
    the numbers of the passages that keeps the best row of places so far.
    """
    unit = 2 * passages + 1  # one word outweighs every bonus together
    places = sorted(places, key=lambda p: (p.start, p.end, p.known))
    by_end = sorted(range(len(places)), key=lambda i: places[i].end)
    best_up_to: list[tuple[int, int]] = [(0, -1)] * (passages + 1)
    totals = [0] * len(places)
    before = [-1] * len(places)
    ending: dict[tuple[int, int], int] = {}
    released = 0
    for i, place in enumerate(places):
        while released < i and places[by_end[released]].end <= place.start:
            j = by_end[released]
            node = places[j].known + 1
            while node <= passages:
                best_up_to[node] = max(best_up_to[node], (totals[j], j))
                node += node & -node
            released += 1
        total, previous = 0, -1
        node = place.known
        while node > 0:
            total, previous = max((total, previous), best_up_to[node])
            node -= node & -node
        adjoining = ending.get((place.start, place.known - 1))
        if adjoining is not None and totals[adjoining] + 1 > total:
            total, previous = totals[adjoining] + 1, adjoining
        weight = (place.end - place.start) * unit + stream.fills_blocks(place)
        totals[i], before[i] = total + weight, previous
        rival = ending.get((place.end, place.known))
        if rival is None or totals[rival] < totals[i]:
            ending[(place.end, place.known)] = i
    chosen = []
    i = max(range(len(places)), key=totals.__getitem__, default=-1)
    while i >= 0:
        chosen.append(places[i])
        i = before[i]
    return chosen[::-1]


@dataclass(slots=True)
class Found:
    """Where a passage stands: word for word, or in pieces that have changed."""

    exact: Span | None = None
    moved: bool = False
    pieces: list[Span] = field(default_factory=list)

    def spans(self) -> list[Span]:
        """Return all its words on the page, in order."""
        exact = [] if self.exact is None else [self.exact]
        return sorted([*exact, *self.pieces], key=lambda s: s.start)


class Alignment:
    """The passages of an outline found in the words of a page.

    Parameters
    ----------
    page : Page
        The page as it is now.
    passages : DataFrame
        The outline, with the columns of the passages table.

    Attributes
    ----------
    stream : Stream
        The words of the page.
    known : list of KnownPassage
        The passages in the order of the page.
    found : list of Found
        Where each of them stands.
    new : list of Span
        Text inside the page that belongs to none of them, in the page's order.
    """

    def __init__(self, page: Page, passages: pd.DataFrame) -> None:
        self.stream = Stream(page)
        self.known = _in_page_order(known_passages(passages), self.stream)
        self.found = [Found() for _ in self.known]
        self._owner: list[int | None] = [None] * len(self.stream)
        self.new: list[Span] = []
        in_order = self._find_unchanged()
        self._find_moved()
        for gap, expected in self._gaps(in_order):
            self._account_for(gap, expected)

    # Passages that stand word for word

    def _find_unchanged(self) -> list[Place]:
        places = [
            Place(start, start + passage.words, number)
            for number, passage in enumerate(self.known)
            for start in self.stream.anchored(passage.anchor)
            if self.stream.bears(passage, start)
        ]
        in_order = _longest_in_order(places, self.stream, len(self.known))
        elsewhere = self._at_any_start(places, in_order)
        if elsewhere:
            places += elsewhere
            in_order = _longest_in_order(places, self.stream, len(self.known))
        for place in in_order:
            self._claim(place.known, place)
        self._places = places
        return in_order

    def _at_any_start(self, places: list[Place], in_order: list[Place]) -> list[Place]:
        """Look at every free place for passages that their first words do not lead to."""
        anchored = {place.known for place in places}
        sought = [n for n in range(len(self.known)) if n not in anchored]
        free = [True] * len(self.stream)
        for place in in_order:
            free[place.start : place.end] = [False] * (place.end - place.start)
        starts = [i for i, is_free in enumerate(free) if is_free]
        if len(starts) * len(sought) > _MOST_STARTS_TRIED:
            return []
        return [
            Place(start, start + self.known[number].words, number)
            for number in sought
            for start in starts
            if self.stream.bears(self.known[number], start)
        ]

    def _find_moved(self) -> None:
        for place in sorted(self._places, key=lambda p: (p.start - p.end, p.start)):
            if self.found[place.known].exact is not None:
                continue
            telling = place.end - place.start >= _TELLING_WORDS
            if (telling or self.stream.fills_blocks(place)) and self._is_free(place):
                self._claim(place.known, place)
                self.found[place.known].moved = True

    def _is_free(self, span: Span) -> bool:
        return all(owner is None for owner in self._owner[span.start : span.end])

    def _claim(self, number: int, span: Span) -> None:
        self.found[number].exact = Span(span.start, span.end)
        self._own(number, span)

    def _own(self, number: int, span: Span) -> None:
        self._owner[span.start : span.end] = [number] * (span.end - span.start)

    # What stands between them

    def _gaps(self, in_order: list[Place]) -> Iterator[tuple[Span, list[int]]]:
        """Yield each stretch between passages in order, and the passages missing there."""
        ends = [Place(0, 0, -1), *in_order, Place(len(self.stream), 0, len(self.known))]
        for before, after in pairwise(ends):
            expected = [
                n for n in range(before.known + 1, after.known) if self.found[n].exact is None
            ]
            yield Span(before.end, after.start), expected

    def _account_for(self, gap: Span, expected: list[int]) -> None:
        pieces = self._pieces(gap, expected)
        taken = self._by_sentences_and_anchors(pieces, expected)
        # Furniture has no place in the outline: before the first passage and
        # after the last, only what adjoins them can be a passage reworded.
        # Where nothing else of the page stands, likeness alone shows nothing.
        if len(expected) < len(self.known) or any(number is not None for number in taken):
            self._by_place(pieces, taken, expected, gap)
        for piece, number in zip(pieces, taken, strict=True):
            if number is not None:
                self.found[number].pieces.append(piece)
                self._own(number, piece)
        inside = self._inside(pieces, taken, gap)
        for i, piece in enumerate(pieces):
            if taken[i] is None:
                neighbour = self._shares_block_with(piece)
                if neighbour is not None:
                    self.found[neighbour].pieces.append(piece)
                elif inside[i]:
                    self.new.append(piece)

    def _pieces(self, gap: Span, expected: list[int]) -> list[Span]:
        """Cut the free words of a gap where blocks end and where passages begin."""
        cuts = {
            start for n in expected for start in self.stream.anchored(self.known[n].anchor)
            if len(self.known[n].anchor) > 1
        }  # fmt: skip
        free: list[Span] = []
        start = gap.start
        for i in range(gap.start, gap.end + 1):
            if i == gap.end or self._owner[i] is not None or i in cuts:
                if start < i:
                    free.append(Span(start, i))
                start = i if i < gap.end and self._owner[i] is None else i + 1
        pieces: list[Span] = []
        for span in free:
            for piece in self.stream.split_at_blocks(span):
                if pieces and piece.start not in cuts and self._goes_on(pieces[-1], piece):
                    pieces[-1] = Span(pieces[-1].start, piece.end)
                else:
                    pieces.append(piece)
        return pieces

    def _goes_on(self, before: Span, piece: Span) -> bool:
        blocks = self.stream.page.blocks
        first, second = self.stream.block[before.end - 1], self.stream.block[piece.start]
        return (
            before.end == piece.start
            and first != second
            and continues(blocks[first], blocks[second])
        )

    def _by_sentences_and_anchors(
        self, pieces: list[Span], expected: list[int]
    ) -> list[int | None]:
        """Give a piece to the missing passage with which it shares most words."""
        owner_of = {s: n for n in reversed(expected) for s in self.known[n].sentences}
        shared: list[Counter[int]] = [Counter() for _ in pieces]
        starts = [piece.start for piece in pieces]
        for run in (*pieces, *_runs(pieces)):
            at = run.start
            for sentence in sentences(self.stream.text(run)):
                length = len(sentence.split())
                number = owner_of.get(hashlib.sha256(sentence.encode()).hexdigest()[:12])
                if number is not None:
                    i = bisect_right(starts, at) - 1
                    while i < len(pieces) and pieces[i].start < at + length:
                        shared[i][number] += length
                        i += 1
                at += length
        for number in expected:
            anchor = self.known[number].anchor
            for start in self.stream.anchored(anchor):
                i = bisect_right(starts, start) - 1
                if (
                    i >= 0
                    and start < pieces[i].end
                    and (len(anchor) > 1 or start == pieces[i].start)
                ):
                    shared[i][number] += len(anchor)
        taken: list[int | None] = [
            max(counts, key=lambda n: (counts[n], -n)) if counts else None for counts in shared
        ]
        for number in set(taken) - {None}:
            own = [i for i, n in enumerate(taken) if n == number]
            for i in range(own[0], own[-1]):
                taken[i] = number if taken[i] is None else taken[i]
        return taken

    def _by_place(
        self, pieces: list[Span], taken: list[int | None], expected: list[int], gap: Span
    ) -> None:
        """Give remaining pieces to remaining passages where they are alike enough."""
        given = set(taken)
        groups: dict[tuple[int, int], list[int]] = {}
        for number in expected:
            if number not in given:
                low = max((i + 1 for i, n in enumerate(taken) if n is not None and n < number),
                          default=0)  # fmt: skip
                high = min((i for i, n in enumerate(taken) if n is not None and n > number),
                           default=len(pieces))  # fmt: skip
                groups.setdefault((low, high), []).append(number)
        for (low, high), numbers in groups.items():
            free = [i for i in range(low, high) if taken[i] is None]
            least = _LIKE_ENOUGH
            if low == 0 and gap.start == 0:
                free, least = free[-len(numbers) :], _LIKE_ENOUGH_OUTSIDE
            elif high == len(pieces) and gap.end == len(self.stream):
                free, least = free[: len(numbers)], _LIKE_ENOUGH_OUTSIDE
            if len(free) * len(numbers) <= _MOST_PAIRS_TRIED:
                for number, i in self._alike(numbers, [pieces[i] for i in free], least):
                    taken[free[i]] = number

    def _alike(self, numbers: list[int], pieces: list[Span], least: float) -> list[tuple[int, int]]:
        """Pair passages and pieces in order so that they are most alike together."""
        best: list[list[_Pairing]] = [[(0.0, ())] * (len(pieces) + 1)]
        for number in numbers:
            above = best[-1]
            row = [above[0]]
            for i, piece in enumerate(pieces):
                choices = [above[i + 1], row[i]]
                likeness = self._likeness(self.known[number], piece)
                if likeness >= least:
                    total, pairs = above[i]
                    choices.append((total + likeness, (*pairs, (number, i))))
                row.append(max(choices, key=lambda choice: choice[0]))
            best.append(row)
        return list(best[-1][-1][1])

    def _likeness(self, known: KnownPassage, piece: Span) -> float:
        from rapidfuzz.fuzz import ratio  # noqa: PLC0415

        anchor = " ".join(known.anchor).casefold()
        beginning = self.stream.text(piece)[: len(anchor)].casefold()
        length = piece.end - piece.start
        return ratio(anchor, beginning) / 100 + min(length, known.words) / max(length, known.words)

    def _inside(self, pieces: list[Span], taken: list[int | None], gap: Span) -> list[bool]:
        """Say for each piece whether it stands inside the page and not around it."""
        own = [i for i, n in enumerate(taken) if n is not None]
        leads, trails = gap.start == 0, gap.end == len(self.stream)
        first = (own[0] if own else len(pieces)) if leads else 0
        last = (own[-1] if own else -1) if trails else len(pieces) - 1
        if trails and not (leads and not own) and self._last_known_is_reference(gap, taken):
            while last + 1 < len(pieces) and looks_like_reference(
                self.stream.text(pieces[last + 1])
            ):
                last += 1
        return [first <= i <= last for i in range(len(pieces))]

    def _last_known_is_reference(self, gap: Span, taken: list[int | None]) -> bool:
        numbers = [n for n in taken if n is not None]
        last = numbers[-1] if numbers else self._owner[gap.start - 1]
        return last is not None and self.known[last].kind == "reference"

    def _shares_block_with(self, piece: Span) -> int | None:
        """Return the one passage in whose block a piece stands, if it adjoins it."""
        for inner, outer in ((piece.start, piece.start - 1), (piece.end - 1, piece.end)):
            if not 0 <= outer < len(self.stream):
                continue
            block = self.stream.block
            neighbour = self._owner[outer]
            if neighbour is None or block[outer] != block[inner]:
                continue
            low = high = inner
            while low > 0 and block[low - 1] == block[inner]:
                low -= 1
            while high < len(block) and block[high] == block[inner]:
                high += 1
            if {n for n in self._owner[low:high] if n is not None} == {neighbour}:
                return neighbour
        return None

    # What a reader of the result asks

    def text(self, number: int) -> str:
        """Return the normalised text of a passage as it stands on the page, or nothing."""
        return " ".join(self.stream.text(span) for span in self.found[number].spans())

    def printed(self, number: int) -> str:
        """Return the blocks a passage stands in, in the page's own characters."""
        blocks = {
            self.stream.block[i]
            for span in self.found[number].spans()
            for i in range(span.start, span.end)
        }
        return " ".join(self.stream.page.blocks[b].text for b in sorted(blocks))

    def passage_before(self, start: int) -> str:
        """Return the id of the last passage that begins before a word of the page."""
        i = bisect_right(self._located, (start, -1)) - 1
        return self.known[self._located[i][1]].passage_id if i >= 0 else ""

    @cached_property
    def _located(self) -> list[tuple[int, int]]:
        return sorted(
            (spans[0].start, number)
            for number, found in enumerate(self.found)
            if (spans := found.spans())
        )


def _runs(pieces: Sequence[Span]) -> list[Span]:
    """Join pieces that follow on each other, so that a sentence cut in two is seen whole."""
    runs: list[Span] = []
    for piece in pieces:
        if runs and runs[-1].end == piece.start:
            runs[-1] = Span(runs[-1].start, piece.end)
        else:
            runs.append(piece)
    return runs
