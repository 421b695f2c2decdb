"""The session without a socket."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.faults import CliFaults, End, Step, pieces
from collector.simulator.ssh.terminal import Terminal

TEXTS = st.text(st.sampled_from("R1#>$ \nabc\x1b%ü"), max_size=300)
SHOW = {"show it": "one\ntwo\n"}


def shown(steps: list[Step]) -> str:
    return b"".join(step.data for step in steps).decode()


def session(device: CliDevice, *typed: bytes) -> str:
    terminal = Terminal(device, "admin")
    return shown([*terminal.start(), *(step for part in typed for step in terminal.feed(part))])


@given(TEXTS, st.integers(0, 40), st.booleans())
def test_pieces_are_the_whole(text: str, chunk_bytes: int, behind_prompts: bool) -> None:
    faults = CliFaults(chunk_bytes=chunk_bytes, cut_behind_prompts=behind_prompts)
    steps = list(pieces(text.encode(), faults, "R1"))
    assert b"".join(step.data for step in steps) == text.encode()
    assert all(step.data and step.end is End.NOTHING for step in steps)
    assert all(len(step.data) <= chunk_bytes for step in steps if chunk_bytes)


TYPED = st.lists(
    st.sampled_from([b"show it", b"\n", b"\r\n", b"\r", b"\x00", b"\x7f", b"\x03", b"enable", b"x", b" ", b"\xc3\xbc"])
)


@given(TYPED.map(b"".join), st.lists(st.integers(0, 60), max_size=5))
def test_how_typing_is_cut_up_does_not_matter(typed: bytes, cuts: list[int]) -> None:
    whole, cut = CliDevice(answers=SHOW, enable="x"), CliDevice(answers=SHOW, enable="x")
    cuts = [cut for cut in cuts if typed[cut - 1 : cut + 1] not in (b"\r\n", b"\r\x00")]
    edges = [0, *sorted(cuts), len(typed)]
    assert session(whole, typed) == session(cut, *(typed[a:b] for a, b in pairwise(edges)))
    assert whole.received == cut.received


def test_a_piece_ends_right_behind_what_looks_like_the_prompt() -> None:
    text = b"Gi1 to R1#\nGi2 from R1(config)#x\n"
    steps = list(pieces(text, CliFaults(cut_behind_prompts=True, chunk_pause_s=0.5), "R1"))
    assert [step.data for step in steps] == [b"Gi1 to R1#", b"\nGi2 from R1(config)#", b"x\n"]
    assert [step.pause_s for step in steps] == [0.0, 0.5, 0.5]


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n", b"\r\x00"])
def test_any_line_end_ends_one_line(line_end: bytes) -> None:
    device = CliDevice(answers=SHOW)
    assert session(device, b"show it" + line_end) == "R1#show it\r\none\r\ntwo\r\nR1#"


def test_lines_are_edited_and_given_up() -> None:
    device = CliDevice(answers=SHOW)
    session(device, b"shox\x7fw it\n", b"reload\x03", b"  show   it \n")
    assert device.received == ["show it", "  show   it "]


@pytest.mark.parametrize(
    ("echo", "text"),
    [
        ("once", "R1#show it\r\none\r\ntwo\r\nR1#"),
        ("twice", "R1#show it\r\nR1#show it\r\none\r\ntwo\r\nR1#"),
        ("none", "R1#one\r\ntwo\r\nR1#"),
    ],
)
def test_echo(echo: str, text: str) -> None:
    assert session(CliDevice(answers=SHOW, faults=CliFaults(echo=echo)), b"show it\n") == text  # type: ignore[arg-type]


def test_the_pager_turns_pages_and_lines_and_stops() -> None:
    answers = {"show all": "".join(f"{number}\n" for number in range(10))}
    device = CliDevice(answers=answers, page_lines=4)
    more, wipe = device.style.pager
    terminal = Terminal(device, "admin")
    terminal.start()
    assert shown(terminal.feed(b"show all\n")) == f"show all\r\n0\r\n1\r\n2\r\n{more}"
    assert shown(terminal.feed(b" ")) == f"{wipe}3\r\n4\r\n5\r\n{more}"
    assert shown(terminal.feed(b"\r\n")) == f"{wipe}6\r\n{more}"
    assert shown(terminal.feed(b" ")) == f"{wipe}7\r\n8\r\n9\r\nR1#"
    assert shown(terminal.feed(b"show all\n")).endswith(more)
    assert shown(terminal.feed(b"q")) == f"{wipe}R1#"


def test_a_pager_that_stays() -> None:
    device = CliDevice(answers={"show all": "x\n" * 30}, faults=CliFaults(always_pages=True))
    assert session(device, b"terminal length 0\n", b"show all\n").endswith(device.style.pager[0])
    device.faults = CliFaults()
    assert session(device, b"terminal length 0\n", b"show all\n").endswith("x\r\nR1#")


def test_a_key_before_the_prompt() -> None:
    device = CliDevice(answers=SHOW, motd="Keep out\n", faults=CliFaults(press_key="Press any key"))
    assert session(device) == "Keep out\r\nPress any key"
    assert session(device, b"\n", b"show it\n").endswith("one\r\ntwo\r\nR1#")
    assert device.received == ["show it"], "the key is no command"


def test_colours_and_garbage_wrap_the_text() -> None:
    plain = session(CliDevice(answers=SHOW), b"show it\n")
    coloured = session(CliDevice(answers=SHOW, faults=CliFaults(ansi=True)), b"show it\n")
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*[mK]", "", coloured) == plain
    terminal = Terminal(CliDevice(answers=SHOW, faults=CliFaults(garbage=True)), "admin")
    steps = terminal.feed(b"show it\n")
    with pytest.raises(UnicodeDecodeError):
        shown(steps)


def test_prompts_that_come_once_more() -> None:
    device = CliDevice(answers=SHOW, faults=CliFaults(late_prompt_s=0.2))
    steps = Terminal(device, "admin").feed(b"show it\n")
    assert [(step.data, step.pause_s) for step in steps[-2:]] == [(b"R1#", 0.0), (b"\r\nR1#", 0.2)]


def test_a_break_in_the_middle() -> None:
    device = CliDevice(
        answers={"show it": "one\ntwo\n", "show more": "one\ntwo\n"},
        faults=CliFaults(breaks="hang", breaks_after_bytes=6, breaks_at="show it"),
    )
    steps = Terminal(device, "admin").feed(b"show it\n")
    assert shown(steps) == "show it\r\none\r\nt"
    assert steps[-1].end is End.HANG
    assert shown(Terminal(device, "admin").feed(b"show more\n")).endswith("R1#")


def test_moving_answers_come_before_the_fixed_ones() -> None:
    def answer(command: str, now_s: float) -> str | None:
        return f"it is {now_s:.0f}\n" if command == "show it" else None

    device = CliDevice(answers={**SHOW, "show fixed": "fixed\n"}, answer=answer, platform="cisco_xr")
    terminal = Terminal(device, "admin", clock=lambda: 1_700_000_000.0)
    assert "Tue Nov 14 22:13:20.000 UTC\r\nit is 1700000000\r\n" in shown(terminal.feed(b"show it\n"))
    assert "UTC\r\nfixed\r\n" in shown(terminal.feed(b"show fixed\n"))


def test_three_wrong_secrets_and_back_to_the_prompt() -> None:
    device = CliDevice(enable="s3cret")
    text = session(device, b"enable\n", b"a\n", b"b\n", b"c\n", b"enable\n", b"s3cret\n", b"disable\n")
    assert text.count("Password: ") == 4
    assert "% Bad secrets" in text
    assert "s3cret" not in text
    assert text.endswith("R1#disable\r\nR1>")
    assert device.received == ["enable", "enable", "disable"]


def test_an_unknown_platform_is_told() -> None:
    with pytest.raises(ValueError, match="'cisco_oops' is none of cisco_ios"):
        CliDevice(platform="cisco_oops")
