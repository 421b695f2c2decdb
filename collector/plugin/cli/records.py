"""A command's output taken apart into records: by a TextFSM template, or along a path through JSON or XML."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from xml.parsers.expat import ExpatError, ParserCreate

from collector.metrics.model import FieldValue
from collector.plugin.cli.model import CliTable, Format
from collector.plugin.cli.values import Lookup

Tree: TypeAlias = Any
"""JSON, or XML as `tree_of_xml` makes it: tables, lists, scalars"""

MAX_RECORDS = 20_000
"""of one table; a device that has more of anything is not told apart from one that rambles"""
_MAX_DEPTH = 100
_MAX_STARTS = 20
"""lines that are tried as the beginning of JSON"""
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""characters that stand in no XML, but in what people write into descriptions"""
_JSON = json.JSONDecoder(parse_constant=lambda _: None)
"""NaN and Infinity are no readings"""


class OutputError(Exception):
    """An output is not what its family expects; the message says what was found."""


class Output:
    """One output of a command; several tables may lean on one template of it, or on one tree: each is made once."""

    def __init__(self, text: str, format_: Format) -> None:
        self._text = text
        self._format = format_
        self._parsed: dict[Path, tuple[list[str], list[list[Any]]]] = {}
        self._tree: Tree = None

    def records(self, table: CliTable) -> Iterator[Lookup]:
        """A look-up of values for each record of `table`, at most MAX_RECORDS.

        Raises:
            OutputError: the template does not fit, or it is neither JSON nor XML.
        """
        found = self._of_template(table.template) if table.template else self._of_tree(table.rows)
        for number, lookup in enumerate(found):
            if number >= MAX_RECORDS:
                raise OutputError(f"more than {MAX_RECORDS} records")
            yield lookup

    def _of_template(self, template: Path) -> Iterator[Lookup]:
        if template not in self._parsed:
            self._parsed[template] = _through_template(template, self._text)
        names, parsed = self._parsed[template]
        for row in parsed:
            values = dict(zip(names, row, strict=True))

            def lookup(name: str, values: Mapping[str, Any] = values) -> FieldValue | None:
                return _scalar(values.get(name))

            yield lookup

    def _of_tree(self, rows: Sequence[str]) -> Iterator[Lookup]:
        if self._tree is None:
            self._tree = tree_of(self._text, self._format)
        for place in _walk(_Place(self._tree), rows):
            yield place.value


def _through_template(template: Path, text: str) -> tuple[list[str], list[list[Any]]]:
    """Names of the template's values in lower case, and the records."""
    from textfsm import TextFSMError, TextFSMTemplateError

    from collector.plugin.cli.machine import records

    try:
        names, parsed = records(template, text)
    except (TextFSMError, TextFSMTemplateError) as error:
        raise OutputError(f"{template.name}: {error}") from None
    return [name.lower() for name in names], parsed


def template_values(template: Path) -> list[str]:
    """Names of the values that a template gives, in lower case."""
    text = template.read_text(encoding="utf-8")
    return [match[1].lower() for match in re.finditer(r"^Value\s+(?:[\w,]+\s+)?(\w+)\s+\(", text, re.MULTILINE)]


def tree_of(output: str, format_: Format) -> Tree:
    """The tree in an output, whatever lines of the device stand before and behind it.

    Raises:
        OutputError: there is none, or not the whole of it.
    """
    try:
        return tree_of_json(output) if format_ is Format.JSON else tree_of_xml(output)
    except (ValueError, RecursionError, ExpatError) as error:
        raise OutputError(f"no {format_.value.upper()}: {error}; it begins {output.strip()[:60]!r}") from None


def tree_of_json(output: str) -> Tree:
    """The first line that begins with { or [ and goes on as JSON: "[edit]" and "{master:0}" do not.

    Raises:
        ValueError, RecursionError: there is none, or it breaks off.
    """
    problem = ValueError("no line begins with { or [")
    for match in islice(re.finditer(r"^[ \t]*(?=[\[{])", output, re.MULTILINE), _MAX_STARTS):
        try:
            return _JSON.raw_decode(output, match.end())[0]
        except json.JSONDecodeError as error:
            if "\n" in output[match.end() : error.pos]:  # it was JSON up to there: what follows is a part of it
                raise
            problem = error
    raise problem


def tree_of_xml(output: str) -> Tree:
    """XML as tables: an element's children by their tags without namespaces, lists where a tag is repeated, text where
    there are no children. Attributes are beside it as "tag@attribute", of repeated elements the first one's.

    Raises:
        ExpatError, ValueError: it is none, breaks off, defines entities, or is nested without end.
    """
    begin = re.search(r"^[ \t]*(?=<(?:\?xml|[A-Za-z_][\w.:-]*(?:\s+[\w.:-]+\s*=|\s*/?>)))", output, re.MULTILINE)
    if not begin:
        raise ValueError("no line begins with an element")
    builder = _XmlBuilder()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", output[begin.end() :]), True)
    except ExpatError:
        if not builder.done:  # else it is only what stands behind the document
            raise
    return builder.tree


class _XmlBuilder:
    """Makes the tree while expat reads, without recursion."""

    def __init__(self) -> None:
        self.tree: dict[str, Tree] = {}
        self.done = False
        self._open: list[tuple[dict[str, Tree], list[str]]] = [(self.tree, [])]

    def doctype(self, *_: object) -> None:
        raise ValueError("it may define entities")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._open) > _MAX_DEPTH:
            raise ValueError(f"elements are nested more than {_MAX_DEPTH} deep")
        parent = self._open[-1][0]
        for attribute, value in attributes.items():
            if not attribute.startswith("xmlns"):
                parent.setdefault(f"{_local(name)}@{_local(attribute)}", value)
        self._open.append(({}, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        children, texts = self._open.pop()
        parent = self._open[-1][0]
        tag, value = _local(name), children or "".join(texts).strip()
        if tag not in parent:
            parent[tag] = value
        elif isinstance(parent[tag], list):
            parent[tag].append(value)
        else:
            parent[tag] = [parent[tag], value]
        self.done = len(self._open) == 1


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _walk(place: "_Place", path: Sequence[str]) -> Iterator["_Place"]:
    """The places at `path`. A single item passes for a list of one, as XML has it."""
    node = place.node
    if not path:
        if node not in (None, "", [], {}):
            yield place
        return
    step, rest = path[0], path[1:]
    if step == "**":
        found = _below(place, rest[0]) if rest else iter(())
        if list(rest[1:2]) == ["*"]:
            for number, each in enumerate(found):
                yield from _walk(each.keyed(str(number)), rest[2:])
        elif (first := next(found, None)) is not None:
            yield from _walk(first, rest[1:])
    elif step != "*":
        yield from _walk(place.inner(_at(node, [step])), rest)
    elif isinstance(node, dict) and not _is_item(node, rest):
        for key, item in node.items():
            yield from _walk(place.inner(item).keyed(str(key)), rest)
    else:
        for number, item in enumerate(node if isinstance(node, list) else [node]):
            yield from _walk(place.at(item).keyed(str(number)), rest)


def _below(place: "_Place", name: str) -> Iterator["_Place"]:
    """All that is called `name`, at whatever depth, in the document's order; not what is inside of it."""
    waiting = [place]
    while waiting:
        here = waiting.pop()
        if isinstance(here.node, list):
            waiting += [here.at(item) for item in reversed(here.node)]
        elif isinstance(here.node, dict):
            if name in here.node:
                found = here.node[name]
                yield from (here.inner(item) for item in (found if isinstance(found, list) else [found]))
            held = [item for key, item in here.node.items() if key != name and isinstance(item, dict | list)]
            waiting += [here.inner(item) for item in reversed(held)]


class _Place(NamedTuple):
    """A node, the keys that "*" stood for, and the tables it lies in, outermost first."""

    node: Tree
    keys: tuple[str, ...] = ()
    above: tuple[Mapping[str, Tree], ...] = ()

    def at(self, node: Tree) -> "_Place":
        """An item of a list."""
        return _Place(node, self.keys, self.above)

    def inner(self, node: Tree) -> "_Place":
        """What a table holds."""
        table = _first(self.node)
        return _Place(node, self.keys, (*self.above, table) if isinstance(table, dict) else self.above)

    def keyed(self, key: str) -> "_Place":
        return _Place(self.node, (*self.keys, key), self.above)

    def value(self, name: str) -> FieldValue | None:
        """What a family calls by `name`: a path, "@1" (a key), or "^path" (of the nearest table around that has it)."""
        if name.startswith("@") and name[1:].isdecimal():
            number = int(name[1:])
            return self.keys[number - 1] if 0 < number <= len(self.keys) else None
        path = name.lstrip("^").split(".")
        outwards = len(name) - len(name.lstrip("^"))
        if not outwards:
            return _scalar(_at(self.node, path))
        found = (value for table in reversed(self.above) if (value := _scalar(_at(table, path))) is not None)
        return next(islice(found, outwards - 1, None), None)


def _is_item(node: Mapping[str, Tree], rest: Sequence[str]) -> bool:
    """Whether a table at "*" is itself the one item of a list: where it has what follows, or says anything itself."""
    if rest and rest[0] not in ("*", "**"):
        return rest[0] in node
    return any(isinstance(item, str | int | float) for item in node.values())


def _at(node: Tree, path: Sequence[str]) -> Tree:
    """What is below `node`; names that are lists count by their first item. None where there is nothing."""
    for position, step in enumerate(path):
        node = _first(node)
        if not isinstance(node, dict):
            return None
        joined = ".".join(path[position:])
        if joined in node:  # names with dots in them
            return node[joined]
        node = node.get(step)
    return node


def _first(node: Tree) -> Tree:
    while isinstance(node, list):
        node = node[0] if node else None
    return node


def _scalar(found: Tree) -> FieldValue | None:
    """A value; of a table the names in it, which is how XML says flags."""
    found = _first(found)
    if isinstance(found, dict):
        found = " ".join(found)
    if isinstance(found, str):
        return found if found.isascii() else found.encode("utf-8", "replace").decode()  # JSON can name half a character
    return found if isinstance(found, int | float) else None
