"""Tables of text, as wide as a terminal is or as wide as they want to be.

What is too wide gets, in this order: folded headings, fewer columns (those that are dispensable, from the right), folded texts
and, where all that is not enough, a list in place of each row.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

GAP = "  "
LEAST_TEXT = 12
"""columns of a terminal; texts are not folded to less, unless they are shorter"""


class Heading(NamedTuple):
    """Of one column."""

    title: str
    is_number: bool = False
    dispensable: bool = False


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
    for index in reversed(range(len(headings))):
        if _total(widths, shown) > width and headings[index].dispensable:
            shown.remove(index)
    left_out = [heading.title for index, heading in enumerate(headings) if index not in shown]
    texts = [index for index in shown if not headings[index].is_number]
    while texts and _total(widths, shown) > width:
        widest = max(texts, key=widths.__getitem__)
        if widths[widest] <= max(LEAST_TEXT, words[widest]):
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
