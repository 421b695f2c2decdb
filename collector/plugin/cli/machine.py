"""TextFSM templates at work: each compiled once, and a line tried against all rules of a state at once.

What a template means is the library's affair: values, options, records and errors are its own. Only the first rule that
fits a line is looked for here, by one expression that has all rules as alternatives: four fifths of the time went there.
"""

import io
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from textfsm import TextFSM

_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=|\(\?\(")
"""to a group by its number or name, which are others in a longer expression"""

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
        return machine.header, machine.ParseText(text)
    finally:
        machine.Reset()
        _idle[template].append(machine)


class _Rules(NamedTuple):
    """The rules of a state from one of them on: `any_of` matches where one of them does, and its last group says which;
    None where they cannot be joined."""

    any_of: re.Pattern[str] | None
    rule_of_group: dict[int, int]


class _Machine(TextFSM):  # type: ignore[misc] # it comes without types
    """The library's machine, which looks a line's rule up faster."""

    _cur_state: list[Any]
    _cur_state_name: str

    def __init__(self, template: io.StringIO) -> None:
        super().__init__(template)
        self._values_by_name = {value.name: value for value in self.values}
        self._joined = {
            state: {start: _joined(rules, start) for start in _starts(rules)} for state, rules in self.states.items()
        }

    def _CheckLine(self, line: str) -> None:  # noqa: N802 - the library's name
        rules, joined = self._cur_state, self._joined[self._cur_state_name]
        at = _first(rules, 0, joined, line)
        while at is not None:
            rule = rules[at]
            matched = rule.regex_obj.match(line)
            for name in matched.groupdict():
                self._AssignVar(matched, name)
            if self._Operations(rule, line):
                if rule.new_state:
                    if rule.new_state not in ("End", "EOF"):
                        self._cur_state = self.states[rule.new_state]
                    self._cur_state_name = rule.new_state
                return
            at = _first(rules, at + 1, joined, line)

    def _GetValue(self, name: str) -> Any:  # noqa: N802 - the library's name
        return self._values_by_name.get(name)


def _starts(rules: Sequence[Any]) -> list[int]:
    """Where a search may begin: at the first rule, and behind each that lets the line go on to the next."""
    return [0, *(number for number, rule in enumerate(rules, 1) if rule.line_op == "Continue")]


def _joined(rules: Sequence[Any], start: int) -> _Rules:
    alternatives: list[str] = []
    rule_of_group: dict[int, int] = {}
    group = 1
    try:
        for number, rule in enumerate(rules[start:], start):
            if _BACK_REFERENCE.search(rule.regex):
                return _Rules(None, {})
            alternatives.append(f"({_NAMED_GROUP.sub('(', rule.regex)})")
            rule_of_group[group] = number
            group += 1 + re.compile(rule.regex).groups
        return _Rules(re.compile("|".join(alternatives)) if alternatives else None, rule_of_group)
    except re.error:  # flags, which stand at the beginning of an expression or nowhere
        return _Rules(None, {})


def _first(rules: Sequence[Any], start: int, joined: dict[int, _Rules], line: str) -> int | None:
    """Which rule fits a line first, from the one with the number `start` on."""
    any_of, rule_of_group = joined[start]
    if any_of is None:
        return next((number for number in range(start, len(rules)) if rules[number].regex_obj.match(line)), None)
    found = any_of.match(line)
    return rule_of_group[found.lastindex] if found and found.lastindex else None
