"""What goes wrong on a command line ends in a whole answer or in the right error, never in half an answer or another's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm, serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.transport.contract import BoundsError, NoAnswerError
from collector.transport.ssh import terminal
from collector.transport.ssh.cli import CliSession
from collector.transport.ssh.errors import ClosedError
from collector.transport.ssh.terminal import Waits
from tests.transport.ssh.world import fails, family, opened, pinned, until, within

ANSWERS = {f"show {number}": f"{number} is to R1# or <R1>\n" * (number + 1) for number in range(4)}
IOS = family("cisco_ios", *ANSWERS, "show it", "show none")


@pytest.fixture
def device() -> CliDevice:
    return CliDevice(answers={**ANSWERS, "show none": ""})


@pytest.fixture
def farm(device: CliDevice) -> Iterator[SshFarm]:
    with serve_cli([device]) as farm:
        yield farm


@pytest.fixture
def session(farm: SshFarm, device: CliDevice, tmp_path: Path) -> Iterator[CliSession]:
    with opened(farm, device, pinned(tmp_path, farm.known_hosts()), IOS) as session:
        yield session


def all_answers(session: CliSession) -> dict[str, str]:
    return {command: session.run(command).text for command in ANSWERS}


FAULTS = {
    "echo twice": CliFaults(echo="twice"),
    "colours": CliFaults(ansi=True),
    "slow": CliFaults(command_s=0.1),
    "pieces": CliFaults(chunk_bytes=7, chunk_pause_s=0.002, cut_behind_prompts=True),
    "colours in pieces, echo twice": CliFaults(ansi=True, chunk_bytes=5, chunk_pause_s=0.001, echo="twice"),
    "late prompts": CliFaults(late_prompt_s=0.15),
    "later prompts, slow": CliFaults(late_prompt_s=0.25, command_s=0.1),
    "late prompts, pieces": CliFaults(late_prompt_s=0.05, chunk_bytes=9, chunk_pause_s=0.002),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whole_answers_all_the_same(session: CliSession, device: CliDevice, fault: str) -> None:
    device.faults = FAULTS[fault]
    assert all_answers(session) == ANSWERS
    assert session.run("show none").text == "\n"
    assert session.run("show 0").text == ANSWERS["show 0"]


@pytest.mark.parametrize("fault", ["echo twice", "colours", "pieces", "late prompts"])
def test_sessions_open_all_the_same(farm: SshFarm, device: CliDevice, tmp_path: Path, fault: str) -> None:
    device.faults = FAULTS[fault]
    with opened(farm, device, pinned(tmp_path, farm.known_hosts()), IOS) as session:
        assert all_answers(session) == ANSWERS


def test_prompts_that_come_long_before_the_echo(device: CliDevice, tmp_path: Path) -> None:
    with (
        serve_cli([device], rtt_s=0.15) as farm,
        opened(farm, device, pinned(tmp_path, farm.known_hosts()), IOS) as session,
    ):
        device.faults = CliFaults(late_prompt_s=0.08)
        assert all_answers(session) == ANSWERS


def test_without_echo(session: CliSession, device: CliDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(terminal.SECONDS, Waits.ECHO, 0.3)
    device.faults = CliFaults(echo="none")
    assert session.run("show none").text == "\n"
    assert all_answers(session) == ANSWERS


def test_octets_that_are_no_text(session: CliSession, device: CliDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    device.answers = {"show 0": "\n".join(f"{number} is to R1#" for number in range(500)) + "\n"}
    device.faults = CliFaults(garbage=True)
    monkeypatch.setitem(terminal.SECONDS, Waits.MORE, 0.4)
    with fails(NoAnswerError, "it ends", "R1#", host="R1"):  # rubbish stands right before the prompt, too
        session.run("show 0")


def test_a_greeting_full_of_prompts_and_a_key_to_press(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    device.motd = "R1#\nR1>\nWelcome to R1#\n"
    device.faults = CliFaults(press_key="Press any key to continue")
    with opened(farm, device, pinned(tmp_path, farm.known_hosts()), IOS) as session:
        assert session.prompt == "R1#"
        assert all_answers(session) == ANSWERS


def test_silence_in_the_midst_of_an_answer(
    session: CliSession, device: CliDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(terminal.SECONDS, Waits.MORE, 0.4)
    device.faults = CliFaults(breaks="hang", breaks_after_bytes=40)
    with fails(NoAnswerError, "'show 3': no prompt", "set `family`", host="R1"):
        session.run("show 3")


def test_a_prompt_left_over_is_no_answer(
    session: CliSession, device: CliDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    device.faults = CliFaults(late_prompt_s=0.2)
    assert session.run("show 0").text == ANSWERS["show 0"]
    monkeypatch.setitem(terminal.SECONDS, Waits.MORE, 0.6)
    monkeypatch.setitem(terminal.SECONDS, Waits.ECHO, 0.1)
    device.faults = CliFaults(echo="none", command_s=3)
    with fails(NoAnswerError, host="R1"):
        session.run("show none")


def test_the_deadline_ends_an_answer(session: CliSession, device: CliDevice) -> None:
    device.faults = CliFaults(breaks="hang", breaks_after_bytes=40)
    session.use(within(0.4))
    with fails(BoundsError, "time is used up", host="edge-1", within_s=1.4):
        session.run("show 3")


@pytest.mark.parametrize("breaks", ["reset", "close", "half_close"])
def test_the_end_in_the_midst_of_an_answer(session: CliSession, device: CliDevice, breaks: str) -> None:
    device.faults = CliFaults(breaks=breaks, breaks_after_bytes=40)  # type: ignore[arg-type]
    with fails(ClosedError, "closed the session", host="R1"):
        session.run("show 3")
    assert until(lambda: not session.alive)


def test_an_answer_without_end(session: CliSession, device: CliDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "MAX_OUTPUT_BYTES", 200_000)
    device.faults = CliFaults(breaks="endless", breaks_after_bytes=40)
    with fails(BoundsError, "no end after 19", host="R1", within_s=5):
        session.run("show 3")


def test_a_session_that_was_idle_for_too_long(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    device.faults = CliFaults(idle_s=0.4)
    with opened(farm, device, pinned(tmp_path, farm.known_hosts()), IOS) as session:
        assert until(lambda: not session.alive)
        with fails(ClosedError, host="R1"):
            session.run("show 0")


def test_no_command_line_at_all(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    device.faults = CliFaults(no_shell=True)
    with fails(ClosedError, host="R1"), opened(farm, device, pinned(tmp_path, farm.known_hosts()), IOS):
        pass


PARTS = st.sampled_from(
    ["up", " ", "  ", "R1", "to R1#", "x<R1>", "R1(config)#", "at R1#.", "#", ">", "Gi0/1", "%", "é", "--", "0"]
)
LINES = st.lists(
    st.lists(PARTS, min_size=1, max_size=6).map(lambda parts: ". " + "".join(parts)), min_size=1, max_size=12
)


def test_how_an_answer_is_cut_does_not_matter(session: CliSession, device: CliDevice) -> None:
    @given(LINES, st.integers(3, 90), st.booleans())
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def one(lines: list[str], chunk_bytes: int, behind_prompts: bool) -> None:
        text = "\n".join(lines) + "\n"
        device.answers = {"show it": text}
        device.faults = CliFaults(chunk_bytes=chunk_bytes, chunk_pause_s=0.001, cut_behind_prompts=behind_prompts)
        session.use(within(10))
        assert session.run("show it").text == text

    one()
