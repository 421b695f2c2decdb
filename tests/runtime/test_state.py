"""What is remembered survives, and what is damaged costs only itself."""

import logging
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.runtime.state import StateDir, StateError


class HostThing(msgspec.Struct):
    number: int
    name: str = ""


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    state = StateDir(tmp_path / "state")
    state.save("r1", HostThing(7, "Lạng Sơn"))
    assert state.load(HostThing, "r1") == HostThing(7, "Lạng Sơn")
    assert state.load(HostThing, "r2") is None


@pytest.mark.parametrize("host", ["../../etc/passwd", "a/b", "bộ phận 1", ".", "..", "x" * 60])
def test_no_host_name_leaves_the_directory(tmp_path: Path, host: str) -> None:
    state = StateDir(tmp_path / "state")
    state.save(host, HostThing(1))
    assert state.load(HostThing, host) == HostThing(1)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent for path in files] == [tmp_path / "state" / "thing"]


@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int) -> None:
    state = StateDir(tmp_path_factory.mktemp("state"))
    state.save("r1", HostThing(7, "name"))
    file = state.path / "thing" / "r1"
    data = bytearray(file.read_bytes())
    data[at % len(data)] ^= 1 << bit
    file.write_bytes(data)
    assert state.load(HostThing, "r1") is None
    assert file.with_name("r1@damaged").read_bytes() == data


@pytest.mark.parametrize("content", [b"", b"COL1", b"garbage" * 100])
def test_a_damaged_file_is_set_aside_and_reported(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    state = StateDir(tmp_path)
    state.save("r1", HostThing(7))
    (tmp_path / "thing" / "r1").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert state.load(HostThing, "r1") is None
    assert "r1: state set aside" in caplog.text
    state.save("r1", HostThing(8))
    assert state.load(HostThing, "r1") == HostThing(8)


def test_a_read_only_state_remembers_nothing(tmp_path: Path) -> None:
    StateDir(tmp_path).save("r1", HostThing(7))
    state = StateDir(tmp_path, read_only=True)
    state.save("r1", HostThing(8))
    state.forget(HostThing, "r1")
    assert state.load(HostThing, "r1") == HostThing(7)


def test_a_directory_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"collector\.state_dir: cannot make .*/file/state: "):
        StateDir(tmp_path / "file" / "state")
