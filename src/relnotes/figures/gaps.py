"""Where the evidence is silent: the gap map, the map of settings, and whose voice was heard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.gaps import (
    CLAIMED,
    DIRECTIONS,
    NO_STUDY,
    OPEN,
    STUDY,
    SUMMARY,
    SYNTHESIS,
    UNCODED,
    UNNAMED,
    UNSYNTHESISED,
    UNTESTED,
    VOIDS,
    GapMap,
    Voices,
    compute_gaps,
    compute_voices,
)
from relnotes.figures.figure import Description, Figure
from relnotes.figures.register import registered
from relnotes.figures.style import (
    BAND,
    BLUE,
    EMPTY,
    FAINT,
    GREEN,
    INK,
    MARGIN,
    NOTE,
    PAGE,
    PAPER,
    QUIET,
    RULE,
    SHADES,
    VERMILION,
    counted,
    draw_boxes,
    draw_dots,
    draw_lines,
    heading_height,
    house_style,
    listed,
    sheet,
    shortened,
    text_width,
    widest,
    wrapped,
    write,
    write_heading,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relnotes.evidence.collection import Collection

VOID_WORDS: Final = {
    UNNAMED: "no framework names it",
    UNTESTED: "named, but no claim or study",
    UNSYNTHESISED: "studies, but no synthesis",
    CLAIMED: "claims, but no study",
    OPEN: "not yet coded",
}
SIDE_WORDS: Final = {
    "design": "design",
    "setting": "setting",
    "jurisdiction": "jurisdiction",
    "people": "people concerned",
    "voices": "voice",
}
_VOID_SENTENCE: Final[dict[str, Callable[[int], str]]] = {
    UNNAMED: lambda n: f"{'is' if n == 1 else 'are'} named by no framework",
    UNTESTED: lambda n: (
        f"{'is' if n == 1 else 'are'} named by a framework, but no claim, study or synthesis here "
        f"bears on {'it' if n == 1 else 'them'}"
    ),
    UNSYNTHESISED: lambda n: f"{'has' if n == 1 else 'have'} a study, but no synthesis",
}
_NO_VOID: Final = {
    UNNAMED: "No concept is known that no framework names.",
    UNTESTED: "No concept is known to be named without a claim, study or synthesis about it.",
    UNSYNTHESISED: "No concept is known to have a study, but no synthesis.",
}
MOST_COLUMNS: Final = 20
MOST_SOURCES: Final = 26
"""Sources beyond which a column is a group instead of a source."""
MOST_GROUPS: Final = 12

_ROW: Final = 12.0
_HEAD: Final = 15.0
_LABELS: Final = 112.0
_CLAIMS: Final = {"for": ("^", BLUE), "against": ("v", VERMILION), "mixed": ("D", QUIET)}
_ASIDE: Final = {"for": -4.0, "against": 4.0, "mixed": 0.0}
_OTHER: Final = "all others"
_TILTED: Final = 52.0


# ---------------------------------------------------------------- words


def found_gaps(gaps: GapMap) -> tuple[str, ...]:
    """Say what the gap map shows, in sentences computed from it.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_gaps(compute_gaps(Collection.of({})))
    ('The codebook holds no concepts yet.',)
    """
    concepts = gaps.concepts
    if concepts.empty:
        return ("The codebook holds no concepts yet.",)
    total = len(concepts)
    sentences = []
    for void in VOIDS:
        labels = list(concepts.loc[concepts["void"] == void, "label"])
        if labels:
            sentences.append(
                f"{counted(len(labels), 'concept')} of {total:,} "
                f"{_VOID_SENTENCE[void](len(labels))}: {listed(labels, most=6)}."
            )
        else:
            sentences.append(_NO_VOID[void])
    alone = list(concepts.loc[concepts["void"] == CLAIMED, "label"])
    if alone:
        sentences.append(
            f"{counted(len(alone), 'concept')} {'has' if len(alone) == 1 else 'have'} claims, but "
            f"no study or synthesis here: {listed(alone, most=6)}."
        )
    still = list(concepts.loc[concepts["void"] == OPEN, "label"])
    if still:
        sentences.append(
            f"Of {counted(len(still), 'concept')} nothing can be said yet, because a work or "
            f"claim that bears on it is not coded: {listed(still, most=6)}."
        )
    most = concepts.sort_values(["works", "label"], ascending=[False, True]).iloc[0]
    if most["works"]:
        sentences.append(
            f"{most['label']} has the most works, {most['works']:,}; they bear on it, which does "
            "not say that they show an effect."
        )
    against = int(concepts["against"].sum() + concepts["mixed"].sum())
    if concepts["claims"].sum():
        links = int(concepts["claims"].sum())
        sentences.append(
            f"Of {counted(links, 'link')} between a claim and a concept, "
            f"{f'{against:,} speak' if against > 1 else '1 speaks' if against else 'none speaks'} "
            "against it or both ways."
        )
    return tuple(sentences)


def describe_gaps(gaps: GapMap) -> Description:
    """Say in words which concepts have which evidence."""
    title = "Which concepts have evidence, and where is there none?"
    found = found_gaps(gaps)
    concepts = gaps.concepts
    if concepts.empty:
        return Description(title, found[0], "An empty map: there are no concepts.", found[0])
    numbers = {void: int((concepts["void"] == void).sum()) for void in (*VOIDS, OPEN)}
    return Description(
        title,
        f"{' '.join(found)} A work bears on a concept when an element that names the concept, or a "
        "claim about it, rests on the work.",
        f"Tile map of {counted(len(concepts), 'concept')}: frameworks, claims and works by kind of "
        f"design. Voids: {numbers[UNNAMED]} named by no framework, {numbers[UNTESTED]} without "
        f"claim or study, {numbers[UNSYNTHESISED]} without synthesis; {numbers[OPEN]} not coded.",
        " ".join(
            f"{row['label']}: {counted(row['frameworks'], 'framework')}, "
            f"{counted(row['claims'], 'claim')}, "
            f"{counted(row[SYNTHESIS], 'synthesis', 'syntheses')}, "
            f"{counted(row[STUDY], 'study', 'studies')}"
            + (f"; {VOID_WORDS[row['void']]}" if row["void"] else "")
            + "."
            for row in concepts.to_dict("records")
        ),
    )


# ---------------------------------------------------------------- the tile map


def plot_gaps(gaps: GapMap, ax: Axes | None = None) -> Figure:
    """Draw the concepts with their frameworks, claims and works, and the voids among them."""
    with house_style():
        description = describe_gaps(gaps)
        concepts = gaps.concepts
        lines = ["Works are named where they fit; the figures count frameworks, claims and works."]
        width = PAGE - 2 * MARGIN
        top = MARGIN + heading_height(description.title, lines, width) + 34
        rows = _rows(concepts, top)
        bottom = rows[-1][1] + _ROW if rows else top - 10
        page = sheet(PAGE, bottom + 12, ax)
        y = write_heading(page, description.title, lines if rows else [], width)
        if rows:
            _draw_void_key(page, y + 1)
            _draw_tiles(page, gaps, rows, top, bottom)
        else:
            write(page, MARGIN, y + 8, description.caption, colour=QUIET)
        names = dict(list(gaps.bearing.groupby("concept_id", sort=False)))
        nothing = gaps.bearing.iloc[:0]
        data = concepts.drop(columns=["row_ids"]).rename(columns={"label": "mark"})
        data = data[["mark", *data.columns.drop("mark")]]
        for kind in (SYNTHESIS, STUDY, SUMMARY, NO_STUDY, UNCODED):
            data[f"{kind}: works"] = [
                "; ".join(group.loc[group["kind"] == kind, "label"])
                for group in (names.get(c, nothing) for c in concepts["concept_id"])
            ]
        marks = dict(
            zip(
                concepts["label"],
                [
                    rows or (f"concepts:{c}",)
                    for rows, c in zip(concepts["row_ids"], concepts["concept_id"], strict=True)
                ],
                strict=True,
            )
        )
        return Figure.described(
            "gaps-map",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
        )


def _rows(concepts: pd.DataFrame, top: float) -> list[tuple[int, float, str]]:
    """Place the concepts: number, top of the row, and the theme that begins there."""
    themes = list(concepts["theme"])
    runs = sum(1 for n, theme in enumerate(themes) if n == 0 or themes[n - 1] != theme)
    together = runs == len(set(themes)) and runs < len(themes)
    rows, y = [], top
    for number, theme in enumerate(themes):
        begins = together and (number == 0 or themes[number - 1] != theme)
        if begins:
            y += _HEAD
        rows.append((number, y, theme if begins else ""))
        y += _ROW
    return rows


def _draw_labels(ax: Axes, concepts: pd.DataFrame, rows: Sequence[tuple[int, float, str]]) -> None:
    for number, y, theme in rows:
        if theme:
            write(ax, MARGIN, y - 3.5, theme, size=NOTE, colour=QUIET)
            draw_lines(ax, [(MARGIN, y - 0.5, PAGE - MARGIN, y - 0.5)], RULE)
        label = str(concepts["label"][number])
        write(
            ax, MARGIN + 2, y + 8.6, shortened(label, _LABELS - 4, NOTE), size=NOTE, weight="bold"
        )


_TILES: Final = {
    "frameworks": (MARGIN + _LABELS + 2, 40.0),
    "claims": (MARGIN + _LABELS + 46, 48.0),
    SYNTHESIS: (MARGIN + _LABELS + 98, 118.0),
    STUDY: (MARGIN + _LABELS + 220, 74.0),
    SUMMARY: (MARGIN + _LABELS + 298, 16.0),
    NO_STUDY: (MARGIN + _LABELS + 317, 16.0),
    UNCODED: (MARGIN + _LABELS + 336, 18.0),
}
_TILE_HEADS: Final = {
    "frameworks": "frameworks",
    "claims": "claims",
    SYNTHESIS: "syntheses",
    STUDY: "studies",
}


def _draw_tiles(
    ax: Axes,
    gaps: GapMap,
    rows: Sequence[tuple[int, float, str]],
    top: float,
    bottom: float,
) -> None:
    concepts = gaps.concepts
    _draw_labels(ax, concepts, rows)
    first = rows[0][1] - (_HEAD if rows[0][2] else 0)
    for name, head in _TILE_HEADS.items():
        write(ax, _TILES[name][0] + 2, first - 4, head, size=NOTE, colour=QUIET)
    for name, head in ((SUMMARY, "summaries"), (NO_STUDY, "no study"), (UNCODED, "not yet coded")):
        write(
            ax,
            _TILES[name][0] + 6,
            first - 4,
            head,
            size=NOTE,
            colour=QUIET,
            rotation=_TILTED,
            rotation_mode="anchor",
        )
    named = {
        key: list(group["label"])
        for key, group in gaps.bearing.groupby(["concept_id", "kind"], sort=False)
    }
    tiles: list[tuple[float, float, float, float]] = []
    shades: list[str] = []
    hatched: list[tuple[float, float, float, float]] = []
    outlined: list[tuple[float, float, float, float]] = []
    pale: list[tuple[float, float, float, float]] = []
    for number, y, _ in rows:
        row = concepts.iloc[number]
        void = row["void"]
        for name, (x, width) in _TILES.items():
            count = int(row[name])
            if not count:
                continue
            box = (x, y + 0.8, width, _ROW - 1.6)
            if name == UNCODED:
                hatched.append(box)
            elif name != "claims":
                tiles.append(box)
                shades.append(SHADES[0] if count < 3 else SHADES[1])
            if name in (SYNTHESIS, STUDY):
                text = _names(named.get((row["concept_id"], name), []), width - 5)
                write(ax, x + 2.5, y + 8.6, text, size=NOTE)
            elif name == "claims":
                _draw_claims(ax, row, x, y)
            else:
                write(
                    ax,
                    x + width / 2,
                    y + 8.6,
                    f"{count:,}",
                    size=NOTE,
                    align="center",
                    bbox=_BACKED if name == UNCODED else None,
                )
        if not void:
            continue
        x, width = _void_place(row)
        box = (x, y + 1.4, width, _ROW - 2.8)
        {OPEN: hatched, CLAIMED: pale}.get(void, outlined).append(box)
        words = _VOID_NOTES[void]
        if text_width(words, NOTE) < width:
            write(
                ax,
                x + width / 2,
                y + 8.6,
                words,
                size=NOTE,
                align="center",
                colour=VERMILION if void in VOIDS else QUIET,
                bbox=_BACKED if void == OPEN else None,
            )
    draw_boxes(ax, tiles, shades or "none", zorder=1)
    _draw_hatched(ax, hatched)
    draw_boxes(ax, outlined, PAPER, edgecolors=VERMILION, linewidths=0.9, zorder=1)
    draw_boxes(ax, pale, PAPER, edgecolors=FAINT, linewidths=0.7, linestyles="--", zorder=1)


_BACKED: Final = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8}


def _draw_hatched(ax: Axes, boxes: Sequence[Sequence[float]]) -> None:
    if boxes:
        draw_boxes(ax, boxes, PAPER, edgecolors=FAINT, linewidths=0.4, hatch="/////", zorder=1)


_VOID_NOTES: Final = {
    UNNAMED: "none",
    UNTESTED: "no claim, no study",
    UNSYNTHESISED: "no synthesis",
    CLAIMED: "claims only",
    OPEN: "not yet coded",
}


def _void_place(row: pd.Series[str]) -> tuple[float, float]:
    """Return where a void is drawn: in the place of what is missing."""
    if row["void"] == UNNAMED or not row["frameworks"]:
        return _TILES["frameworks"]
    if row["void"] == UNTESTED:
        left = _TILES["claims"][0]
        return left, _TILES[STUDY][0] + _TILES[STUDY][1] - left
    if row["void"] == CLAIMED:
        left = _TILES[SYNTHESIS][0]
        return left, _TILES[STUDY][0] + _TILES[STUDY][1] - left
    return _TILES[SYNTHESIS]


def _names(labels: Sequence[str], room: float) -> str:
    """Write as many names as fit, and how many more there are."""
    plain = [label.replace("(", "").replace(")", "") for label in labels]
    for shown in range(len(plain), 0, -1):
        more = f" +{len(plain) - shown}" if shown < len(plain) else ""
        text = ", ".join(plain[:shown]) + more
        if text_width(text, NOTE) <= room:
            return text
    creators, _, year = plain[0].rpartition(" ")
    tail = f" {year}" + (f" +{len(plain) - 1}" if len(plain) > 1 else "")
    return shortened(creators, room - text_width(tail, NOTE), NOTE) + tail


def _draw_claims(ax: Axes, row: pd.Series[str], x: float, y: float) -> None:
    place = x + 4
    for direction in DIRECTIONS:
        count = int(row[direction])
        if count:
            marker, colour = _CLAIMS[direction]
            draw_dots(ax, [place], [y + 6], 4.5, colour, marker, zorder=3)
            text = f"{count:,}"
            write(ax, place + 4, y + 8.6, text, size=NOTE)
            place += 12 + text_width(text, NOTE)


def _draw_void_key(ax: Axes, y: float) -> None:
    x = MARGIN
    for direction in DIRECTIONS:
        marker, colour = _CLAIMS[direction]
        draw_dots(ax, [x + 3], [y], 4.5, colour, marker)
        x = _after(ax, x + 8, y, f"claim {direction}" + (" it" if direction != "mixed" else ""))
    draw_boxes(ax, [(x, y - 4.5, 12, 9)], PAPER, edgecolors=VERMILION, linewidths=0.9)
    x = _after(ax, x + 16, y, "void")
    draw_boxes(ax, [(x, y - 4.5, 12, 9)], PAPER, edgecolors=FAINT, linewidths=0.7, linestyles="--")
    x = _after(ax, x + 16, y, "no study")
    _draw_hatched(ax, [(x, y - 4.5, 12, 9)])
    _after(ax, x + 16, y, "not yet coded: no void")


def _after(ax: Axes, x: float, y: float, text: str) -> float:
    write(ax, x, y + 2.5, text, size=NOTE)
    return x + text_width(text, NOTE) + 12


@registered("gaps-map")
def gaps_map(collection: Collection) -> Figure:
    """Draw which concepts of a collection have which evidence."""
    return plot_gaps(compute_gaps(collection))


# ---------------------------------------------------------------- the bubble map


def describe_gap_bubbles(gaps: GapMap) -> Description:
    """Say in words in which columns concepts are named and studied."""
    side = SIDE_WORDS[gaps.by]
    title = f"Which concepts are named and studied, by {side}?"
    cells = gaps.cells
    if gaps.concepts.empty or cells.empty:
        none = f"Nothing in the collection bears on a concept by {side} yet."
        return Description(title, none, f"An empty map: {none}", none)
    labels = dict(zip(gaps.concepts["concept_id"], gaps.concepts["label"], strict=True))
    named = cells[(cells["frameworks"] > 0) & (cells["works"] == 0)]
    known = cells[~cells["column"].isin(_NOT_KNOWN)]
    parts = []
    if (known["works"] > 0).any():
        most = known.sort_values(["works", "column"], ascending=[False, True]).iloc[0]
        parts.append(
            f"Most works meet at {labels[most['concept_id']]} and {most['column']}: "
            f"{most['works']:,}."
        )
    if len(named):
        alone = named["column"].value_counts()
        alone = alone[~alone.index.isin(_NOT_KNOWN)]
        if len(alone):
            parts.append(
                f"In {alone.index[0]}, {counted(int(alone.iloc[0]), 'concept')} "
                f"{'is' if alone.iloc[0] == 1 else 'are'} named by a framework without a work "
                "from there that bears on it."
            )
    uncoded = int(cells.loc[cells["column"] == "not yet coded", "works"].sum())
    if uncoded:
        parts.append(
            f"The hatched column holds what is not yet coded, {counted(uncoded, 'pair')} of work "
            "and concept: an empty place beside it is no proof of a void."
        )
    return Description(
        title,
        " ".join(parts)
        + " The ring grows with the frameworks, the disc with the works, a triangle marks claims.",
        f"Bubble map of {counted(len(gaps.concepts), 'concept')} by "
        f"{counted(len(gaps.columns), 'column')} of {side}; rings are frameworks, discs works.",
        " ".join(
            f"{labels[row['concept_id']]} × {row['column']}: "
            f"{counted(row['frameworks'], 'framework')}, {counted(row['works'], 'work')}, "
            f"{counted(row['for'] + row['against'] + row['mixed'], 'claim')}."
            for row in cells.to_dict("records")
        ),
    )


_NOT_KNOWN: Final = ("not reported", "does not apply", "not yet coded")


def plot_gap_bubbles(gaps: GapMap, ax: Axes | None = None) -> Figure:
    """Draw a ring for the frameworks and a disc for the works of each concept and column."""
    with house_style():
        description = describe_gap_bubbles(gaps)
        concepts, columns = gaps.concepts, _few_columns(gaps.columns)
        cells = gaps.cells.assign(
            place=gaps.cells["column"].where(gaps.cells["column"].isin(columns), _OTHER)
        )
        empty = concepts.empty or cells.empty
        width = PAGE - 2 * MARGIN
        lines = ["Ring: frameworks that name it. Disc: works that bear on it."]
        head = max([text_width(shortened(c, 120, NOTE), NOTE) for c in columns], default=0) * 0.78
        top = MARGIN + heading_height(description.title, lines, width) + 22 + head
        rows = [] if empty else _rows(concepts, top)
        bottom = rows[-1][1] + _ROW if rows else MARGIN + 40
        page = sheet(PAGE, bottom + 12, ax)
        y = write_heading(page, description.title, [] if empty else lines, width)
        if empty:
            write(page, MARGIN, y + 4, description.caption, colour=QUIET)
        else:
            _draw_bubbles(page, gaps, cells, columns, rows, y)
        labels = dict(zip(concepts["concept_id"], concepts["label"], strict=True))
        data = cells.drop(columns=["row_ids", "place", "concept_id"])
        data.insert(0, "concept", cells["concept_id"].map(labels).astype("str"))
        data.insert(0, "mark", data["concept"] + " × " + data["column"])
        marks = {
            mark: tuple(dict.fromkeys(ids))
            for mark, ids in zip(data["mark"], cells["row_ids"], strict=True)
        }
        return Figure.described(
            f"gaps-{gaps.by}",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
            choices={"by": gaps.by},
        )


def _few_columns(columns: Sequence[str]) -> list[str]:
    known = [c for c in columns if c not in _NOT_KNOWN]
    last = [c for c in columns if c in _NOT_KNOWN]
    if len(columns) <= MOST_COLUMNS:
        return [*known, *last]
    return [*known[: MOST_COLUMNS - len(last) - 1], _OTHER, *last]


def _draw_bubbles(
    ax: Axes,
    gaps: GapMap,
    cells: pd.DataFrame,
    columns: Sequence[str],
    rows: Sequence[tuple[int, float, str]],
    key: float,
) -> None:
    _draw_labels(ax, gaps.concepts, rows)
    left = MARGIN + _LABELS + 4
    step = min((PAGE - MARGIN - left - 56) / len(columns), 30.0)
    across = {column: left + (n + 0.5) * step for n, column in enumerate(columns)}
    top = rows[0][1] - (_HEAD if rows[0][2] else 0)
    bottom = rows[-1][1] + _ROW
    for column, x in across.items():
        write(
            ax,
            x + 2,
            top - 5,
            shortened(column, 120, NOTE),
            size=NOTE,
            colour=QUIET,
            rotation=_TILTED,
            rotation_mode="anchor",
        )
    draw_lines(ax, [(x, top, x, bottom) for x in across.values()], EMPTY, zorder=0.3)
    unknown = [across[c] for c in columns if c == "not yet coded"]
    _draw_hatched(ax, [(x - step / 2 + 1, top, step - 2, bottom - top) for x in unknown])
    down = {gaps.concepts["concept_id"][n]: y + _ROW / 2 for n, y, _ in rows}
    together = cells.groupby(["concept_id", "place"], sort=False)[
        ["frameworks", "works", *DIRECTIONS]
    ].sum()
    most = max(int(together["frameworks"].max()), int(together["works"].max()), 1)

    def size(count: int) -> float:
        return float(min(3.0 + 8.0 * (count / most) ** 0.5, 11.0))

    for name, face, edge in (("works", SHADES[3], "none"), ("frameworks", "none", INK)):
        for count in sorted(set(together[name]) - {0}):
            here = together.index[together[name] == count]
            draw_dots(
                ax,
                [across[c] for _, c in here],
                [down[i] for i, _ in here],
                size(int(count)),
                face,
                edgecolors=edge,
                linewidths=0.8,
                zorder=3 if name == "works" else 4,
            )
    for direction in DIRECTIONS:
        here = together.index[together[direction] > 0]
        marker, colour = _CLAIMS[direction]
        if len(here):
            draw_dots(
                ax,
                [across[c] + step / 2 - 3 for _, c in here],
                [down[i] + _ASIDE[direction] for i, _ in here],
                3.2,
                colour,
                marker,
                zorder=5,
            )
    x = MARGIN + 4
    for count in sorted({1, max(most // 2, 1), most}):
        draw_dots(ax, [x + 3], [key], size(count), SHADES[3])
        draw_dots(ax, [x + 16], [key], size(count), "none", edgecolors=INK, linewidths=0.8)
        x = _after(ax, x + 24, key, f"{count:,}")
    if together[list(DIRECTIONS)].to_numpy().any():
        for direction in DIRECTIONS:
            marker, colour = _CLAIMS[direction]
            draw_dots(ax, [x + 3], [key], 3.6, colour, marker)
            x = _after(ax, x + 8, key, f"claims {direction}")


@registered("gaps-setting")
def gaps_setting(collection: Collection) -> Figure:
    """Draw in which settings the concepts of a collection are named and studied."""
    return plot_gap_bubbles(compute_gaps(collection, "setting"))


# ---------------------------------------------------------------- whose voice


def found_voices(voices: Voices) -> tuple[str, ...]:
    """Say who was asked, in sentences computed from the map of voices.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_voices(compute_voices(Collection.of({})))
    ('No source is coded yet as having asked anybody.',)
    """
    sources, concepts = voices.sources, voices.concepts
    sentences = []
    if sources.empty:
        sentences.append("No source is coded yet as having asked anybody.")
    else:
        groups = sources.groupby("voice", sort=False)["source_id"].nunique()
        sentences.append(
            "Asked were "
            + listed([f"{voice} ({counted(int(n), 'source')})" for voice, n in groups.items()])
            + "."
        )
        of_voice = voices.cells.drop_duplicates(["concept_id", "voice"])["voice"].value_counts()
        for voice in groups.index:
            if voice not in of_voice.index:
                sentences.append(f"What {voice} said is linked to no concept yet.")
        one = concepts[concepts["asked"] > 0]
        none = concepts[concepts["asked"] == 0]
        sentences.append(
            f"On {len(one):,} of {counted(len(concepts), 'concept')} somebody was asked"
            + (
                f"; on {listed(list(none['label']), most=5)} nobody that is coded."
                if len(none)
                else "."
            )
        )
    if voices.uncoded:
        sentences.append(
            f"The voices of {counted(voices.uncoded, 'work')} are not yet coded, so an empty place "
            "says only that no coded source asked."
        )
    if len(voices.unheard):
        sentences.append(
            "In the words of the tables, these groups are concerned and not among those coded as "
            f"asked: {listed(list(voices.unheard['people']), most=8)}."
        )
    return tuple(sentences)


def describe_voices(voices: Voices) -> Description:
    """Say in words who was asked about which concept."""
    title = "Whose voice: who was asked about which concept?"
    found = found_voices(voices)
    sources, concepts = voices.sources, voices.concepts
    if sources.empty or concepts.empty:
        return Description(title, " ".join(found), f"An empty map: {found[0]}", " ".join(found))
    speaking = sources[sources["concepts"] > 0]
    silent = sources[sources["concepts"] == 0].drop_duplicates("source_id")
    caption = " ".join(found)
    if len(silent):
        caption += (
            f" Asked, but not drawn, because no judgement or claim links "
            f"{'it' if len(silent) == 1 else 'them'} to a concept: "
            f"{listed(list(silent['label']), most=6)}."
        )
    names = dict(zip(sources["source_id"], sources["label"], strict=True))
    labels = dict(zip(concepts["concept_id"], concepts["label"], strict=True))
    cells = voices.cells.drop_duplicates(["concept_id", "source_id", "voice"])
    return Description(
        title,
        caption,
        f"Map of {counted(len(concepts), 'concept')} by {counted(len(speaking), 'source')} that "
        f"asked {listed(list(speaking['voice'].unique()), most=5)}; a last column counts works "
        "whose voices are not yet coded.",
        " ".join(
            f"{labels[concept]}: "
            + ", ".join(
                f"{v} in {names[s]}" for v, s in zip(g["voice"], g["source_id"], strict=True)
            )
            + "."
            for concept, g in cells.groupby("concept_id", sort=False)
        ),
    )


def plot_voices(voices: Voices, ax: Axes | None = None) -> Figure:
    """Draw which accounts and works of which group bear on which concept."""
    with house_style():
        description = describe_voices(voices)
        speaking = voices.sources[voices.sources["concepts"] > 0].reset_index(drop=True)
        concepts = voices.concepts
        named = len(speaking) <= MOST_SOURCES
        empty = speaking.empty or concepts.empty
        width = PAGE - 2 * MARGIN
        what = "accounts (diamonds) and works (discs), by group" if named else "sources, counted"
        lines = [f"Columns are what people said: {what}."]
        heads = list(speaking["label"] if named else speaking["voice"])
        head = max([text_width(shortened(h, 110, NOTE), NOTE) for h in heads], default=0) * 0.8 + 12
        top = MARGIN + heading_height(description.title, lines, width) + head
        rows = [] if empty else _rows(concepts, top)
        bottom = rows[-1][1] + _ROW if rows else MARGIN + 56
        page = sheet(PAGE, bottom + (42 if named and rows else 12), ax)
        y = write_heading(page, description.title, [] if empty else lines, width)
        if empty:
            write(page, MARGIN, y + 4, found_voices(voices)[0], colour=QUIET)
        else:
            _draw_voices(page, voices, speaking, rows, named=named)
        data, marks = _voices_data(voices)
        return Figure.described(
            "gaps-voices",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
        )


def _draw_voices(
    ax: Axes,
    voices: Voices,
    speaking: pd.DataFrame,
    rows: Sequence[tuple[int, float, str]],
    *,
    named: bool,
) -> None:
    concepts, cells = voices.concepts, voices.cells
    _draw_labels(ax, concepts, rows)
    groups = list(dict.fromkeys(speaking["voice"]))
    if len(groups) > MOST_GROUPS:
        groups = [*groups[: MOST_GROUPS - 1], _OTHER]
        speaking = speaking.assign(
            voice=speaking["voice"].where(speaking["voice"].isin(groups), _OTHER)
        )
        cells = cells.assign(voice=cells["voice"].where(cells["voice"].isin(groups), _OTHER))
    left, right = MARGIN + _LABELS + 6, PAGE - MARGIN - 52
    sizes = {g: int((speaking["voice"] == g).sum()) if named else 1 for g in groups}
    least = {g: widest(g.split(), NOTE, "bold") + 2 if named else 0.0 for g in groups}
    step = next(
        each
        for each in (36.0, 32.0, 28.0, 24.0, 20.0, 16.0, 12.0, 9.0)
        if sum(max(n * each, least[g]) + 8 for g, n in sizes.items()) <= right - left or each == 9.0
    )
    top = rows[0][1] - (_HEAD if rows[0][2] else 0)
    bottom = rows[-1][1] + _ROW
    start, place, spans = left, {}, {}
    for group, many in sizes.items():
        wide = max(many * step, least[group])
        inside = start + (wide - many * step) / 2
        for n, source in enumerate(speaking.loc[speaking["voice"] == group, "source_id"]):
            place[group, source] = inside + ((n if named else 0) + 0.5) * step
        spans[group] = (start, start + wide)
        start += wide + 8
    draw_boxes(ax, [(a, top, b - a, bottom - top) for a, b in spans.values()], BAND, zorder=0.2)
    for group, (start, end) in spans.items():
        if named:
            for number, row in enumerate(wrapped(group, end - start, NOTE, "bold", most=4)):
                write(ax, start, bottom + 9 + number * 8.5, row, size=NOTE, weight="bold")
        else:
            write(
                ax,
                (start + end) / 2,
                top - 5,
                shortened(group, 110, NOTE),
                size=NOTE,
                rotation=_TILTED,
                rotation_mode="anchor",
            )
    if named:
        for source in speaking.to_dict("records"):
            x = place[str(source["voice"]), str(source["source_id"])]
            label = str(source["label"])
            if str(source["source_id"]).startswith("studies"):
                label = label.replace("(", "").replace(")", "")
            write(
                ax,
                x + 2,
                top - 5,
                shortened(label, 110, NOTE),
                size=NOTE,
                rotation=_TILTED,
                rotation_mode="anchor",
            )
    down = {concepts["concept_id"][n]: y + _ROW / 2 for n, y, _ in rows}
    draw_lines(ax, [(left, y, right, y) for y in down.values()], EMPTY, zorder=0.3)
    if named:
        _draw_sources(ax, cells, place, down)
    else:
        centre = {group: (start + end) / 2 for group, (start, end) in spans.items()}
        asked = cells.groupby(["concept_id", "voice"])["source_id"].nunique().reset_index()
        for cell in asked.to_dict("records"):
            across, y = centre[cell["voice"]], down[cell["concept_id"]]
            write(ax, across, y + 2.6, f"{cell['source_id']:,}", size=NOTE, align="center")
    x = PAGE - MARGIN - 38
    write(
        ax,
        x - 2,
        top - 5,
        "works not coded",
        size=NOTE,
        colour=QUIET,
        rotation=_TILTED,
        rotation_mode="anchor",
    )
    counts = [(int(concepts["uncoded"][n]), y) for n, y, _ in rows]
    _draw_hatched(ax, [(x - 9, y + 0.8, 18, _ROW - 1.6) for count, y in counts if count])
    for count, y in counts:
        if count:
            write(ax, x, y + 8.6, f"{count:,}", size=NOTE, align="center", bbox=_BACKED)


def _draw_sources(
    ax: Axes,
    cells: pd.DataFrame,
    place: Mapping[tuple[str, str], float],
    down: Mapping[str, float],
) -> None:
    """Draw a disc for a work and a diamond for an account that bears on a concept."""
    for table, marker, size, colour in (
        ("studies", "o", 6.0, BLUE),
        ("frameworks", "D", 5.0, GREEN),
    ):
        here = cells[cells["source_id"].str.startswith(table)]
        pairs = zip(here["voice"], here["source_id"], here["concept_id"], strict=True)
        points = sorted({(place[voice, source], down[c]) for voice, source, c in pairs})
        if points:
            draw_dots(
                ax, [p[0] for p in points], [p[1] for p in points], size, colour, marker, zorder=3
            )


def _voices_data(voices: Voices) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    labels = dict(zip(voices.concepts["concept_id"], voices.concepts["label"], strict=True))
    names = dict(zip(voices.sources["source_id"], voices.sources["label"], strict=True))
    cells = voices.cells
    data = pd.DataFrame(
        {
            "concept": cells["concept_id"].map(labels).astype("str"),
            "voice": cells["voice"],
            "source": cells["source_id"].map(names).astype("str"),
            "row": cells["source_id"],
        }
    )
    data.insert(0, "mark", data["concept"] + " × " + data["voice"])
    marks: dict[str, tuple[str, ...]] = {}
    for mark, source, rows in zip(data["mark"], data["row"], cells["row_ids"], strict=True):
        marks[mark] = tuple(dict.fromkeys((*marks.get(mark, ()), source, *rows)))
    return data, marks


@registered("gaps-voices")
def gaps_voices(collection: Collection) -> Figure:
    """Draw who was asked about which concept of a collection."""
    return plot_voices(compute_voices(collection))
