"""Takes a parsed TOML table apart and notes every mistake in it, not only the first."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from collector.plugin.errors import Problem, unknown
from collector.smi import oid as oids
from collector.smi.oid import Oid

_T = TypeVar("_T")
_NAMES: dict[type, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
NO_OID: Oid = b""
"""stands for an OID that was refused, so that reading can go on to the next mistake"""


class Reader:
    """A TOML table being read.

    Attributes:
        data: the table.
        file: path of its file, for messages.
        key: its own key, dotted.
        problems: where mistakes are noted; shared by all readers of one family.
    """

    def __init__(self, data: Mapping[str, Any], file: str, key: str, problems: list[Problem]) -> None:
        self.data = data
        self._known: set[str] = set()
        self.file = file
        self.key = key
        self.problems = problems

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def path(self, key: str) -> str:
        """`key` with the table's own key before it."""
        return f"{self.key}.{key}" if self.key and key else self.key or key

    def problem(self, key: str, reason: str) -> None:
        """Note a mistake at `key` of this table ("" for the table itself)."""
        self.problems.append(Problem(self.file, self.path(key), reason))

    def raw(self, key: str) -> Any:
        """Whatever stands at `key`, None where nothing does."""
        self._known.add(key)
        return self.data.get(key)

    def finish(self) -> None:
        """Note all keys that nobody asked for."""
        for key in self.data:
            if key not in self._known:
                self.problem(key, unknown("key", key, self._known))

    def value(self, key: str, kind: type[_T]) -> _T | None:
        """The value at `key` where it is of that type; a whole number passes for a float."""
        found = self.raw(key)
        if found is None:
            return None
        if kind is float and type(found) is int:
            return float(found)  # type: ignore[return-value]
        if type(found) is not kind:
            self.problem(key, f"{found!r} is not {_NAMES[kind]}")
            return None
        return found

    def required(self, key: str, kind: type[_T], otherwise: _T) -> _T:
        """As `value`, but it has to be there; `otherwise` lets reading go on."""
        if key not in self.data:
            self._known.add(key)
            self.problem("", f"{key!r} is missing")
            return otherwise
        found = self.value(key, kind)
        return otherwise if found is None else found

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts at `key`; empty where there is none."""
        found = self.raw(key)
        if found is None:
            return ()
        items = [found] if isinstance(found, str) else found
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            self.problem(key, f"{found!r} is neither a text nor a list of texts")
            return ()
        return tuple(items)

    def table(self, key: str) -> "Reader":
        """The table at `key`; an empty one where there is none."""
        found = self.raw(key)
        return (None if found is None else self.inner(key, found)) or self.at(key, {})

    def inner(self, key: str, found: object) -> "Reader | None":
        """A reader for `found`, which stands at `key`; None, with a problem noted, where it is no table."""
        if not isinstance(found, Mapping):
            self.problem(key, f"{found!r} is not a table of keys and values")
            return None
        return self.at(key, found)

    def at(self, key: str, found: Mapping[str, Any]) -> "Reader":
        """A reader for the table `found`, which stands at `key`."""
        return Reader(found, self.file, self.path(key), self.problems)

    def tables(self, key: str) -> Iterator["Reader"]:
        """The tables of the array `[[key]]`."""
        found = self.raw(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.problem(key, f"write [[{key}]], an array of tables")
            return
        for number, item in enumerate(found, 1):
            if inner := self.inner(f"{key}[{number}]", item):
                yield inner

    def everything(self) -> dict[str, Any]:
        """All keys and values as they stand, for a table that is put over this one."""
        return dict(self.data)

    def items(self) -> Iterator[tuple[str, Any]]:
        """All keys and values, for tables whose keys are free."""
        self._known.update(self.data)
        yield from self.data.items()

    def oid(self, key: str, found: object, base: str = "") -> Oid:
        """`found`, which stands at `key`, as an Oid; with a dot before it it continues `base`. NO_OID if it is none."""
        if not isinstance(found, str):
            self.problem(key, f'{found!r} is not an OID such as "1.3.6.1.2.1.1.3.0"')
            return NO_OID
        text = found
        if text.startswith("."):
            if not base:
                self.problem(key, f"{found!r} continues `entry`, which the table has not")
                return NO_OID
            text = base + text
        try:
            return oids.encode(text)
        except ValueError as error:
            self.problem(key, str(error))
            return NO_OID

    def regex(self, key: str, found: object = None) -> "re.Pattern[str] | None":
        """The regular expression at `key` (or `found`, which stands there)."""
        text = self.value(key, str) if found is None else found
        if text is None:
            return None
        if not isinstance(text, str):
            self.problem(key, f"{text!r} is not a regular expression")
            return None
        try:
            return re.compile(text)
        except re.error as error:
            self.problem(key, f"bad regular expression {text!r}: {error}")
            return None

    def choice(self, key: str, allowed: Iterable[str], default: str) -> str:
        """One of `allowed` at `key`."""
        found = self.value(key, str)
        if found is None:
            return default
        names = tuple(allowed)
        if found not in names:
            self.problem(key, unknown("value", found, names))
            return default
        return found
