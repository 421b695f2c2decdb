"""Templates with their rules joined find what the library itself finds."""

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textfsm import TextFSM, TextFSMError

from collector.plugin.cli.machine import records

_LINES = st.lists(
    st.sampled_from(["port a", "port b up", "up", "down", "twice x x", "stop", "error", "1 2", ""]), max_size=12
)
_TEMPLATES = {
    "continue and filldown": """Value Filldown,Required port (\\S+)
Value state (up|down)
Value List numbers (\\d)

Start
  ^port -> Continue.Record
  ^port ${port}(?: ${state})?$$
  ^${state}$$
  ^(?:${numbers}) -> Continue
  ^\\d ${numbers}
  ^stop -> Other

Other
  ^(port|up) -> Next
  ^down -> Record Start
  ^error -> Error "no"
""",
    "references are not joined": """Value twin (\\S+)

Start
  ^twice (\\w) \\1 -> Continue
  ^(twice|port) ${twin} -> Record
  ^stop -> End
""",
}


def _outcome(parse: Callable[[], object]) -> object:
    try:
        return parse()
    except TextFSMError as error:
        return str(error)


@pytest.mark.parametrize("name", _TEMPLATES)
def test_it_finds_what_the_library_finds(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("template") / "one.textfsm"
    path.write_text(_TEMPLATES[name])

    @given(_LINES)
    def same(lines: list[str]) -> None:
        text = "\n".join(lines)
        library = TextFSM(io.StringIO(_TEMPLATES[name]))
        assert _outcome(lambda: records(path, text)) == _outcome(lambda: (library.header, library.ParseText(text)))

    same()


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "one.textfsm"
    path.write_text("Value a (\\w)\n\nStart\n  ^is ${a}\n  ^ -> Error\n")
    with pytest.raises(TextFSMError):
        records(path, "is x\n no")
    assert records(path, "") == (["a"], [])


def test_a_line_full_of_blanks_takes_no_time(tmp_path: Path) -> None:
    template = tmp_path / "slow.textfsm"
    template.write_text("Value NAME (\\S+)\n\nStart\n  ^${NAME}\\s*\\s*\\s*$$ -> Record\n")
    began = time.process_time()
    assert records(template, "eth0" + " " * 50_000 + "\n" + " " * 50_000 + "x\n")[1] == [["eth0"]]
    assert time.process_time() - began < 1
