"""What is wrong with an inventory, and where: all of it at once."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

Key = tuple[str | int, ...]
"""path within a file: ("hosts", "r1", "role"); of a CSV row the table and the row's name"""


class Problem(msgspec.Struct, frozen=True):
    """One mistake: `hosts.toml:14: hosts.r1.role: found "router", allowed: ...`."""

    file: str
    key: str
    message: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (where, self.key, self.message)))


class InventoryError(Exception):
    """All problems of an inventory; nothing is used of one that has any."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class Spot(msgspec.Struct, frozen=True):
    """Where something is written: the file as it is named to people, the key, and the line where it is known."""

    file: str
    key: Key = ()
    line: int | None = None

    def __truediv__(self, part: str | int) -> "Spot":
        return Spot(self.file, (*self.key, part), self.line)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {written_key(self.key)}" if self.key else where


class Problems:
    """Collects problems with their spots; lines within TOML files are looked up only once something is wrong."""

    def __init__(self) -> None:
        self._found: list[tuple[Spot, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, spot: Spot, message: str) -> None:
        self._found.append((spot, message))

    def error(self) -> InventoryError:
        """All of them, in the order of files and lines as far as these are known, each once."""
        lines = {spot.file: _toml_lines(spot.file) for spot, _ in self._found if not spot.file.endswith(".csv")}
        problems = [
            Problem(spot.file, written_key(spot.key), message, spot.line or _line(lines.get(spot.file, {}), spot.key))
            for spot, message in self._found
        ]
        order = {file: n for n, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
        problems.sort(key=lambda problem: (order[problem.file], problem.line or 0))
        return InventoryError(list(dict.fromkeys(problems)))


def written_key(key: Key) -> str:
    """A key as TOML writes it: `hosts."r1.example".links[0]`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]+", part) else f'"{visible(part)}"')
    return text


def visible(text: str, limit: int = 60) -> str:
    """Text of a file, fit for a message: control characters escaped, cut at `limit` characters."""
    text = text if len(text) <= limit else text[: limit - 3] + "..."
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


# patterns are text, compiled by `re` when first used: most runs have no problem to place
_HEADER = r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$"
_ASSIGNMENT = r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*="
_PART = r"\"([^\"]*)\"|'([^']*)'|([\w-]+)"


def _toml_lines(file: str) -> dict[Key, int]:
    """The line of every header and of every key that starts a line. A help for messages: odd layouts only miss."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return {}
    lines: dict[Key, int] = {}
    arrays: dict[Key, int] = {}
    table: Key = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(_HEADER, line):
            table = _parts(header[2])
            if header[1] == "[[":
                arrays[table] = arrays.get(table, -1) + 1
                table = (*table, arrays[table])
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
        elif assignment := re.match(_ASSIGNMENT, line):
            lines.setdefault((*table, *_parts(assignment[1])), number)
    return lines


def _parts(dotted: str) -> Key:
    return tuple(match[1] or match[2] or match[3] or "" for match in re.finditer(_PART, dotted))


def _line(lines: dict[Key, int], key: Key) -> int | None:
    """The line of `key`, else of the nearest table around it."""
    for length in range(len(key), 0, -1):
        if key[:length] in lines:
            return lines[key[:length]]
    return None
