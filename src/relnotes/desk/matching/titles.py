"""How far two titles are the same, and the grades that every field is given."""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

# The grades. One side or both silent: MISSING, which speaks neither for nor against.
MISSING, SAME, NEAR, PARTLY, REWORDED, CHANGED, DIFFERENT = range(7)
# SAME       the same after folding
# NEAR       misspelt, abbreviated, a word more or less; authors: some left out; pages: one
#            end the same
# PARTLY     title: one is the other without its subtitle; authors: some in common;
#            year: a year apart; pages: they overlap; container: cannot be told
# REWORDED   title: much in common, but some words replaced by more or fewer others
# CHANGED    title: a number or a word exchanged for another (part 1 / part 2, men / women)
# DIFFERENT  nothing of the kind


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text, for constants that are sets of words."""
    return frozenset(text.split())


_NUMERALS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "one", "two"])
_SMALL_WORDS = word_set(
    "a an the of in on at to for from by with and or as is are be et de la le les des du der die "
    "das und en el los las y e il di da versus vs via its their it"
)
# Words a letter or two apart that are never misspellings of one another.
_OPPOSED = frozenset(
    frozenset(pair.split("/"))
    for pair in word_set(
        "men/women man/woman male/female males/females vivo/vitro intra/inter hyper/hypo "
        "with/without increase/decrease increased/decreased pre/post first/second "
        "micro/macro mono/poly endo/exo sub/super under/over"
    )
)
_OPPOSED_BEGINNINGS = (
    ("hyper", "hypo"), ("intra", "inter"), ("micro", "macro"), ("pre", "post"), ("in", "de"),
    ("im", "de"), ("en", "de"),
)  # fmt: skip
# Below the one likeness two titles share no more than any two do; below the other they
# are worth a closer look only if something else ties the records together.
HOPELESS, PROMISING = 60.0, 80.0


def _misspelt(one: str, other: str) -> bool:
    """Tell a slip of the pen or a spelling from another word."""
    shorter = min(len(one), len(other))
    # "haematol" for "haematology": cut short
    cut = shorter >= 5 and (one.startswith(other) or other.startswith(one))
    if cut or shorter < 3 or abs(len(one) - len(other)) > 2:
        return cut
    if one.isdecimal() or other.isdecimal():
        return False
    if frozenset((one, other)) in _OPPOSED:
        return False
    allowed = 1 if shorter < 7 else 2
    if OSA.distance(one, other, score_cutoff=allowed) > allowed:
        return False
    for a, b in _OPPOSED_BEGINNINGS:
        if (one.startswith(a) and other.startswith(b)) or (
            one.startswith(b) and other.startswith(a)
        ):
            return False
    return True


def begins_alike(one: str, other: str) -> bool:
    """Tell whether one title is, but for a slip, the beginning of the other.

    Examples
    --------
    >>> begins_alike("access to commerical databases", "access to commercial databases: a trial")
    True
    """
    brief, full = sorted((one, other), key=len)
    return len(brief) >= 25 and fuzz.ratio(brief, full[: len(brief)], score_cutoff=95) > 0


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _NUMERALS


def title_grade(one: str, other: str, likeness: float) -> int:
    """Grade two folded titles that are not the same.

    Parameters
    ----------
    one, other : str
        Folded titles.
    likeness : float
        How like the two are, letter by letter, 0-100.

    Examples
    --------
    >>> title_grade("trust in probaton", "trust in probation", 97) == NEAR
    True
    >>> title_grade("outcomes for men on licence", "outcomes for women on licence", 96) == CHANGED
    True
    >>> title_grade("trust in probation", "trust in probation a review", 80) == PARTLY
    True
    """
    if not one or not other:
        return MISSING
    # Sorted, so that a pair has the same grade whichever comes first.
    ones, others = sorted((one.split(), other.split()))
    left, right = set(ones) - set(others), set(others) - set(ones)
    if not left and not right:
        return NEAR
    # One slip in the whole title, be it a blank lost or moved ("trustw ith").
    if likeness >= 95 and len(one) >= 20 and not any(map(_is_number, left | right)):
        slips = OSA.distance(one.replace(" ", ""), other.replace(" ", ""), score_cutoff=1)
        if slips <= 1:
            return NEAR
    if not left or not right:
        shorter, longer = (ones, others) if len(ones) < len(others) else (others, ones)
        extra = left or right
        if any(_is_number(word) for word in extra) and len(extra) <= 2:
            return PARTLY if len(shorter) >= 4 else CHANGED
        if len(longer) - len(shorter) <= max(1, len(longer) // 8) and likeness >= 85:
            return NEAR
        if len(shorter) >= 3 and shorter in (longer[: len(shorter)], longer[-len(shorter) :]):
            return PARTLY
        return PARTLY if likeness >= 80 and len(shorter) >= 5 else DIFFERENT
    length = min(len(ones), len(others))
    # Letters that were lost one by one change many words, each by little.
    if min(len(left), len(right)) > max(2, length // 3) and likeness < 95:
        return DIFFERENT
    if likeness < PROMISING and begins_alike(one, other):
        return PARTLY
    if len(left) != len(right):
        _join_splitword_set(*sorted((left, right), key=len))
    for word in sorted(left):
        for other_word in sorted(right):
            # A slip or two leave one end of a word much as it was.
            ends = word[0] in other_word[:2] or word[-1] in other_word[-2:]
            if ends and _misspelt(word, other_word):
                left.discard(word)
                right.discard(other_word)
                break
    if not left and not right:
        return NEAR
    if any(map(_is_number, left)) and any(map(_is_number, right)):
        return CHANGED
    left -= _SMALL_WORDS
    right -= _SMALL_WORDS
    exchanged = min(len(left), len(right))
    only = max(len(left), len(right))
    if not exchanged:
        if any(_is_number(word) for word in left | right):
            return PARTLY
        if likeness >= 90 or (likeness >= 80 and only <= 2):
            return NEAR
        brief, full = sorted((one, other), key=len)
        if full.startswith(brief[: len(brief) * 9 // 10]) and len(brief) >= 20:
            return PARTLY
        return PARTLY if likeness >= 75 else DIFFERENT
    if likeness < 65 or (likeness < 80 and exchanged * 3 > length):
        return DIFFERENT
    if exchanged > max(2, length // 4):
        return DIFFERENT
    # Companion pieces are worded alike but for the word that tells them apart; a title
    # that an editor or a translator has changed is seldom of the same build.
    return CHANGED if len(left) == len(right) and len(ones) == len(others) else REWORDED


def _join_splitword_set(joined: set[str], split: set[str]) -> None:
    """Take away words that stand in two parts on the other side: "health care"."""
    for word in [word for word in joined if len(word) > 3]:
        parts = [part for part in split if part in word]
        if len(parts) > 1 and sum(map(len, parts)) == len(word):
            joined.discard(word)
            split.difference_update(parts)
