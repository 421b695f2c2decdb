"""Tables of text keep to the width they are given, and lose nothing without saying so."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from collector.cli.report_table import spark
from collector.cli.text_table import Field, Heading, draw, fold

HEADINGS = (
    Heading("Host"),
    Heading("95th percentile", is_number=True),
    Heading("Verdict", important=True),
    Heading("Provider of the line", dispensable=True),
    Heading("Over 80%", is_number=True, dispensable=True),
)
ROWS = (
    tuple(map(Field, ("r1", "1.9 Mbps", "full", "VNPT", "1 h 30 min"))),
    tuple(map(Field, ("a host with a name of many words", "", "fine", "", "0 s"))),
)

TEXTS = st.text(st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="\u00a0"), max_size=40).map(
    str.strip
)


def lines(width: int | None) -> list[str]:
    return draw(HEADINGS, ROWS, width).lines


def test_all_on_a_line_where_there_is_room() -> None:
    assert lines(None) == lines(200) == [
        "Host                              95th percentile  Verdict  Provider of the line    Over 80%",
        "r1                                       1.9 Mbps  full     VNPT                  1 h 30 min",
        "a host with a name of many words                   fine                                  0 s",
    ]  # fmt: skip


def test_headings_are_folded_first() -> None:
    assert lines(76) == [
        "                                                       Provider",
        "                                        95th           of the",
        "Host                              percentile  Verdict  line        Over 80%",
        "r1                                  1.9 Mbps  full     VNPT      1 h 30 min",
        "a host with a name of many words              fine                      0 s",
    ]
    assert draw(HEADINGS, ROWS, 76).left_out == []


def test_then_dispensable_columns_go_and_are_named() -> None:
    drawn = draw(HEADINGS, ROWS, 64)
    assert drawn.left_out == ["Over 80%"]
    drawn = draw(HEADINGS, ROWS, 54)
    assert drawn.left_out == ["Provider of the line", "Over 80%"]
    assert drawn.lines == [
        "                                        95th",
        "Host                              percentile  Verdict",
        "r1                                  1.9 Mbps  full",
        "a host with a name of many words              fine",
    ]


def test_then_texts_are_folded() -> None:
    assert lines(35) == [
        "                      95th",
        "Host            percentile  Verdict",
        "r1                1.9 Mbps  full",
        "a host with a               fine",
        "name of many",
        "words",
    ]


def test_and_at_last_rows_are_lists() -> None:
    assert lines(20) == [
        "r1",
        "  95th percentile:",
        "  1.9 Mbps",
        "  Verdict: full",
        "  Provider of the",
        "  line: VNPT",
        "  Over 80%: 1 h 30",
        "  min",
        "",
        "a host with a name",
        "of many words",
        "  Verdict: fine",
        "  Over 80%: 0 s",
    ]


@given(
    rows=st.lists(st.lists(TEXTS, min_size=4, max_size=4), max_size=4),
    kinds=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=4, max_size=4),
    titles=st.lists(TEXTS, min_size=4, max_size=4),
    width=st.integers(8, 120),
)
def test_nothing_is_wider_than_the_terminal_and_nothing_is_lost(
    rows: list[list[str]], kinds: list[tuple[bool, bool, bool]], titles: list[str], width: int
) -> None:
    titles = [f"{number} {title}" for number, title in enumerate(titles)]
    headings = [Heading(title, *kind) for title, kind in zip(titles, kinds, strict=True)]
    fields = [[Field(text, lambda text: click.style(text, fg="red")) for text in row] for row in rows]
    drawn = draw(headings, fields, width, lambda text: click.style(text, bold=True))
    shown = [click.unstyle(line) for line in drawn.lines]
    assert all(cell_len(line) <= width for line in shown)
    left_out = list(drawn.left_out)
    signs = "".join("".join(shown).split())
    for index, title in enumerate(titles):
        if title in left_out:
            left_out.remove(title)
        else:
            for row in rows:
                assert set("".join(row[index].split())) <= set(signs)


@given(text=TEXTS, width=st.integers(2, 30))
def test_folded_texts_have_all_their_words(text: str, width: int) -> None:
    folded = fold(text, width)
    assert all(cell_len(line) <= width for line in folded)
    assert "".join("".join(folded).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ((), ""),
        ((None, None), ""),
        ((0.0, 1.0, None, 7.0), "▁▂ █"),
        ((5.0, 5.0), "██"),
        ((0.0, 0.0), "▁▁"),
        ((-1.0, 1.0), "▁█"),
        ((float("nan"), 1.0), " █"),
        (tuple(float(number) for number in range(48)), "▁▁▂▂▂▃▃▃▃▄▄▄▅▅▅▆▆▆▆▇▇▇██"),
    ],
)
def test_sparklines(values: tuple[float | None, ...], bars: str) -> None:
    assert spark(values) == bars
