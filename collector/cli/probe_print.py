"""How the parts of a probe are printed."""

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from collector.cli.app import printable


def head(console: Console, title: str) -> None:
    """A part's title."""
    console.print()
    console.print(Text(title, "bold cyan"))


def line(console: Console, text: str, style: str = "") -> None:
    """One line, indented; what devices say is escaped."""
    console.print(Padding(Text(printable(text), style), (0, 0, 0, 2), expand=False))


def grid(console: Console, columns: Iterable[str], rows: Iterable[Iterable[str]], right: Iterable[str] = ()) -> None:
    """A table without lines; columns in `right` are numbers."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def more(console: Console, left: int, what: str) -> None:
    """How much was left out."""
    if left > 0:
        line(console, f"... and {left} more {what} (--all shows them)", "dim")
