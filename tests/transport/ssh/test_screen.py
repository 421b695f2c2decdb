"""What comes from a terminal as text: nothing of the answer is lost, nothing else is kept, and no text takes long."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.faults import CliFaults
from collector.simulator.ssh.style import STYLES
from collector.simulator.ssh.terminal import Terminal
from collector.transport.ssh.cli import USUAL_PROMPT
from collector.transport.ssh.screen import answer, ends_with_pager, has_echo, is_nothing_but, plain

R1 = re.compile(USUAL_PROMPT.replace("{base}", "R1"))
WORDS = st.lists(
    st.sampled_from(["  Gi0/1 is up", "     5 minute input rate 0", "\tMTU 1500", "", "x", "é"]), max_size=40
)


@pytest.mark.parametrize(
    "prompt",
    [
        "R1#",
        "R1>",
        "<R1>",
        "[R1]",
        "*R1#",
        "R1(config-if)#",
        "HRP_M<R1>",
        "[~R1]",
        "\n[/]\nR1#",
        "{master:0}\nR1>",
        "R1# ",
        "R1:~$ ",
    ],
)
def test_prompts(prompt: str) -> None:
    assert R1.search(f"text\n{prompt}")
    assert R1.search(prompt)
    assert is_nothing_but(f"\n{prompt}\n{prompt}", R1)
    assert answer(f"{prompt}show it\nline\n{prompt}", "show it", R1) == "line\n"
    assert answer(f"{prompt}\n{prompt}show it\n{prompt}\n{prompt}", "show it", R1) == "\n"


@pytest.mark.parametrize("text", ["to R1#", "text R1>", "R1", "R2#", "R1 #", "Gi0/1 R1#", "x<R1>", "R1#\nmore"])
def test_what_is_no_prompt(text: str) -> None:
    assert not R1.search(f"first line\n{text}")
    assert not is_nothing_but(text, R1)


@pytest.mark.parametrize("platform", sorted(set(STYLES) - {"vyos"}))
@settings(max_examples=30, deadline=None)
@given(lines=WORDS)
def test_pages_put_together_are_the_whole(platform: str, lines: list[str]) -> None:
    whole = "".join(f"{line}\n" for line in lines)
    device = CliDevice(name="R1", platform=platform, answers={"show it": whole}, page_lines=5)
    device.faults = CliFaults(always_pages=True)
    terminal = Terminal(device, "admin")
    came = b"".join(step.data for step in [*terminal.start(), *terminal.feed(b"\n")]).decode()
    came = b"".join(step.data for step in terminal.feed(b"show it\n")).decode()
    while ends_with_pager(came[-2048:]):
        came += b"".join(step.data for step in terminal.feed(b" ")).decode()
    style = STYLES[platform].prompt.format(name="R1", user="admin").strip()
    text = plain(came).partition("\n")[2].rpartition(style)[0]
    text = text.partition("UTC\n")[2] if STYLES[platform].stamped else text
    came_lines = [line if line.strip() else "" for line in text.strip().split("\n")]
    assert came_lines == whole.strip().split("\n")


@pytest.mark.parametrize("last", ["{}", "[]", '{"a": [1]}', '["a"]', "}", "]", "</rpc-reply>", "[R2]", "{x}", "100%"])
def test_the_last_line_of_an_answer_is_no_part_of_the_prompt(last: str) -> None:
    assert answer(f"R1#show it\n{last}\nR1#", "show it", R1) == f"{last}\n"


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \n"), max_size=200), st.integers(1, 20))
def test_a_wrapped_echo_is_found(text: str, width: int) -> None:
    command = "show interfaces status"
    wrapped = "\n".join(command[at : at + width] for at in range(0, len(command), width))
    assert has_echo(f"R1#{wrapped}\n{text}", command)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_is_too_strange(text: str) -> None:
    assert "\r" not in plain(text)
    assert answer(plain(text), "show it", R1).endswith("\n")
    assert plain(plain(text)) is not None
    ends_with_pager(text)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "x" * 500_000 + "\b" * 500_000,
        "x\b" * 500_000,
        "\r" * 1_000_000,
        "x\r" * 500_000,
        "\x1b[" * 500_000,
        "\x1b]" * 500_000,
        "\x1b[999D" * 150_000,
        " " * 1_000_000,
        "-" * 1_000_000,
        "\n" * 1_000_000,
        "R1#\n" * 250_000,
        "[" * 1_000_000,
        "R1" * 500_000,
        "\n[" * 500_000,
    ],
    ids=range(15),
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    answer(plain(text), "show it", R1)
    is_nothing_but(plain(text[-2048:]), R1)
    ends_with_pager(text[-2048:])
    assert time.process_time() - began < 1.5
