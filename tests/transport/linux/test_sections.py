"""The output taken apart: whatever is in a section stays in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.transport.linux import sections
from tests.transport.linux.machine import NONCE

NAMES = st.text("abcdefghij/.,-", min_size=1, max_size=12)


def printed(content: dict[str, tuple[bytes, str]]) -> bytes:
    """What the script prints for sections with these texts and statuses."""
    whole = b"".join(
        f"\n{NONCE} > {name}\n".encode() + text + f"\n{NONCE} < {status}\n".encode()
        for name, (text, status) in content.items()
    )
    return whole + f"\n{NONCE} . machine\n".encode()


@given(
    content=st.dictionaries(
        NAMES,
        st.tuples(
            st.one_of(
                st.binary(max_size=60),
                st.lists(
                    st.sampled_from((b"\n", NONCE.encode(), b"\n0123456789abcdefXY > x\n", b"> x\n", b"a:b", b"\r\n")),
                    max_size=8,
                ).map(b" ".join),
            ).filter(lambda text: f"\n{NONCE} ".encode() not in b"\n" + text),
            st.sampled_from(("0", "1", "137", "absent")),
        ),
        max_size=6,
    )
)
def test_sections_come_back_as_they_were(content: dict[str, tuple[bytes, str]]) -> None:
    found = sections.split(printed(content), NONCE)
    assert {name: section.text for name, section in found.by_name.items()} == {
        name: text.decode(errors="replace") for name, (text, _) in content.items()
    }
    for name, (_, status) in content.items():
        assert found.by_name[name].absent == (status == "absent")
        assert found.by_name[name].status == (None if status == "absent" else int(status))


def test_what_is_too_long_is_cut_at_a_line_and_told() -> None:
    text = b"0123456789\n" * (sections.MAX_SECTION_BYTES // 10)
    found = sections.split(printed({"big": (text, "0"), "small": (b"x", "0")}), NONCE)
    assert found.text("big").splitlines() == ["0123456789"] * (sections.MAX_SECTION_BYTES // 11)
    assert found.text("small") == "x"
    (problem,) = found.problems
    assert problem.startswith(f"big: {len(text)} bytes")


def test_sections_are_bounded_in_number() -> None:
    content = {f"s{number}": (b"", "0") for number in range(sections.MAX_SECTIONS + 50)}
    assert len(sections.split(printed(content), NONCE).by_name) == sections.MAX_SECTIONS


def test_a_section_that_never_ended_has_no_status() -> None:
    output = f"\n{NONCE} . machine\n\n{NONCE} > smartctl\nhalf".encode()
    section = sections.split(output, NONCE).by_name["smartctl"]
    assert (section.text, section.status, section.absent) == ("half", None, False)


def test_sections_whose_name_starts_alike() -> None:
    found = sections.split(printed({"kenv maker": (b"Dell", "0"), "kenv": (b"", "0"), "kenvx y": (b"", "0")}), NONCE)
    assert [(name, section.text) for name, section in found.starting("kenv")] == [("maker", "Dell")]


def test_files_whose_lines_bear_their_path() -> None:
    text = "proc/stat:cpu 1\nproc/stat:a:b\nproc/uptime:1 2\nno path\n"
    assert sections.files(text) == {"proc/stat": "cpu 1\na:b", "proc/uptime": "1 2"}


@pytest.mark.parametrize("output", [b"", b"\x1b[31mKaboom\x07\n"])
def test_no_marker(output: bytes) -> None:
    with pytest.raises(ValueError, match=r"^no marker in") as raised:
        sections.split(output, NONCE)
    assert str(raised.value).isprintable()
