"""What is wrong with a family file."""

import difflib
from collections.abc import Iterable, Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True, order=True):
    """One mistake in a family file.

    Attributes:
        file: the file's path as the user knows it.
        key: where in it, "table.interface.fields.in_octets.scale"; empty for the file as a whole.
        reason: what was found and what is allowed.
    """

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.reason) if part)


class FamilyError(Exception):
    """A family cannot be used.

    Attributes:
        problems: all that is wrong with its files, in their order.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class HookError(Exception):
    """A family's own Python function failed on the rows of a table."""


def unknown(what: str, found: object, allowed: Iterable[str]) -> str:
    """The reason for a name that does not exist, with the nearest that does."""
    names = sorted(allowed)
    text = str(found)
    close = [name for name in names if len(text) > 2 and name.startswith(text)]
    close = close or difflib.get_close_matches(text, names, n=1)
    if close:
        return f"unknown {what} {found!r}; did you mean {close[0]!r}?"
    return f"unknown {what} {found!r}; allowed are {', '.join(names) or 'none'}"
