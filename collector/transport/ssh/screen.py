"""What comes from a terminal, as text: without escapes, echo, prompt and the remains of paging. Pure."""

import re

_PAGERS = r"-- ?more ?--, next page: space,[^\r\n]*|-{2,4} ?\(?more\)? ?-{2,4}|<-{2,3} ?more ?-{2,3}>|---\(more(?: \d+%)?\)---|press (?:any key to continue|q to quit)[^\r\n]*|-- \[q quit[^\]\r\n]*\]"
_PAGE_END = re.compile(rf" {{0,2}}(?:{_PAGERS})", re.IGNORECASE)
_PAGER = re.compile(rf"(?:{_PAGERS})\s*\Z", re.IGNORECASE)
_BACK_AND_BACK = re.compile(r"\x1b\[(\d{1,3})D *\x1b\[\1D")
"""how some wipe a page's end away"""
_NEW_LINE = re.compile(r"\x1bE|\x1b\[\d+;1H(?=\x1b\[2K)")
"""how HP's switches begin a line"""
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()#][A-Za-z0-9]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[=>A-Z0-9])")
_PROMPTS = 4
"""at most, behind an answer: one, and those of lines sent before"""
_LINE_END = re.compile(r"(?<!\r)\r+\n|\n\r")
_WIPED = re.compile(r"^[^\n]*\r(?![\n\r])(?=[^\n])", re.MULTILINE)
"""what a lone carriage return lets the rest of the line write over"""
_ERASED = re.compile(r"^[^\n]*\x08[^\n]*", re.MULTILINE)
"""a line in which something is taken back"""
_LONGEST_PROMPT = 2048
"""characters at the end of an answer in which the prompt is looked for"""


def ends_with_pager(tail: str, pager: str = "") -> bool:
    """Whether the device waits for a key at the end of a page; `pager` is the family's own text for it."""
    line = _ESCAPE.sub("", tail[-200:]).rpartition("\n")[2]
    if pager and line.rstrip().endswith(pager):
        return True
    return _PAGER.search(line) is not None


def plain(text: str, pager: str = "") -> str:
    """The text as a person reads it: lines end in a newline; escapes, backspaces and pages' ends are gone."""
    # each look for what a pattern needs costs a hundredth of the pattern
    if "\x1b" in text:
        text = _ESCAPE.sub("", _NEW_LINE.sub("\n", _BACK_AND_BACK.sub("", text)))
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if _may_have_pages(text):
        text = _PAGE_END.sub("", text)
    if pager:
        text = text.replace(pager, "")
    if "\b" in text:
        text = _ERASED.sub(_as_left, text)
    if "\r" in text:
        text = _WIPED.sub("", text).replace("\r", "")
    return text.replace("\x00", "")


def _may_have_pages(text: str) -> bool:
    lower = text.lower()
    return "more" in lower or "press " in lower or "[q quit" in lower


def _as_left(line: re.Match[str]) -> str:
    """What backspaces leave of a line."""
    left: list[str] = []
    for letter in line[0]:
        if letter != "\b":
            left.append(letter)
        elif left:
            left.pop()
    return "".join(left)


def has_echo(text: str, command: str) -> bool:
    """Whether a command stands in a text, wherever a terminal may have broken it."""
    return _packed(command) in _packed(text)


def is_nothing_but(text: str, ending: re.Pattern[str]) -> bool:
    """Whether a plain text, some lines long, is made of prompts alone."""
    return not _before_prompts(text, ending, len(text)).strip()


def _before_prompts(text: str, ending: re.Pattern[str], at_most: int) -> str:
    for _ in range(at_most):
        if not (match := ending.search(text, max(0, len(text) - _LONGEST_PROMPT))):
            break
        text = text[: match.start()]
    return text


def answer(text: str, command: str, ending: re.Pattern[str]) -> str:
    """What a command answered: a plain text without what stands before and at its echo, and without the prompt behind it."""
    return _behind_echo(_before_prompts(text, ending, _PROMPTS), command).strip("\n") + "\n"


def _behind_echo(text: str, command: str) -> str:
    wanted = _packed(command)
    at = 0
    lines = text.split("\n")
    for number in range(min(len(lines), 12)):
        # an echo may be broken by the terminal's width, and a device that falls behind repeats it
        for stop in range(number + 1, min(number + 4, len(lines)) + 1):
            if _packed("".join(lines[number:stop])).endswith(wanted):
                at = stop
                break
        else:
            if at:
                break
    return "\n".join(lines[at:])


def _packed(text: str) -> str:
    return re.sub(r"\s+", "", text)
