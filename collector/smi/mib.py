"""Reads MIB modules as makers ship them: names, units and enumerations for somebody who writes a family.

No compiler of ASN.1, on purpose. Of makers' modules a strict compiler refuses every sixth (misspelt clauses, missing
commas, names that begin with capitals), and all of them where the standard modules are not at hand. What a family needs
are the object definitions (RFC 2578, 7; RFC 1212), and those are found one by one: a bad one costs itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

_ENDINGS = ("", ".txt", ".mib", ".my")

ROOTS: Mapping[str, str] = {
    "iso": "1",
    "org": "1.3",
    "dod": "1.3.6",
    "internet": "1.3.6.1",
    "directory": "1.3.6.1.1",
    "mgmt": "1.3.6.1.2",
    "mib-2": "1.3.6.1.2.1",
    "system": "1.3.6.1.2.1.1",
    "interfaces": "1.3.6.1.2.1.2",
    "transmission": "1.3.6.1.2.1.10",
    "ifMIB": "1.3.6.1.2.1.31",
    "experimental": "1.3.6.1.3",
    "private": "1.3.6.1.4",
    "enterprises": "1.3.6.1.4.1",
    "snmpV2": "1.3.6.1.6",
    "snmpModules": "1.3.6.1.6.3",
}
"""what the modules of SMI itself define, which nobody has beside a maker's"""

_STRING_OR_COMMENT = re.compile(r'("[^"]*")|--[^\n]*')
_IMPORTS = re.compile(r"\bIMPORTS\b([^;]*);")
_IMPORT = re.compile(r"\bFROM\s+([\w-]+)")
_MODULE = re.compile(r"([A-Za-z][\w-]*)\s+(?:\{[^}]*\}\s*)?DEFINITIONS\b")
_KINDS = r"OBJECT-TYPE|MODULE-IDENTITY|OBJECT-IDENTITY"
_DEFINITION = re.compile(
    rf"(?<![\w-])([A-Za-z][\w-]*)\s+({_KINDS}|OBJECT\s+IDENTIFIER)\b"
    rf"""((?:"[^"]*"|(?!(?:{_KINDS})\s)[^"])*?)::=\s*\{{([^}}]*)\}}"""
)
_TYPE = re.compile(
    r"(?<![\w-])([A-Z][\w-]*)\s*::=\s*(?:TEXTUAL-CONVENTION\b(.*?)\bSYNTAX\s+)?"
    r"((?:INTEGER|BITS|OCTET\s+STRING|[A-Z][\w-]*)\s*(?:\{[^}]*\})?)",
    re.DOTALL,
)
_SYNTAX = re.compile(r"\bSYNTAX\s+(.*?)\s*(?:\b(?:MAX-ACCESS|ACCESS|UNITS|STATUS)\b|$)", re.DOTALL)
_ACCESS = re.compile(r"\b(?:MAX-)?ACCESS\s+([\w-]+)")
_UNITS = re.compile(r'\bUNITS\s+"([^"]*)"')
_HINT = re.compile(r'\bDISPLAY-HINT\s+"([^"]*)"')
_DESCRIPTION = re.compile(r'\bDESCRIPTION\s+"([^"]*)"')
_INDEX = re.compile(r"\b(?:INDEX|AUGMENTS)\s*\{([^}]*)\}")
_NAMED_NUMBER = re.compile(r"([A-Za-z][\w-]*)\s*\(\s*(-?\d+)\s*\)")
_PARENT = re.compile(r"\s*([\w-]+)")
_ARC = re.compile(r"(?:[\w-]+\s*\(\s*(\d+)\s*\)|([\w-]+))")


class MibObject(msgspec.Struct, frozen=True, kw_only=True):
    """One OBJECT-TYPE.

    Attributes:
        syntax: its type, as far as it is known: "INTEGER", "DisplayString", "Gauge32" ...
        enum: numbers and their names.
        hint: DISPLAY-HINT of its textual convention, "d-1" for a number of tenths.
        indexes: objects that index it, for the entry of a table.
    """

    oid: str
    name: str
    module: str
    syntax: str
    enum: Mapping[int, str] = {}
    units: str = ""
    hint: str = ""
    access: str = ""
    indexes: tuple[str, ...] = ()
    description: str = ""


class Mibs(msgspec.Struct, frozen=True):
    """Objects by their OID, and what could not be read, in sentences for people."""

    objects: dict[str, MibObject]
    problems: list[str]


def read(files: Iterable[Path]) -> Mibs:
    """The objects of MIB files, and of the modules they import where those lie beside them.

    Raises:
        OSError: a file cannot be read.
    """
    modules: dict[str, _Module] = {}
    wanted = list(files)
    problems: list[str] = []
    for path in wanted:
        module = _read_module(path)
        if module is None:
            problems.append(f"{path}: no MIB module: there is no DEFINITIONS ::= BEGIN in it")
        elif module.name not in modules:
            modules[module.name] = module
            wanted += _beside(path, [name for name in module.imports if name not in modules])
    return _resolve(modules, problems)


class _Type(msgspec.Struct, frozen=True):
    syntax: str
    enum: Mapping[int, str]
    hint: str


class _Definition(msgspec.Struct, frozen=True):
    name: str
    is_object: bool
    body: str
    parent: str
    arcs: tuple[str, ...]


class _Module(msgspec.Struct, frozen=True):
    name: str
    imports: list[str]
    types: dict[str, _Type]
    definitions: list[_Definition]


def _beside(path: Path, modules: list[str]) -> Iterator[Path]:
    for module in modules:
        for ending in _ENDINGS:
            if (found := path.parent / f"{module}{ending}").is_file():
                yield found
                break


def _read_module(path: Path) -> _Module | None:
    text = path.read_text(encoding="utf-8", errors="replace")
    text = _STRING_OR_COMMENT.sub(lambda found: found.group(1) or "", text)
    head = _MODULE.search(text)
    if head is None:
        return None
    imports = [name for block in _IMPORTS.findall(text) for name in _IMPORT.findall(block)]
    text = _IMPORTS.sub("", text)
    types = {
        name: _Type(" ".join(syntax.partition("{")[0].split()), _enum(syntax), _first(_HINT, about))
        for name, about, syntax in _TYPE.findall(text)
    }
    definitions = [
        _Definition(name, kind == "OBJECT-TYPE", body, parent.group(1), tuple(arcs[1:]))
        for name, kind, body, place in _DEFINITION.findall(text)
        if (parent := _PARENT.match(place)) and (arcs := [number or word for number, word in _ARC.findall(place)])
    ]
    return _Module(head.group(1), imports, types, definitions)


def _enum(syntax: str) -> dict[int, str]:
    numbers = syntax.partition("{")[2]
    return {int(number): name for name, number in _NAMED_NUMBER.findall(numbers)}


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return " ".join(found.group(1).split()) if found else ""


def _resolve(modules: Mapping[str, _Module], problems: list[str]) -> Mibs:
    oids: dict[str, str] = dict(ROOTS)
    waiting = [(module, definition) for module in modules.values() for definition in module.definitions]
    objects: dict[str, MibObject] = {}
    while waiting:
        later = []
        for module, definition in waiting:
            parent = definition.parent if definition.parent.isdigit() else oids.get(definition.parent)
            if parent is None or not all(arc.isdigit() for arc in definition.arcs):
                later.append((module, definition))
                continue
            oid = ".".join([parent, *definition.arcs])
            oids.setdefault(definition.name, oid)
            if definition.is_object:
                objects.setdefault(oid, _object(oid, module, definition, modules))
        if len(later) == len(waiting):
            lost = Counter((module.name, definition.parent) for module, definition in later)
            defined = {definition.name for _, definition in later}
            problems += [
                f"{name}: {count} definitions hang from {parent}, which no file given defines"
                for (name, parent), count in lost.items()
                if parent not in defined
            ]
            break
        waiting = later
    return Mibs(objects, problems)


def _object(oid: str, module: _Module, definition: _Definition, modules: Mapping[str, _Module]) -> MibObject:
    syntax = _first(_SYNTAX, definition.body)
    kind = _follow(_Type(syntax.partition("{")[0].partition("(")[0].strip(), _enum(syntax), ""), module, modules)
    return MibObject(
        oid=oid,
        name=definition.name,
        module=module.name,
        syntax=kind.syntax,
        enum=kind.enum,
        units=_first(_UNITS, definition.body),
        hint=kind.hint,
        access=_first(_ACCESS, definition.body),
        indexes=tuple(_first(_INDEX, definition.body).replace("IMPLIED", "").replace(",", " ").split()),
        description=_first(_DESCRIPTION, definition.body),
    )


_TRUTH = _Type("TruthValue", {1: "true", 2: "false"}, "")


def _follow(kind: _Type, module: _Module, modules: Mapping[str, _Module]) -> _Type:
    """A type with the enumeration and the hint of the textual conventions it is made of; its own name is kept."""
    if kind.syntax == "TruthValue":
        return _TRUTH
    seen: set[str] = set()
    at, enum, hint = kind.syntax, kind.enum, kind.hint
    while at not in seen:
        seen.add(at)
        places = [module, *(modules[name] for name in module.imports if name in modules)]
        found = next((place.types[at] for place in places if at in place.types), None)
        if found is None:
            break
        enum, hint, at = enum or found.enum, hint or found.hint, found.syntax
    return _Type(kind.syntax, enum, hint)
