"""Tables of text, as wide as a terminal is or as wide as they want to be.

What is too wide gets, in this order: folded headings, fewer columns (those that are dispensable, from the right), folded texts,
fewer columns still, and where no more than a few would be left, a list in place of each row.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

GAP = "  "
LEAST_TEXT = 12
COMFORTABLE_TEXT = 32
"""columns of a terminal: texts are not folded to less; not for the sake of dispensable columns"""
LEAST_COLUMNS = 3
"""what has fewer is no table"""


class Heading(NamedTuple):
    """Of one column."""

    title: str
    is_number: bool = False
    dispensable: bool = False
    important: bool = False
    """left out after all others"""


class Field(NamedTuple):
    """A text without line ends, and how to colour it once it is padded."""

    text: str
    color: Callable[[str], str] = str


class Drawn(NamedTuple):
    """The lines, and the titles of the columns that were left out."""

    lines: list[str]
    left_out: list[str]


def draw(
    headings: Sequence[Heading], rows: Sequence[Sequence[Field]], width: int | None, bold: Callable[[str], str] = str
) -> Drawn:
    """The table in lines of at most `width` columns (None: any); every row has a field for each heading."""
    shown = list(range(len(headings)))
    cells = [max((cell_len(row[index].text) for row in rows), default=0) for index in shown]
    widths = [max(cell, cell_len(heading.title)) for cell, heading in zip(cells, headings, strict=True)]
    if width is None or _total(widths, shown) <= width:
        return Drawn(list(_lines(headings, rows, shown, widths, bold)), [])
    words = [max(map(cell_len, heading.title.split()), default=0) for heading in headings]
    widths = [max(cell, word) for cell, word in zip(cells, words, strict=True)]

    def folded_to(text: int) -> list[int]:
        return [
            least if heading.is_number else max(min(least, text), word)
            for heading, least, word in zip(headings, widths, words, strict=True)
        ]

    columns = range(len(headings) - 1, 0, -1)
    for index in (each for each in columns if headings[each].dispensable):
        if _total(folded_to(COMFORTABLE_TEXT), shown) > width:
            shown.remove(index)
    for index in (each for each in columns if each in shown and not headings[each].important):
        if _total(folded_to(LEAST_TEXT), shown) > width and len(shown) > LEAST_COLUMNS:
            shown.remove(index)
    left_out = [heading.title for index, heading in enumerate(headings) if index not in shown]
    least = folded_to(LEAST_TEXT)
    while _total(widths, shown) > width:
        widest = max(shown, key=lambda index: widths[index] if widths[index] > least[index] else 0)
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    if _total(widths, shown) > width:
        return Drawn(list(_lists(headings, rows, width, bold)), [])
    return Drawn(list(_lines(headings, rows, shown, widths, bold)), left_out)


def fold(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, at spaces where there are any."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
        else:
            pieces = chop_cells(word, width)
            lines[len(lines) if lines[-1] else 0 :] = pieces
    return lines


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[index] for index in shown) + len(GAP) * (len(shown) - 1)


def _lines(
    headings: Sequence[Heading],
    rows: Sequence[Sequence[Field]],
    shown: Sequence[int],
    widths: Sequence[int],
    bold: Callable[[str], str],
) -> Iterator[str]:
    titles = [Field(heading.title, bold) for heading in headings]
    yield from _row(titles, headings, shown, widths, at_bottom=True)
    for row in rows:
        yield from _row(row, headings, shown, widths)


def _row(
    row: Sequence[Field],
    headings: Sequence[Heading],
    shown: Sequence[int],
    widths: Sequence[int],
    *,
    at_bottom: bool = False,
) -> Iterator[str]:
    folded = {index: fold(row[index].text, max(widths[index], 1)) for index in shown}
    height = max(map(len, folded.values()), default=0)
    for number in range(height):
        parts = []
        for index in shown:
            lines = folded[index]
            at = number - (height - len(lines) if at_bottom else 0)
            text = lines[at] if 0 <= at < len(lines) else ""
            space = " " * (widths[index] - cell_len(text))
            colored = row[index].color(text) if text else ""
            parts.append(space + colored if headings[index].is_number else colored + space)
        yield GAP.join(parts).rstrip()


def _lists(
    headings: Sequence[Heading], rows: Sequence[Sequence[Field]], width: int, bold: Callable[[str], str]
) -> Iterator[str]:
    """Of each row what is not empty, a line each, below its first field."""
    for number, row in enumerate(rows):
        if number:
            yield ""
        yield from map(bold, fold(row[0].text, width))
        for heading, field in zip(headings[1:], row[1:], strict=True):
            if field.text:
                lines = fold(f"{heading.title}: {field.text}", max(width - 2, 1))
                yield from (f"  {field.color(line)}" for line in lines)
