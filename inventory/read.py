"""Reads hosts.toml and the files it includes into tables of raw values; their meaning is `inventory.resolve`'s matter."""

import re
import tomllib
from collections.abc import Iterable
from glob import glob
from pathlib import Path
from typing import Any

import msgspec

from inventory.convert import Raw, did_you_mean, found, tidy, tidy_value
from inventory.model import Secret
from inventory.problem import Key, Problems, Spot

MAIN_TABLES = ("collector", "store", "defaults")
"""belong in the main file only"""
NAMED_TABLES = ("credentials", "sites", "hosts", "rings")
LISTS = ("stations", "communes", "maintenance", "declared")
SHARED_TABLES = (*NAMED_TABLES, *LISTS, "include")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a TOML file or one row of a CSV file.

    `text`: all its values are strings, as in CSV.
    """

    spot: Spot
    raw: Raw
    text: bool = False


class Sources(msgspec.Struct):
    """All that the files say; `main` has [collector], [store] and [defaults]."""

    files: list[str] = []
    """as they are named to people"""
    read: set[Path] = set()
    """the same files, resolved: two patterns may overlap"""
    main: dict[str, Entry] = {}
    credentials: dict[str, Entry] = {}
    sites: dict[str, Entry] = {}
    hosts: dict[str, Entry] = {}
    rings: dict[str, Entry] = {}
    stations: list[Entry] = []
    communes: list[Entry] = []
    maintenance: list[Entry] = []
    declared: list[Entry] = []
    links: dict[tuple[str, str], Entry] = {}
    """by host and interface"""

    def start(self, path: Path) -> None:
        """Note that a file is being read."""
        self.files.append(str(path))
        self.read.add(path.resolve())

    def add_named(self, table: str, name: str, entry: Entry, problems: Problems) -> None:
        """One entry of one of `NAMED_TABLES`; a name is given once in all files."""
        entries: dict[str, Entry] = getattr(self, table)
        if name in entries:
            first = entries[name].spot
            problems.add(entry.spot, f"is there twice, first in {first.file}{f':{first.line}' if first.line else ''}")
        else:
            entries[name] = entry


def read(path: Path, problems: Problems) -> Sources:
    """The main file and, in the order of its `include`, all others."""
    sources = Sources()
    _read_toml(path, sources, problems, including=())
    return sources


def expanded(path: str) -> Path:
    """`path` with ~ and ~user as the shell has them; as it is where there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def read_text(path: Path, problems: Problems) -> str | None:
    """A file's text without byte order mark, or None with the problem told."""
    spot = Spot(str(path))
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.add(spot, f"cannot be read: {error.strerror}")
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.add(spot, "is UTF-16; save it as UTF-8")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(Spot(spot.file, (), line), f"is not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8")
        return None


def _read_toml(path: Path, sources: Sources, problems: Problems, including: tuple[Path, ...]) -> None:
    spot = Spot(str(path))
    sources.start(path)
    document = _parse_toml(path, problems)
    if document is None:
        return
    for table, value in document.items():
        if table == "include":
            continue
        allowed = f"a list of tables: [[{table}]]" if table in LISTS else "a table"
        if table in MAIN_TABLES and including:
            problems.add(spot / table, f"belongs in the main file, {including[0]}")
        elif table not in MAIN_TABLES + SHARED_TABLES:
            known = dict.fromkeys(MAIN_TABLES + SHARED_TABLES)
            hint = did_you_mean(table, known) or f", allowed: {', '.join(known)}"
            problems.add(spot / table, f"unknown table{hint}")
        elif table in LISTS and isinstance(value, list):
            listed = enumerate(tidy_value(value, spot / table, problems))
            getattr(sources, table).extend(_entries(listed, spot / table, problems))
        elif table in LISTS or not isinstance(value, dict):
            problems.add(spot / table, f"found {found(value, hide=True)}, allowed: {allowed}")
        elif table in MAIN_TABLES:
            sources.main[table] = Entry(spot=spot / table, raw=tidy(value, spot / table, problems))
        else:
            named = tidy(value, spot / table, problems)
            for entry in _entries(named.items(), spot / table, problems):
                sources.add_named(table, str(entry.spot.key[-1]), entry, problems)
    for included in _included(path, document.get("include", []), problems):
        _read_included(included, sources, problems, (*including, path))


def _entries(items: Iterable[tuple[str | int, object]], spot: Spot, problems: Problems) -> list[Entry]:
    entries = []
    for name, raw in items:
        if isinstance(raw, dict):
            entries.append(Entry(spot=spot / name, raw=raw))
        else:
            problems.add(spot / name, f"found {found(raw, hide=True)}, allowed: a table")
    return entries


def _read_included(path: Path, sources: Sources, problems: Problems, including: tuple[Path, ...]) -> None:
    chain = [file.resolve() for file in including]
    if path.resolve() in chain:
        problems.add(
            Spot(str(including[-1]), ("include",)), f"includes itself: {' > '.join(map(str, (*including, path)))}"
        )
    elif path.resolve() in sources.read:
        pass
    elif path.suffix.lower() == ".csv":
        from inventory.read_csv import read_csv

        sources.start(path)
        if (text := read_text(path, problems)) is not None:
            read_csv(text, Spot(str(path)), sources, problems)
    elif path.suffix.lower() == ".toml":
        _read_toml(path, sources, problems, including)
    else:
        problems.add(
            Spot(str(including[-1]), ("include",)), f"found {found(str(path))}, allowed: *.toml and *.csv files"
        )


def _included(path: Path, patterns: object, problems: Problems) -> list[Path]:
    """The files that `include` of the file `path` means, relative to that file."""
    spot = Spot(str(path), ("include",))
    if not isinstance(patterns, list):
        problems.add(spot, f"found {found(patterns)}, allowed: a list of files and patterns")
        return []
    files: dict[Path, None] = {}
    for number, pattern in enumerate(patterns):
        if not isinstance(pattern, str) or not pattern:
            problems.add(spot / number, f"found {found(pattern)}, allowed: a file or a pattern")
            continue
        matches = sorted(glob(str(expanded(pattern)), root_dir=path.parent, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute ones)
        matches = [match for match in matches if (path.parent / match).is_file()]
        if not matches:
            problems.add(
                spot / number, f"found {found(pattern)}, which matches no file, seen from the folder of this one"
            )
        files.update(dict.fromkeys(path.parent / match for match in matches))
    return list(files)


def _parse_toml(path: Path, problems: Problems) -> dict[str, Any] | None:
    """The document with its secrets wrapped. The parser's exception, which holds the whole text, ends here."""
    text = read_text(path, problems)
    if text is None:
        return None
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and what Python says of a number with thousands of digits
        reason, _, line = str(error).partition(" (at line ")
        number = re.match(r"\d+", line)
        problems.add(Spot(str(path), (), int(number[0]) if number else None), f"is no TOML: {reason}")
        return None
    except RecursionError:
        problems.add(Spot(str(path)), "is no TOML: nested too deeply")
        return None
    _wrap_secrets(document, (), path.parent)
    return document


_PLAIN = {"version", "user", "auth", "priv", "context"}


def _wrap_secrets(table: dict[str, Any], key: Key, folder: Path) -> None:
    """Replace what is or might be a secret before anything else sees it; `file:` is relative to the file it is in."""
    for name, value in table.items():
        if isinstance(value, dict) and (key or name in ("credentials", "store")):
            _wrap_secrets(value, (*key, name), folder)
        elif isinstance(value, str) and (
            (key[:1] == ("credentials",) and name not in _PLAIN)
            or (key == ("store",) and name in ("token", "password"))
        ):
            if value.startswith("file:"):
                value = f"file:{(folder / expanded(value.removeprefix('file:'))).absolute()}"
            table[name] = Secret(value)
