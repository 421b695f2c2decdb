"""Tables in Markdown."""

from collections.abc import Sequence


def table(title: str, note: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A section with one table, ready for docs/performance.md."""
    lines = [f"## {title}", "", note, "", _line(columns), _line(["---"] + ["---:"] * (len(columns) - 1))]
    return "\n".join([*lines, *map(_line, rows), ""])


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(_text, cells))} |"


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
