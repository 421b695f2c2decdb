"""Writes hosts into hosts.toml, keeping its comments and layout."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from inventory.load import load
from inventory.problem import InventoryError, visible


class EditError(Exception):
    """The file was left as it was; the message says why."""


def add_hosts(path: Path, hosts: Mapping[str, Mapping[str, Any]], *, update: bool = False) -> None:
    """Add `hosts` (by name, their keys as in [hosts.NAME]) to the main file `path`, behind all that is there.

    With `update` the keys of a host that is there already are set, its other keys stay. The file is replaced as a whole
    or not at all, and only by one that loads.

    Raises:
        EditError: a host is there already (without `update`) or stands in an included file, or the file cannot be
            written, or somebody else changed it meanwhile.
        InventoryError: the file does not load, or would not with these hosts.
    """
    path = path.resolve()
    known = load(path).hosts.keys() & hosts.keys()
    if known and not update:
        raise EditError(f"{path}: there already: {', '.join(map(visible, sorted(known)))}")
    text = path.read_bytes().decode("utf-8-sig")
    edited = _updated(text, {name: hosts[name] for name in hosts if name in known}, path)
    edited = _extended(edited, {name: hosts[name] for name in hosts if name not in known})
    if edited != text:
        _replace(path, text, edited)


def _updated(text: str, hosts: Mapping[str, Mapping[str, Any]], path: Path) -> str:
    if not hosts:
        return text
    import tomlkit

    document = tomlkit.parse(text)
    tables: Any = document.get("hosts", {})
    for name, keys in hosts.items():
        if name not in tables:
            raise EditError(f"{path}: {visible(name)} stands in an included file: change it there")
        for key, value in keys.items():
            if tables[name].get(key) != value:
                tables[name][key] = _item(value)
    return tomlkit.dumps(document)


def _extended(text: str, hosts: Mapping[str, Mapping[str, Any]]) -> str:
    """New tables are appended as text: nothing that is there can be moved by that."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = []
    for name, keys in hosts.items():
        lines += ["", f"[{_written('hosts', name)}]"]
        lines += [f"{_written(key)} = {_item(value).as_string()}" for key, value in keys.items()]
    if not lines:
        return text
    if not text.strip():
        lines = lines[1:]
    return text + (newline if text and not text.endswith("\n") else "") + newline.join(lines) + newline


def _written(*parts: str) -> str:
    from tomlkit import key

    return key(list(parts)).as_string() if len(parts) > 1 else key(parts[0]).as_string()


def _item(value: Any) -> Any:
    """A value as TOML; tables within a host go on one line."""
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table.append(key, _item(inner))
        return table
    return tomlkit.item(list(value) if isinstance(value, tuple) else value)


def _replace(path: Path, before: str, after: str) -> None:
    """Put `after` in the place of the file, by way of a neighbour that loads."""
    status = path.stat()
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    except OSError as error:
        raise EditError(f"{path}: cannot be written: {error.strerror}") from None
    neighbour = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), status.st_mode & 0o7777)
            if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), status.st_uid, status.st_gid)
            file.write(after.encode())
            file.flush()
            os.fsync(file.fileno())
        _check(neighbour, path)
        if path.read_bytes().decode("utf-8-sig") != before:
            raise EditError(f"{path}: somebody else changed it meanwhile; nothing was written")
        neighbour.replace(path)
    except OSError as error:
        raise EditError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        neighbour.unlink(missing_ok=True)


def _check(neighbour: Path, path: Path) -> None:
    try:
        load(neighbour)
    except InventoryError as error:
        problems = [
            replace(
                problem,
                file=problem.file.replace(str(neighbour), str(path)),
                message=problem.message.replace(str(neighbour), str(path)),
            )
            for problem in error.problems
        ]
        raise InventoryError(problems) from None
