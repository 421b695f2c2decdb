"""TextFSM templates at work: each compiled once, and a line tried against all rules of a state at once.

What a template means is the library's affair: values, options, records and errors are its own. Only the first rule that
fits a line is looked for here, by one expression that has all rules as alternatives: four fifths of the time went there.
"""

import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from textfsm import TextFSM

_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=|\(\?\(")
"""to a group by its number or name, which are others in a longer expression"""

_NEVER = r"(?!)"
MAX_LINE = 2000
"""characters; the longest lines that devices print are those of descriptions and of RouterOS's items"""

_idle: defaultdict[Path, list["_Machine"]] = defaultdict(list)
"""Machines that nobody uses. They keep state while they parse, and several threads do; few at the same time."""


def records(template: Path, text: str) -> tuple[list[str], list[list[Any]]]:
    """Names of the template's values, and the records that it finds in `text`.

    Raises:
        TextFSMError: the text is none of the template's.
        TextFSMTemplateError: the template has mistakes.
    """
    try:
        machine = _idle[template].pop()
    except IndexError:
        machine = _Machine(io.StringIO(template.read_text(encoding="utf-8")))
    try:
        return machine.header, machine.ParseText(_tame(text))
    finally:
        machine.Reset()
        _idle[template].append(machine)


def _tame(text: str) -> str:
    """Lines without blanks at their ends, and none longer than a table's: expressions take their time over such."""
    return "\n".join(line.rstrip()[:MAX_LINE] for line in text.split("\n"))


class _Rule(NamedTuple):
    """A rule as it is reached from one place; `values` are those that it fills, each with its group's number there."""

    number: int
    rule: Any
    values: tuple[tuple[Any, int], ...]


class _Rules(NamedTuple):
    """The rules of a state from one of them on.

    Attributes:
        any_of: matches where one of them does, and its last group says which; None where they cannot be joined.
        by_group: the rules, by that group's number; by their own numbers where they are not joined.
    """

    any_of: re.Pattern[str] | None
    by_group: dict[int, _Rule]

    def first(self, line: str) -> tuple[_Rule, re.Match[str]] | None:
        """The first that fits a line."""
        if self.any_of is None:
            tries = ((rule, rule.rule.regex_obj.match(line)) for rule in self.by_group.values())
            return next(((rule, match) for rule, match in tries if match), None)
        match = self.any_of.match(line)
        return (self.by_group[match.lastindex], match) if match and match.lastindex else None


class _Machine(TextFSM):  # type: ignore[misc] # it comes without types
    """The library's machine, which looks a line's rule up faster."""

    _cur_state_name: str

    def __init__(self, template: io.StringIO) -> None:
        super().__init__(template)
        values = {value.name: value for value in self.values}
        self._from = {
            state: {start: _joined(rules, start, values) for start in _starts(rules)}
            for state, rules in self.states.items()
        }

    def _CheckLine(self, line: str) -> None:  # noqa: N802 - the library's name
        rules_from = self._from[self._cur_state_name]
        found = rules_from[0].first(line)
        while found:
            (number, rule, values), match = found
            for value, group in values:
                value.AssignVar(match[group])
            if self._Operations(rule, line):
                if rule.new_state:
                    self._cur_state_name = rule.new_state
                return
            found = rules_from[number + 1].first(line)


def _starts(rules: Sequence[Any]) -> list[int]:
    """Where a search may begin: at the first rule, and behind each that lets the line go on to the next."""
    return [0, *(number for number, rule in enumerate(rules, 1) if rule.line_op == "Continue")]


def _joined(rules: Sequence[Any], start: int, values: Mapping[str, Any]) -> _Rules:
    alternatives: list[str] = []
    by_group: dict[int, _Rule] = {}
    group = 1
    for number, rule in enumerate(rules[start:], start):
        own = re.compile(rule.regex)
        if _BACK_REFERENCE.search(rule.regex):
            return _apart(rules, start, values)
        alternatives.append(f"({_NAMED_GROUP.sub('(', rule.regex)})")
        by_group[group] = _Rule(number, rule, _filled(own, values, group))
        group += 1 + own.groups
    try:
        return _Rules(re.compile("|".join(alternatives) or _NEVER), by_group)
    except re.error:  # flags stand at the beginning of an expression or nowhere
        return _apart(rules, start, values)


def _apart(rules: Sequence[Any], start: int, values: Mapping[str, Any]) -> _Rules:
    by_number = {
        number: _Rule(number, rule, _filled(re.compile(rule.regex), values, 0))
        for number, rule in enumerate(rules[start:], start)
    }
    return _Rules(None, by_number)


def _filled(own: re.Pattern[str], values: Mapping[str, Any], offset: int) -> tuple[tuple[Any, int], ...]:
    return tuple((values[name], offset + group) for name, group in own.groupindex.items() if name in values)
