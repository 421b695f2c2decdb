"""A command's output taken apart into records: by a TextFSM template, or along a path through JSON or XML."""

import copy
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element, ParseError, XMLParser

from collector.metrics.model import FieldValue
from collector.plugin.cli.model import CliTable, Format
from collector.plugin.cli.values import Lookup

Tree: TypeAlias = Any
"""JSON, or XML as `tree_of_xml` makes it: tables, lists, scalars"""

MAX_RECORDS = 20_000
"""of one table; a device that has more of anything is not told apart from one that rambles"""


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
        for keys, node in _walk(self._tree, rows, ()):

            def lookup(name: str, keys: tuple[str, ...] = keys, node: Tree = node) -> FieldValue | None:
                if name.startswith("@") and name[1:].isdigit():
                    number = int(name[1:])
                    return keys[number - 1] if 0 < number <= len(keys) else None
                return _scalar(_at(node, name.split(".")))

            yield lookup


def _through_template(template: Path, text: str) -> tuple[list[str], list[list[Any]]]:
    """Names of the template's values in lower case, and the records."""
    from textfsm import TextFSMError

    machine = _machine(template)
    try:
        parsed = machine.ParseText(text)
    except TextFSMError as error:
        raise OutputError(f"{template.name}: {error}") from None
    return [name.lower() for name in machine.header], parsed


def _machine(template: Path) -> Any:
    """A machine of its own for every output: they keep state, and several threads parse."""
    return copy.deepcopy(_compiled(template))


@lru_cache(maxsize=1024)
def _compiled(template: Path) -> Any:
    from textfsm import TextFSM

    return TextFSM(io.StringIO(template.read_text(encoding="utf-8")))


def template_values(template: Path) -> list[str]:
    """Names of the values that a template gives, in lower case."""
    text = template.read_text(encoding="utf-8")
    return [match[1].lower() for match in re.finditer(r"^Value\s+(?:[\w,]+\s+)?(\w+)\s+\(", text, re.MULTILINE)]


def tree_of(output: str, format_: Format) -> Tree:
    """The tree in an output, whatever lines of the device stand before and behind it.

    Raises:
        OutputError: there is none.
    """
    try:
        return _tree_of_json(output) if format_ is Format.JSON else tree_of_xml(output)
    except (ValueError, RecursionError, ParseError) as error:
        raise OutputError(f"no {format_.value.upper()}: {error}; it begins {output.strip()[:60]!r}") from None


def _tree_of_json(output: str) -> Tree:
    match = re.search(r"^\s*[\[{]", output, re.MULTILINE)
    if not match:
        raise ValueError("no line begins with { or [")
    return json.JSONDecoder().raw_decode(output, match.end() - 1)[0]


def tree_of_xml(output: str) -> Tree:
    """XML as tables: an element's children by their tags without namespaces, lists where a tag is repeated, text where
    there are no children. Attributes are beside it as "tag@attribute".

    Raises:
        ParseError, ValueError: it is none, or defines entities.
    """
    start, stop = output.find("<"), output.rfind(">")
    text = output[start : stop + 1] if start >= 0 else ""
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise ValueError("it defines entities")
    parser = XMLParser()  # noqa: S314 - entities are refused above
    parser.feed(text)
    root = parser.close()
    return {_tag(root.tag): _tree_of_element(root)}


def _tree_of_element(element: Element) -> Tree:
    if len(element) == 0:
        return (element.text or "").strip()
    tree: dict[str, Tree] = {}
    for child in element:
        tag = _tag(child.tag)
        value = _tree_of_element(child)
        if tag not in tree:
            tree[tag] = value
        elif isinstance(tree[tag], list):
            tree[tag].append(value)
        else:
            tree[tag] = [tree[tag], value]
        for name, text in child.attrib.items():
            tree.setdefault(f"{tag}@{_tag(name)}", text)
    return tree


def _tag(name: str) -> str:
    return name.rpartition("}")[2]


def _walk(node: Tree, path: Sequence[str], keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Tree]]:
    """The nodes at `path`, each with the keys that "*" stood for. A single item passes for a list of one, as XML has it."""
    if not path:
        if node not in (None, "", [], {}):
            yield keys, node
        return
    step, rest = path[0], path[1:]
    if step != "*":
        found = _at(node, [step])
        if found is not None:
            yield from _walk(found, rest, keys)
    elif isinstance(node, Mapping) and not _is_item(node, rest):
        for key, item in node.items():
            yield from _walk(item, rest, (*keys, str(key)))
    else:
        for number, item in enumerate(node if isinstance(node, list) else [node]):
            yield from _walk(item, rest, (*keys, str(number)))


def _is_item(node: Mapping[str, Tree], rest: Sequence[str]) -> bool:
    """Whether a table at "*" is itself the one item of a list: where it has what follows, or holds scalars only."""
    if rest and rest[0] != "*":
        return rest[0] in node
    return not any(isinstance(item, Mapping | list) for item in node.values())


def _at(node: Tree, path: Sequence[str]) -> Tree:
    """What is below `node`; names that are lists count by their first item. None where there is nothing."""
    for position, step in enumerate(path):
        while isinstance(node, list):
            node = node[0] if node else None
        if not isinstance(node, Mapping):
            return None
        joined = ".".join(path[position:])
        if joined in node:  # names with dots in them
            return node[joined]
        node = node.get(step)
    return node


def _scalar(found: Tree) -> FieldValue | None:
    while isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, str | int | float | bool) else None
