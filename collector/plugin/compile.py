"""Makes a family of its TOML files: mix-ins first, in their order, then the file itself, which has the last word."""

import hashlib
import importlib.util
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from collector.plugin.columns import refuse_builtins
from collector.plugin.errors import FamilyError, Problem, unknown
from collector.plugin.facts import read_facts
from collector.plugin.match import Rule, read_rules
from collector.plugin.profile import FactSource, Family, Hook, Table
from collector.plugin.reader import NO_OID, Reader
from collector.plugin.reuse import Tables
from collector.plugin.tables import SHORT_FORMS, Shared
from collector.smi.oid import Oid

_TOP_LEVEL = ("description", "extends", "roots", "drop", "changed", "match", "facts", "columns", "table", *SHORT_FORMS)
_BELOW_ROOT = re.compile(r"([A-Za-z]\w*)((?:\.\d+)+)")


class Layer(msgspec.Struct):
    """One file of a family.

    Attributes:
        name: the family that the file alone would be, "standard/if_mib".
        text: what is in it, for the fingerprint.
    """

    name: str
    path: Path
    text: bytes
    data: dict[str, Any]


class _Draft(msgspec.Struct):
    """What has been gathered from the layers so far. Tables are kept unread: a later layer may replace them."""

    problems: list[Problem]
    columns: dict[str, tuple[Reader, Any]] = {}
    tables: dict[str, tuple[Reader, str]] = {}
    facts: dict[str, tuple[FactSource, ...]] = {}
    descriptions: tuple[re.Pattern[str], ...] = ()
    signals: list[Oid] = []
    matches: tuple[Rule, ...] = ()


def parse_file(name: str, path: Path) -> Layer:
    """Read a family file.

    Raises:
        FamilyError: it cannot be read or is no TOML.
    """
    try:
        text = path.read_bytes()
        return Layer(name, path, text, tomllib.loads(text.decode()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FamilyError([Problem(str(path), "", str(error))]) from error


def layers_of(name: str, find: Callable[[str], Layer], known: Callable[[], list[str]]) -> list[Layer]:
    """The files of a family, mix-ins before those that extend them, each once.

    `find` raises KeyError for a name that has no file; `known` are all names, for messages.

    Raises:
        FamilyError: a mix-in does not exist, extends itself, or is no TOML.
    """
    done: dict[str, Layer] = {}
    problems: list[Problem] = []

    def add(layer: Layer, above: tuple[str, ...]) -> None:
        reader = Reader(layer.data, str(layer.path), "", problems)
        for mixin in reader.texts("extends"):
            if mixin in above or mixin == layer.name:
                reader.problem("extends", f"{mixin!r} extends itself: {' -> '.join((*above, layer.name, mixin))}")
            elif mixin not in done:
                try:
                    add(find(mixin), (*above, layer.name))
                except KeyError:
                    reader.problem("extends", unknown("family", mixin, known()))
        done[layer.name] = layer

    add(find(name), ())
    if problems:
        raise FamilyError(problems)
    return list(done.values())


def compile_family(layers: list[Layer], sys_object_id: str = "", read: Tables | None = None) -> Family:
    """The family whose own file is the last of `layers`, as it is for a device of that sysObjectID.

    `read` has the tables that were read for other families.

    Raises:
        FamilyError: with all mistakes of all its files.
    """
    draft = _Draft(problems=[])
    for layer in _rooted(layers, roots_of(layers, sys_object_id, draft.problems)):
        _add_layer(draft, layer)
    shared = Shared(columns=draft.columns, load_hook=_load_hook)
    read = read or Tables()
    tables = {name: read.read(form, reader, name, shared) for name, (reader, form) in draft.tables.items()}
    for name, (reader, _) in draft.tables.items():
        tables[name] = msgspec.structs.replace(
            tables[name],
            replaces=_named(reader, "replaces", tables[name].replaces, tables),
            unless=_named(reader, "unless", tables[name].unless, tables),
        )
    if draft.problems:
        raise FamilyError(list(dict.fromkeys(draft.problems)))
    own = layers[-1]
    return Family(
        name=own.name,
        description=str(own.data.get("description", "")),
        fingerprint=_fingerprint(layers),
        tables=tables,
        facts=draft.facts,
        descriptions=draft.descriptions,
        signals=tuple(dict.fromkeys(draft.signals)),
        matches=draft.matches,
        roots_move=_roots_move(layers),
    )


def roots_of(layers: list[Layer], sys_object_id: str, problems: list[Problem]) -> dict[str, str]:
    """The OIDs of all names of [roots]; a later layer says where a root really is."""
    roots: dict[str, str] = {}
    for layer in layers:
        reader = Reader(layer.data, str(layer.path), "", problems).table("roots")
        for name, found in reader.items():
            place = _moving_root(reader.at(name, found), sys_object_id) if isinstance(found, Mapping) else found
            if reader.oid(name, place) != NO_OID:
                roots[name] = str(place).removeprefix(".")
    return roots


def _roots_move(layers: list[Layer]) -> bool:
    """Whether a root's place depends on sysObjectID, so that each model has a family of its own."""
    return any(isinstance(found, Mapping) for layer in layers for found in (layer.data.get("roots") or {}).values())


def _moving_root(root: Reader, sys_object_id: str) -> str:
    """Where a root is that lies elsewhere on each model, or the usual place where sysObjectID does not tell."""
    place = root.required("oid", str, "1.3")
    pattern = root.regex("sys_object_id")
    below = root.value("below", str)
    root.finish()
    found = pattern.search(sys_object_id) if pattern else None
    if found is None:
        return place
    part = found[found.re.groups and 1]
    return f"{below}.{part}" if below else part


def _rooted(layers: list[Layer], roots: Mapping[str, str]) -> list[Layer]:
    """The layers with the names of [roots] in their OIDs replaced."""
    if not roots:
        return layers
    return [
        # which family fits is decided before it is compiled
        msgspec.structs.replace(
            layer, data={key: found if key == "match" else _placed(found, roots) for key, found in layer.data.items()}
        )
        for layer in layers
    ]


def _placed(found: Any, roots: Mapping[str, str]) -> Any:
    """`found` with "NAME.1.2" in it, however deep, made the OID below the root of that name; itself where it has none."""
    if isinstance(found, dict):
        placed = {key: _placed(value, roots) for key, value in found.items()}
        return placed if any(placed[key] is not value for key, value in found.items()) else found
    if isinstance(found, list):
        items = [_placed(item, roots) for item in found]
        return items if any(item is not own for item, own in zip(items, found, strict=True)) else found
    if isinstance(found, str) and (below := _BELOW_ROOT.fullmatch(found)) and below[1] in roots:
        return roots[below[1]] + below[2]
    return found


def _named(reader: Reader, key: str, names: Iterable[str], tables: Mapping[str, Table]) -> tuple[str, ...]:
    """The tables of those names."""
    found: list[str] = []
    for name in names:
        meant = _meant(name, tables)
        if not meant:
            reader.problem(key, unknown("table", name, tables))
        found += meant
    return tuple(found)


def _meant(name: str, tables: Iterable[str]) -> list[str]:
    """The tables of that name; the id of a short form with readings stands for all of them."""
    return [table for table in tables if table == name or table.startswith(f"{name}.")]


def _add_layer(draft: _Draft, layer: Layer) -> None:
    reader = Reader(layer.data, str(layer.path), "", draft.problems)
    for key in layer.data:
        if key not in _TOP_LEVEL:
            reader.problem(key, unknown("key", key, _TOP_LEVEL))
    reader.required("description", str, "")
    for name in reader.texts("drop"):
        dropped = _meant(name, draft.tables)
        for table in dropped:
            del draft.tables[table]
        if not dropped:
            reader.problem("drop", unknown("table", name, draft.tables))
    for oid in reader.texts("changed"):
        if (signal := reader.oid("changed", oid)) != NO_OID:
            draft.signals.append(signal)
    draft.matches = read_rules(reader)
    _add_facts(draft, reader)
    columns = reader.table("columns")
    refuse_builtins(columns)
    draft.columns |= {name: (columns, found) for name, found in columns.items()}
    tables = reader.table("table")
    for name, found in tables.items():
        if (inner := tables.inner(name, found)) is not None:
            draft.tables |= _amended(draft, inner, name, found)
    for form in SHORT_FORMS:
        for number, short in enumerate(reader.tables(form), 1):
            _add_short(draft, layer, form, number, short, layer.data[form][number - 1])


def _add_facts(draft: _Draft, reader: Reader) -> None:
    ways, descriptions = read_facts(reader.table("facts"))
    for name, own in ways.items():
        draft.facts[name] = own + draft.facts.get(name, ())
    draft.descriptions = descriptions + draft.descriptions


def _amended(draft: _Draft, reader: Reader, name: str, found: Mapping[str, Any]) -> dict[str, tuple[Reader, str]]:
    """The table itself, or with `amend = true` the mix-in's of that name with these keys put over its own.

    A short form goes by its id, which stands for all of its readings.
    """
    if not reader.value("amend", bool):
        return {name: (reader, "table")}
    meant = _meant(name, draft.tables)
    if not meant:
        reader.problem("amend", unknown("table", name, draft.tables))
        return {name: (reader, "table")}
    changes = {key: value for key, value in found.items() if key != "amend"}
    amended: dict[str, tuple[Reader, str]] = {}
    for table in meant:
        base, form = draft.tables[table]
        data = {key: value for key, value in base.everything().items() if form == "table" or key != "id"}
        amended[table] = (Reader(_merged(data, changes), reader.file, reader.key, draft.problems), form)
    return amended


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged one level down (fields, tags, columns); all else is replaced."""
    return {
        **base,
        **{
            key: {**base[key], **value} if isinstance(value, dict) and isinstance(base.get(key), dict) else value
            for key, value in changes.items()
        },
    }


def _add_short(draft: _Draft, layer: Layer, form: str, number: int, short: Reader, found: Mapping[str, Any]) -> None:
    """One short form; with `readings`, one for each of them, which share all other keys."""
    name = short.value("id", str) or f"{layer.name} {form} {number}"
    if "readings" not in short:
        draft.tables[name] = (short, form)
        return
    common = {key: value for key, value in found.items() if key not in ("readings", "id")}
    for at, reading in enumerate(short.tables("readings"), 1):
        own = {**common, **found["readings"][at - 1]}
        draft.tables[f"{name}.{at}"] = (Reader(own, short.file, reading.key, draft.problems), form)


def _fingerprint(layers: list[Layer]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for layer in layers:
        digest.update(layer.text)
        for hook in sorted(set(re.findall(rb'python\s*=\s*"([^":]+):', layer.text))):
            digest.update((layer.path.parent / hook.decode()).read_bytes())
    return digest.hexdigest()


def _load_hook(family_file: str, name: str) -> Hook:
    """The function of "ios.py:function", from the folder of the family's file.

    Raises:
        ValueError: there is none, with the reason.
    """
    file, _, function = name.partition(":")
    path = Path(family_file).parent / file
    if not file.endswith(".py") or not function or path.parent != Path(family_file).parent:
        raise ValueError(f'{name!r} is not "file.py:function" in the family\'s own folder')
    if not path.is_file():
        raise ValueError(f"there is no {path}")
    spec = importlib.util.spec_from_file_location(f"collector_plugin_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    found = getattr(module, function, None)
    if not callable(found):
        raise ValueError(f"{path} has no function {function!r}")
    return found  # type: ignore[no-any-return]
