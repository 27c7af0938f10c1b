import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relnotes.evidence.wording import (
    Lexicon,
    as_printed,
    normalise,
    split_terms,
    stands_in,
    terms_standing_in,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("co- production", "co-production"),
        ("co-\nproduction", "co-production"),
        ("respectful day- to-day interactions", "respectful day-to-day interactions"),
        ("‘Relationship- based work’", "'Relationship-based work'"),
        ("non‐judgemental", "non-judgemental"),
        ("non‑judgemental", "non-judgemental"),
        ("hard work – there is", "hard work - there is"),
        ("hard work — there is", "hard work - there is"),
        ("pp. 561–573", "pp. 561-573"),
        ("“above and beyond”", "'above and beyond'"),
        ("individual´s", "individual's"),
        ("soft\u00adly", "softly"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("no\u00a0break thin\u2009space\u3000wide", "no break thin space wide"),
        ("  two \t\r\n lines ", "two lines"),
        ("ﬁrst and oﬃcer", "first and officer"),
        ("cafe\u0301", "café"),
        ("Case, and: (other) punctuation!", "Case, and: (other) punctuation!"),
        ("", ""),
    ],
)  # fmt: skip
def test_spellings_become_one(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "short- and long-term",
        "pre- or post-sentence",
        "two- to three-year",
        "pro- versus anti-",
        "pp. 43 - 48",
        "a minus -5",
    ],
)
def test_a_hyphen_left_hanging_on_purpose_stays(text: str) -> None:
    assert normalise(text) == text


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(st.sampled_from("aB -–‐‑’”\u00ad\u200b\u00a0\u0301ﬁ.to and")))
def test_normalising_hyphens_and_spaces_twice_changes_nothing_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "  " not in once
    assert unicodedata.is_normalized("NFKC", once)


def test_as_printed_keeps_what_a_misprint_is_made_of() -> None:
    assert as_printed("‘43 – 48’,\nco- production") == "'43 – 48', co- production"


@pytest.mark.parametrize(
    ("quoted", "passage", "stands"),
    [
        ("non-judgemental", "flexible, reliable and non‐judgemental.", True),
        ("Trust, time", "‘trust, time, support’", True),
        ("went ‘above and beyond’", 'they WENT "above and beyond".', True),
        ("trust", "distrust and trusting", False),
        ("trust", "distrust, then trust", True),
        ("(2012)", "Andrews, D.A. (2012).", True),
        ("’s", "the child’s view", True),
        ("art", "the start", False),
        ("", "anything", False),
        ("anything", "", False),
        ("STRASSE", "die Straße", True),
    ],
)  # fmt: skip
def test_a_wording_stands_where_its_words_do(quoted: str, passage: str, stands: bool) -> None:
    assert stands_in(quoted, passage) is stands


@given(st.lists(st.text("abcdefghé", min_size=1, max_size=4), min_size=1, max_size=12), st.data())
def test_every_run_of_words_stands_in_its_text(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    assert stands_in(" ".join(words[start:end]).upper(), " ".join(words))


@pytest.mark.parametrize(
    ("term", "wording", "named"),
    [
        ("trust", "Trust-based work", True),
        ("trust", "entrusting", False),
        ("blaming", "non-blaming", False),
        ("blaming", "non- blaming", False),
        ("non-blaming", "Non‐blaming, optimistic", True),
        ("open and honest", "open, and honest", False),
        ("child's view", "the child’s view", True),
        ("time", "timely", False),
        ("time", "time_out", False),
        ("c++", "uses C++ daily", True),
        ("&", "trust & time", False),
        ("", "anything", False),
    ],
)
def test_a_term_stands_as_whole_words(term: str, wording: str, named: bool) -> None:
    assert terms_standing_in([term], wording) == ((term,) if named else ())


def test_terms_come_in_the_codebook_s_order_and_the_lexicon_s_in_the_wording_s() -> None:
    terms = ["time", "trust", "trust and respect", "respect and time"]
    wording = "trust and respect and time"
    assert terms_standing_in(terms, wording) == tuple(terms)
    assert Lexicon(terms).standing_in(wording) == (
        "trust",
        "trust and respect",
        "respect and time",
        "time",
    )


def test_cells_of_terms_are_split() -> None:
    assert split_terms(" trust ;trusting;; ") == ("trust", "trusting")
    assert split_terms("") == ()
