"""Synthetic exports with known answers: works, several records of each, graded damage.

A work is invented (title, people, journal, place in print, DOI), then written down
several times, each time with the damage of its grade:

0. as another database would write it: case, punctuation, initials, abbreviated pages;
1. journal abbreviated, DOI missing, accents lost, "&" for "and";
2. a letter wrong in the title, fields missing, authors cut to "et al.", a year apart;
3. subtitle lost, wrong DOI, first author misspelt, only title and authors left;
4. two or three letters wrong and words lost, title alone with the year, names exchanged.

From grade 1 on some works have a *near miss* beside them, which is another work and must
not be merged: a companion piece, a second edition, an erratum, the conference version,
a chapter under the same DOI, a yearly "Introduction", a reply.

The same seed gives the same records on every machine.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from relnotes.desk.formats.records import Person, Record

GRADES = range(5)


def _words(text: str) -> list[str]:
    return text.split()


NOUNS = _words("""trust supervision desistance probation relationships engagement compliance recall
rehabilitation identity stigma housing employment mentoring punishment fairness legitimacy care
risk assessment recidivism disclosure motivation resilience trauma violence substance-use
families partnership practice training leadership workload wellbeing accountability discretion
restorative-justice procedural-justice victimisation reintegration custody resettlement""")
ADJECTIVES = _words("""
relational procedural dynamic therapeutic collaborative professional effective
compulsory gendered local national everyday critical emotional digital voluntary early intensive
structured responsive contested emerging integrated comparative""")
SETTINGS = """England|Wales|Scotland|Northern Ireland|Norway|New South Wales|Québec|Catalonia|
the Netherlands|approved premises|youth justice|community sentences|women's centres|prison|
remote supervision|drug courts|a London borough|rural areas|Romania|secure children's homes"""
METHODS = """a systematic review|a qualitative study|evidence from a cohort|a meta-analysis|
a randomised controlled trial|lessons for practice|an ethnography|a longitudinal analysis|
views of practitioners|a mixed-methods evaluation|the case of first offenders|a scoping review|
a survey of officers|a theoretical framework|an interpretative study|a rapid evidence assessment"""
GROUPS = _words("""men women young-adults children officers mentors volunteers families managers
people-on-licence veterans care-leavers""")
FAMILIES = _words("""
Smith Jones Wang Li Müller García Nguyen Kim Patel O'Brien McNeill Robinson Burnett
Raynor Farrall Weaver Dominey Canton Phillips Ward Trotter Rex Hannah-Moffat Lösel Şahin Øster
Bottoms Shapland Maruna Calverley Hucklesby Deering Annison Worrall Mair Nellis Beyens Boxstaens
van-der-Berg de-Vries""")
GIVEN = _words("""Jane John Anna Peter Maria Wei José Sarah Fergus Shadd Beth Ioan Emma Gwen Rob Lol
Hazel Chris Kathy Mike Anthea Stephen Sue Paul""")
JOURNALS = {
    "Probation Journal": "Probat J",
    "European Journal of Probation": "Eur. J. Probat.",
    "The British Journal of Criminology": "Br J Criminol",
    "Criminology and Criminal Justice": "Criminol Crim Justice",
    "The Howard Journal of Crime and Justice": "Howard J Crime Justice",
    "Journal of Offender Rehabilitation": "J Offender Rehabil",
    "International Journal of Comparative Criminology": "Int J Comp Criminol",
    "Youth Justice": "Youth Justice",
    "Punishment & Society": "Punishm Soc",
    "Journal of Experimental Criminology": "J. Exp. Criminol.",
    "Criminal Justice and Behavior": "Crim Justice Behav",
    "Legal and Criminological Psychology": "Leg Criminol Psychol",
}
SYLLABLES = _words("ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu tra ple cro ste")


@dataclass(frozen=True)
class Noise:
    """Records and which of them are one work.

    Parameters
    ----------
    records : list of Record
        Shuffled.
    work : list of int
        For each record the number of its work.
    """

    records: list[Record]
    work: list[int]

    def pairs(self) -> set[tuple[int, int]]:
        """Give the pairs of records that are one work."""
        members: dict[int, list[int]] = {}
        for position, work in enumerate(self.work):
            members.setdefault(work, []).append(position)
        return {
            (one, other)
            for group in members.values()
            for at, one in enumerate(group)
            for other in group[at + 1 :]
        }


def noise(size: int, grade: int, seed: int = 2026) -> Noise:
    """Invent records of a grade of damage.

    Parameters
    ----------
    size : int
        Number of records.
    grade : int
        0 to 4, see the head of this module.
    seed : int

    Returns
    -------
    Noise
    """
    rng = random.Random(f"{seed}/{size}/{grade}")
    written: list[tuple[Record, int]] = []
    work = 0
    while len(written) < size:
        record = _work(rng, work)
        copies = rng.choices((1, 2, 3, 4), weights=(60, 25, 10, 5))[0]
        written.append((record, work))
        written += [(_damaged(rng, record, rng.randint(0, grade)), work) for _ in range(copies - 1)]
        work += 1
        if grade and rng.random() < 0.08:
            written.append((rng.choice(NEAR_MISSES)(rng, record), work))
            work += 1
    rng.shuffle(written)
    written = written[:size]
    records = [
        replace(record, position=place) for place, (record, _) in enumerate(written, start=1)
    ]
    return Noise(records, [number for _, number in written])


# -------------------------------------------------------------------------- works


def _rare_word(rng: random.Random) -> str:
    # A few of these words come often, most of them seldom, as terms and names do.
    number = int(rng.paretovariate(0.7)) % 40_000
    letters = random.Random(number)
    return "".join(letters.choices(SYLLABLES, k=letters.randint(2, 4))).capitalize()


def _family(rng: random.Random) -> str:
    # Half of all people share a few names; the other half have one of thousands.
    return rng.choice(FAMILIES) if rng.random() < 0.5 else _rare_word(rng)


def _title(rng: random.Random) -> str:
    noun, other = rng.sample(NOUNS, 2)
    head = f"{rng.choice(ADJECTIVES)} {noun} and {other}"
    if rng.random() < 0.6:
        head = f"{_rare_word(rng)} {head}"
    if rng.random() < 0.7:
        head += f" in {rng.choice(SETTINGS.split('|')).strip()}"
    if rng.random() < 0.4:
        head += f" with {rng.choice(GROUPS)}"
    tail = f": {rng.choice(METHODS.split('|')).strip()}" if rng.random() < 0.6 else ""
    title = (head + tail).replace("-", " ")
    return title[0].upper() + title[1:]


def _work(rng: random.Random, number: int) -> Record:
    people = tuple(
        Person(_family(rng), rng.choice(GIVEN) + (" " + rng.choice("ABCDE")) * (k % 2))
        for k in range(rng.choices((1, 2, 3, 4, 6), weights=(25, 30, 25, 12, 8))[0])
    )
    start = rng.randint(1, 900)
    return Record(
        source="noise",
        position=0,
        line=None,
        kind="article",
        title=_title(rng),
        authors=people,
        year=rng.randint(1985, 2025),
        container=rng.choice(list(JOURNALS)),
        volume=str(rng.randint(1, 70)),
        issue=str(rng.randint(1, 6)),
        pages=(str(start), str(start + rng.randint(3, 30))),
        doi=f"10.{rng.randint(1000, 1100)}/j.{number:07d}" if rng.random() < 0.8 else "",
    )


# ------------------------------------------------------------------------- damage


def _letter_wrong(rng: random.Random, text: str) -> str:
    if len(text) < 5:
        return text
    at = rng.randrange(1, len(text) - 2)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + rng.choice("aeiorst") + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + rng.choice("aeiorst") + text[at + 1 :]


def _word_lost(rng: random.Random, text: str) -> str:
    words = text.split()
    if len(words) > 5:
        del words[rng.randrange(1, len(words))]
    return " ".join(words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _as_elsewhere(rng: random.Random, r: Record) -> Record:
    title = rng.choice(
        (r.title, r.title.upper(), r.title.title(), r.title + ".", r.title.replace(": ", " - "))
    )
    people = r.authors
    if rng.random() < 0.5:
        people = tuple(
            Person(p.family, " ".join(f"{name[0]}." for name in p.given.split())) for p in people
        )
    return replace(r, title=title, authors=people)


def _as_abbreviated(rng: random.Random, r: Record) -> Record:
    if rng.random() < 0.6:
        r = replace(r, container=JOURNALS.get(r.container, r.container))
    if rng.random() < 0.5:
        r = replace(r, doi="")
    if rng.random() < 0.4:
        people = tuple(Person(_plain(p.family), _plain(p.given)) for p in r.authors)
        r = replace(r, title=_plain(r.title), authors=people)
    if rng.random() < 0.3:
        r = replace(r, title=r.title.replace(" and ", " & "))
    return r


def _as_careless(rng: random.Random, r: Record) -> Record:
    if rng.random() < 0.7:
        r = replace(r, title=_letter_wrong(rng, r.title))
    if rng.random() < 0.4:
        r = replace(r, volume="", issue="")
    if rng.random() < 0.4:
        r = replace(r, pages=("", ""))
    if rng.random() < 0.3:
        r = replace(r, authors=r.authors[:1])
    if rng.random() < 0.15 and r.year:
        r = replace(r, year=r.year + rng.choice((-1, 1)))
    return r


def _as_poor(rng: random.Random, r: Record) -> Record:
    if rng.random() < 0.4:
        r = replace(r, title=r.title.split(":", maxsplit=1)[0])
    if rng.random() < 0.15:
        r = replace(r, doi=f"10.{rng.randint(1000, 1100)}/j.{rng.randint(0, 9_999_999):07d}")
    if rng.random() < 0.3:
        first = Person(_letter_wrong(rng, r.authors[0].family), r.authors[0].given)
        r = replace(r, authors=(first, *r.authors[1:]))
    if rng.random() < 0.25:
        r = replace(r, container="", volume="", issue="", pages=("", ""), doi="")
    return r


def _as_ruined(rng: random.Random, r: Record) -> Record:
    for _ in range(rng.randint(1, 2)):
        r = replace(r, title=_letter_wrong(rng, r.title))
    if rng.random() < 0.4:
        r = replace(r, title=_word_lost(rng, r.title))
    if rng.random() < 0.2:
        r = replace(r, authors=tuple(Person(p.given or p.family, p.family) for p in r.authors))
    if rng.random() < 0.2:
        r = replace(r, authors=(), container="", volume="", issue="", pages=("", ""), doi="")
    return r


_DAMAGE = (_as_elsewhere, _as_abbreviated, _as_careless, _as_poor, _as_ruined)


def _damaged(rng: random.Random, record: Record, grade: int) -> Record:
    for damage in _DAMAGE[: grade + 1]:
        record = damage(rng, record)
    return record


# -------------------------------------------------------------------- near misses


def _companion(rng: random.Random, r: Record) -> Record:
    one, other = rng.sample(GROUPS, 2)
    words = set(r.title.split())
    if one.replace("-", " ") in words:
        title = r.title.replace(one.replace("-", " "), other.replace("-", " "))
    else:
        title = f"{r.title.split(':', maxsplit=1)[0]}: part 2"
    return replace(_elsewhere(rng, r), title=title)


def _elsewhere(rng: random.Random, r: Record) -> Record:
    start = rng.randint(1, 900)
    return replace(
        r,
        volume=str(rng.randint(1, 70)),
        issue=str(rng.randint(1, 6)),
        pages=(str(start), str(start + rng.randint(3, 30))),
        doi=f"10.{rng.randint(1000, 1100)}/k.{rng.randint(0, 9_999_999):07d}",
    )


def _second_edition(rng: random.Random, r: Record) -> Record:
    year = (r.year or 2000) + rng.randint(2, 12)
    return replace(
        r, kind="book", edition="2nd", year=year, container="", volume="", issue="",
        pages=("", ""), doi="",
    )  # fmt: skip


def _erratum(rng: random.Random, r: Record) -> Record:
    return replace(_elsewhere(rng, r), volume=r.volume, title=f"Erratum: {r.title}")


def _conference_version(rng: random.Random, r: Record) -> Record:
    return replace(
        r, kind="conference", container="European Society of Criminology Conference",
        year=(r.year or 2000) - 1, volume="", issue="", pages=("", ""), doi="",
    )  # fmt: skip


def _chapter_under_one_doi(rng: random.Random, r: Record) -> Record:
    people = (Person(_family(rng), rng.choice(GIVEN)),)
    return replace(r, kind="chapter", title=_title(rng), authors=people, pages=("1", "9"))


def _introduction(rng: random.Random, r: Record) -> Record:
    return replace(_elsewhere(rng, r), title=rng.choice(("Introduction", "Editorial")))


def _reply(rng: random.Random, r: Record) -> Record:
    people = (Person(_family(rng), rng.choice(GIVEN)),)
    return replace(_elsewhere(rng, r), title=f"{r.title}: a reply", authors=people)


NEAR_MISSES: tuple[Callable[[random.Random, Record], Record], ...] = (
    _companion, _second_edition, _erratum, _conference_version, _chapter_under_one_doi,
    _introduction, _reply,
)  # fmt: skip
