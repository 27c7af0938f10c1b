"""Where the passages of an outline stand in the words of a page."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice, pairwise, product, takewhile
from statistics import median_low
from typing import NamedTuple

import pandas as pd

from relnotes.evidence.wording import normalise
from relnotes.page.outline import (
    COLUMNS,
    continues,
    looks_like_reference,
    sentence_fingerprints,
    sentences,
)
from relnotes.page.source import BULLET_SIGNS, Page

# A passage of fewer words may also stand by chance inside other text, so away
# from its place it counts only where it fills a block of the page.
_TELLING_WORDS = 8
# Likeness of first words plus likeness of length, from 0 to 2, from which a
# text in a passage's place is that passage changed, and not another text.
_LIKE_ENOUGH = 0.9
# Outside the first and the last passage stands the furniture of the site: there
# the first words themselves must be alike.
_LIKE_ENOUGH_OUTSIDE = 1.25
# Bounds for pages made to keep the program busy: so often is a passage compared
# with words of the page, and so many places of passages, the longest, are held
# against each other.
_MOST_STARTS = 500_000
_MOST_PLACES = 2_000


class KnownPassage(NamedTuple):
    """A passage of the outline, its anchor as words."""

    passage_id: str
    section: str
    kind: str
    number: int
    anchor: tuple[str, ...]
    words: int
    fingerprint: str
    sentences: tuple[str, ...]


class _Place(NamedTuple):
    """Words of the page, from start up to end, that are the passage numbered `known`."""

    start: int
    end: int
    known: int


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
    known : list of KnownPassage
        The passages in the order of the page.
    spans : list of list of range
        Numbers of the words of the page that each of them consists of now.
    moved : set of int
        Places in `known` of those that stand word for word out of their order.
    new : list of range
        Text inside the page that belongs to none of them, in the page's order.
    """

    def __init__(self, page: Page, passages: pd.DataFrame) -> None:
        self._blocks = page.blocks
        self._words: list[str] = []
        self._block_of: list[int] = []
        for number, block in enumerate(page.blocks):
            own = [word for word in normalise(block.text).split() if word not in BULLET_SIGNS]
            # A word cut at its hyphen may have its second half in the next block.
            if own and self._words and self._words[-1].endswith("-"):
                joined = normalise(" ".join((self._words[-1], *own))).split()
                if len(joined) == len(own):
                    self._words[-1], *own = joined
            self._words += own
            self._block_of += [number] * len(own)
        self._edges = {0, len(self._words)}
        self._edges |= {i for i, (a, b) in enumerate(pairwise(self._block_of), 1) if a != b}
        self._text = " ".join(self._words)
        self._offsets = [0, *accumulate(len(word) + 1 for word in self._words)]
        self._standing: dict[str, list[int]] = {}
        for i, word in enumerate(self._words):
            self._standing.setdefault(_bare(word), []).append(i)
        self.known = self._in_page_order(_known_passages(passages))
        self.spans: list[list[range]] = [[] for _ in self.known]
        self.moved: set[int] = set()
        self._owner: list[int | None] = [None] * len(self._words)
        places = self._places()
        in_order = self._longest_in_order(places)
        for place in in_order:
            self._give(range(place.start, place.end), place.known)
        self._find_moved(places)
        gaps = list(self._gaps(in_order))
        loose = [piece for gap, missing in gaps for piece in self._account_for(gap, missing)]
        self.new = self._inside(self._outside_blocks_of_one(loose))
        for spans in self.spans:
            spans.sort(key=lambda span: span.start)
        self._begun = sorted((s[0].start, number) for number, s in enumerate(self.spans) if s)

    def text(self, number: int) -> str:
        """Return the normalised text of a passage as it stands on the page, or nothing."""
        return " ".join(map(self.wording, self.spans[number]))

    def printed(self, number: int) -> str:
        """Return the blocks a passage stands in, in the page's own characters."""
        blocks = {self._block_of[i] for span in self.spans[number] for i in span}
        return " ".join(self._blocks[block].text for block in sorted(blocks))

    def wording(self, span: range) -> str:
        """Return some words of the page with single spaces between them."""
        return self._text[self._offsets[span.start] : max(self._offsets[span.stop] - 1, 0)]

    def passage_before(self, start: int) -> str:
        """Return the id of the last passage that begins before a word of the page."""
        i = bisect_left(self._begun, (start, 0)) - 1
        return self.known[self._begun[i][1]].passage_id if i >= 0 else ""

    # Passages that stand word for word

    def _anchored(self, anchor: tuple[str, ...]) -> Iterator[int]:
        """Yield where the first words of a passage stand."""
        for start in self._standing.get(_bare(anchor[0]), ()) if anchor else ():
            there = self._words[start : start + len(anchor)]
            if len(there) == len(anchor) and (
                (*there[:-1], _bare(there[-1])) == (*anchor[:-1], _bare(anchor[-1]))
            ):
                yield start

    def _in_page_order(self, known: list[KnownPassage]) -> list[KnownPassage]:
        """Sort passages by the place of their section on the page, then by number.

        The table is sorted by name. A section stands where the middle one of its
        passages is found by its first words.
        """
        starts: dict[str, list[int]] = {}
        for passage in known:
            starts.setdefault(passage.section, []).extend(islice(self._anchored(passage.anchor), 1))
        nowhere = [len(self._words)]
        place = {section: median_low(found or nowhere) for section, found in starts.items()}
        return sorted(known, key=lambda p: (place[p.section], p.section, p.number))

    def _places(self) -> list[_Place]:
        """Find passages from their first words on, else from where any text may begin."""
        places = self._borne(
            (start, number)
            for number, passage in enumerate(self.known)
            for start in islice(self._anchored(passage.anchor), _MOST_STARTS // len(self.known))
        )
        sought = sorted(set(range(len(self.known))) - {place.known for place in places})
        begins = self._edges | {place.end for place in places}
        if len(begins) * len(sought) <= _MOST_STARTS:
            places += self._borne(product(sorted(begins), sought))
        return sorted(places, key=lambda p: p.start - p.end)[:_MOST_PLACES]

    def _borne(self, starts: Iterable[tuple[int, int]]) -> list[_Place]:
        """Return where passages stand word for word, of the words they may begin with."""
        places = []
        for start, number in starts:
            known = self.known[number]
            span = range(start, start + known.words)
            if span.stop <= len(self._words):
                text = self.wording(span)
                if hashlib.sha256(text.encode()).hexdigest() == known.fingerprint:
                    places.append(_Place(start, span.stop, number))
        return places

    def _fills_blocks(self, place: _Place) -> bool:
        return place.start in self._edges and place.end in self._edges

    def _longest_in_order(self, places: list[_Place]) -> list[_Place]:
        """Choose places, no two overlapping and all in order, that cover most words.

        Among equals, passages that follow on each other win.
        """
        most = 2 * len(self.known) + 1  # one word outweighs all that follow on each other
        best: list[tuple[int, list[_Place]]] = []
        for place in sorted(places):
            before: tuple[int, list[_Place]] = (0, [])
            for worth, chain in best:
                last = chain[-1]
                if last.end <= place.start and last.known < place.known:
                    follows = last.end == place.start and last.known == place.known - 1
                    before = max(before, (worth + follows, chain), key=_worth)
            worth, chain = before
            best.append((worth + (place.end - place.start) * most, [*chain, place]))
        return max(best, key=_worth, default=(0, []))[1]

    def _find_moved(self, places: list[_Place]) -> None:
        """Give passages not found in order their longest free places."""
        for place in sorted(places, key=lambda p: (p.start - p.end, p.start)):
            span = range(place.start, place.end)
            telling = len(span) >= _TELLING_WORDS or self._fills_blocks(place)
            if telling and not self.spans[place.known] and self._free(span):
                self._give(span, place.known)
                self.moved.add(place.known)

    def _free(self, span: range) -> bool:
        return all(owner is None for owner in self._owner[span.start : span.stop])

    def _give(self, span: range, number: int) -> None:
        self.spans[number].append(span)
        self._owner[span.start : span.stop] = [number] * len(span)

    # What stands between them

    def _gaps(self, in_order: list[_Place]) -> Iterator[tuple[range, list[int]]]:
        """Yield each stretch between passages in order, and the passages missing there."""
        end = len(self._words)
        places = [_Place(0, 0, -1), *in_order, _Place(end, end, len(self.known))]
        for before, after in pairwise(places):
            between = range(before.known + 1, after.known)
            yield range(before.end, after.start), [n for n in between if not self.spans[n]]

    def _account_for(self, gap: range, expected: list[int]) -> list[range]:
        """Give the texts of a gap to the passages missing there; return what is left."""
        pieces = self._pieces(gap, expected)
        taken = self._by_words(pieces, expected)
        # Where nothing else of the page stands, likeness alone shows nothing.
        if len(expected) < len(self.known) or any(number is not None for number in taken):
            self._by_place(pieces, taken, [n for n in expected if n not in taken], gap)
        for piece, number in zip(pieces, taken, strict=True):
            if number is not None:
                self._give(piece, number)
        return [piece for piece, number in zip(pieces, taken, strict=True) if number is None]

    def _pieces(self, gap: range, expected: list[int]) -> list[range]:
        """Cut the free words of a gap where blocks end and where passages begin."""
        anchors = (self.known[n].anchor for n in expected)
        cuts = {start for anchor in anchors if len(anchor) > 1 for start in self._anchored(anchor)}
        cuts |= {i for i in gap if i in self._edges and not self._goes_on(i)}
        pieces: list[range] = []
        for i in (i for i in gap if self._owner[i] is None):
            if pieces and pieces[-1].stop == i and i not in cuts:
                pieces[-1] = range(pieces[-1].start, i + 1)
            else:
                pieces.append(range(i, i + 1))
        return pieces

    def _goes_on(self, start: int) -> bool:
        """Say whether a block that begins here is the second half of the one before."""
        return start > 0 and continues(
            self._blocks[self._block_of[start - 1]], self._blocks[self._block_of[start]]
        )

    def _by_words(self, pieces: list[range], expected: list[int]) -> list[int | None]:
        """Give a piece to the missing passage with which it shares most words.

        Shared are sentences, known by their fingerprints, and first words.
        """
        shared: dict[int, int] = {}
        begins = {piece.start for piece in pieces}
        for number in reversed(expected):
            anchor = self.known[number].anchor
            for start in self._anchored(anchor):
                if len(anchor) > 1 or start in begins:
                    shared |= dict.fromkeys(range(start, start + len(anchor)), number)
        owner_of = {s: n for n in reversed(expected) for s in self.known[n].sentences}
        for piece in pieces:
            text, at = self.wording(piece), piece.start
            for sentence, mark in zip(sentences(text), sentence_fingerprints(text), strict=True):
                end = at + len(sentence.split())
                if mark in owner_of:
                    shared |= dict.fromkeys(range(at, end), owner_of[mark])
                at = end
        taken: list[int | None] = []
        for piece in pieces:
            counts = Counter(shared[i] for i in piece if i in shared)
            taken.append(max(counts, key=lambda n: (counts[n], -n)) if counts else None)
        for number in {n for n in taken if n is not None}:
            own = [i for i, n in enumerate(taken) if n == number]
            for i in range(own[0], own[-1]):
                taken[i] = number if taken[i] is None else taken[i]
        return taken

    def _by_place(
        self, pieces: list[range], taken: list[int | None], missing: list[int], gap: range
    ) -> None:
        """Give remaining pieces to remaining passages, the most alike first, in order."""
        own = [i for i, number in enumerate(taken) if number is not None]
        first = 0 if gap.start > 0 else (own or [len(pieces)])[0]
        last = len(pieces) - 1 if gap.stop < len(self._words) else (own or [-1])[-1]
        # Before the first passage and after the last, only what adjoins them can
        # be a passage reworded.
        near = range(max(first - len(missing), 0), min(last + len(missing) + 1, len(pieces)))
        pairs = [
            (likeness, number, i)
            for i in near
            for number in missing
            if (likeness := self._likeness(self.known[number], pieces[i]))
            >= (_LIKE_ENOUGH if first <= i <= last else _LIKE_ENOUGH_OUTSIDE)
        ]
        for _, number, i in sorted(pairs, key=lambda pair: -pair[0]):
            if (
                taken[i] is None
                and number not in taken
                and all(n is None or (n - number) * (j - i) > 0 for j, n in enumerate(taken))
            ):
                taken[i] = number

    def _likeness(self, known: KnownPassage, piece: range) -> float:
        from rapidfuzz.fuzz import ratio  # noqa: PLC0415  (cold start)

        anchor = " ".join(known.anchor).casefold()
        beginning = self.wording(piece)[: len(anchor)].casefold()
        shorter, longer = sorted((len(piece), known.words))
        return ratio(anchor, beginning) / 100 + shorter / longer

    def _outside_blocks_of_one(self, loose: list[range]) -> list[range]:
        """Give text that shares its block with one passage to it; return what is left."""
        owners: dict[int, set[int]] = {}
        for block, owner in zip(self._block_of, self._owner, strict=True):
            if owner is not None:
                owners.setdefault(block, set()).add(owner)
        left = []
        for piece in loose:
            there = (owners.get(self._block_of[i], set()) for i in (piece[0], piece[-1]))
            number = next((min(numbers) for numbers in there if len(numbers) == 1), None)
            if number is None:
                left.append(piece)
            else:
                self.spans[number].append(piece)
        return left

    def _inside(self, loose: list[range]) -> list[range]:
        """Return the texts between the first passage and the last, and more references."""
        owned = [i for i, n in enumerate(self._owner) if n is not None and n not in self.moved]
        if not owned:
            return []
        inside = [piece for piece in loose if owned[0] < piece.start < owned[-1]]
        if self.known[self._owner[owned[-1]] or 0].kind == "reference":
            after = (piece for piece in loose if piece.start > owned[-1])
            inside += takewhile(lambda piece: looks_like_reference(self.wording(piece)), after)
        return inside


def _worth(candidate: tuple[int, list[_Place]]) -> int:
    return candidate[0]


def _bare(word: str) -> str:
    # An anchor leaves out the comma or colon after its last word.
    return word.rstrip(",;:.") or word


def _known_passages(passages: pd.DataFrame) -> list[KnownPassage]:
    rows = passages[list(COLUMNS)].astype(str).itertuples(index=False, name=None)
    return [
        KnownPassage(
            passage_id, section, kind, int(number), tuple(normalise(anchor).split()), int(words),
            fingerprint, tuple(sentence_prints.split(";")),
        )
        for passage_id, section, kind, number, anchor, words, fingerprint, sentence_prints in rows
    ]  # fmt: skip
