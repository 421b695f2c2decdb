"""Recordings: .snmprec and what snmpwalk prints, in and out."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.smi import recording, sift
from collector.smi.oid import decode, encode, encode_index
from collector.smi.recording import parse, read, write
from collector.smi.value import Missing, Tag, Value, VarBind


def shown(text: str) -> dict[str, tuple[int, Value]]:
    found = parse(text)
    assert found.problems == []
    return {decode(oid): (tag, value) for oid, tag, value in found.varbinds}


def test_reads_every_type_of_snmprec() -> None:
    text = """\
# a comment
1.3.6.1.1|2|-5
1.3.6.1.2|4|text with | in it
1.3.6.1.3|4x|00ff
1.3.6.1.4|4e|line\\nand \\x00\\\\
1.3.6.1.5|6|.1.3.6
1.3.6.1.6|64|192.0.2.1
1.3.6.1.7|64x|c0000202
1.3.6.1.8|65|4294967295
1.3.6.1.9|66|1
1.3.6.1.10|67|2
1.3.6.1.11|68x|9f78043fc00000
1.3.6.1.12|70|18446744073709551615
1.3.6.1.13|5|
1.3.6.1.14|4|
1.3.6.1.15|4|tiếng Việt
1.3.6.1.16|6|1.3.6.1.
""".replace("\n", "\r\n")
    assert shown(text) == {
        "1.3.6.1.1": (2, -5),
        "1.3.6.1.2": (4, b"text with | in it"),
        "1.3.6.1.3": (4, b"\x00\xff"),
        "1.3.6.1.4": (4, b"line\nand \x00\\"),
        "1.3.6.1.5": (6, "1.3.6"),
        "1.3.6.1.6": (64, "192.0.2.1"),
        "1.3.6.1.7": (64, "192.0.2.2"),
        "1.3.6.1.8": (65, 2**32 - 1),
        "1.3.6.1.9": (66, 1),
        "1.3.6.1.10": (67, 2),
        "1.3.6.1.11": (68, 1.5),
        "1.3.6.1.12": (70, 2**64 - 1),
        "1.3.6.1.13": (5, Missing.NO_SUCH_INSTANCE),
        "1.3.6.1.14": (4, b""),
        "1.3.6.1.15": (4, "tiếng Việt".encode()),
        "1.3.6.1.16": (6, "1.3.6.1"),
    }


def test_what_makes_no_sense_is_counted() -> None:
    found = parse(
        "1.3.6.1.1|2|five\n1.3.6.1.2|2:numeric|rate=1\n1.3.6.1.3|99|1\n1.3.6.1.4|2|\n1.3.six|2|1\nhello\n"
        "1.3.6.1.5|4x|0g\n1.3.6.1.6|65|-1\n1.3.6.1.7||\n1.3.6.1.8|2|5\n"
    )
    assert [(decode(oid), value) for oid, _, value in found.varbinds] == [("1.3.6.1.8", 5)]
    assert found.problems == [
        "a value that is none of type '2': 2 x",
        "type '2:numeric' is not known",
        "type '99' is not known",
        "not an OID in numeric form",
        "a line that is not OID|type|value",
        "a value that is none of type '4x'",
        "a value that is none of type '65'",
        "type '' is not known",
    ]


def test_sorts_by_arc_and_keeps_the_first_of_equals() -> None:
    found = parse("1.3.16384|2|3\n1.3.16383|2|2\n1.3.2|2|1\n1.3.2|2|9\n1.3.2.1|2|4\n")
    assert [(decode(oid), value) for oid, _, value in found.varbinds] == [
        ("1.3.2", 1),
        ("1.3.2.1", 4),
        ("1.3.16383", 2),
        ("1.3.16384", 3),
    ]
    assert found.problems == ["an OID that the file has already"]


@given(st.lists(st.lists(st.sampled_from([0, 1, 127, 128, 16383, 16384]), min_size=1, max_size=3), max_size=30))
def test_sorts_whatever_the_order_of_the_file(indexes: list[list[int]]) -> None:
    names = [".".join(map(str, (1, 3, *index))) for index in indexes]
    found = parse("".join(f"{name}|2|{number}\n" for number, name in enumerate(names)))
    assert [decode(oid) for oid, _, _ in found.varbinds] == [
        ".".join(map(str, arcs)) for arcs in sorted({(1, 3, *index) for index in indexes})
    ]
    assert [names.index(decode(oid)) for oid, _, _ in found.varbinds] == [value for _, _, value in found.varbinds]


PACKERS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".bz2": bz2.compress, ".gz": gzip.compress}

WALK = """\
.1.3.6.1.2.1.1.1.0 = STRING: "Linux \\"box\\" 6.1
second line
.1.3.6 is no OID here"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.8072.3.2.10
.1.3.6.1.2.1.1.3.0 = Timeticks: (4711) 0:00:47.11
.1.3.6.1.2.1.1.4.0 = ""
.1.3.6.1.2.1.1.5.0 = STRING: without quotes
iso.3.6.1.2.1.1.7.0 = INTEGER: 72
.1.3.6.1.2.1.2.2.1.5.1 = Gauge32: 10000000
.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 1B 21 3A
4F 02
.1.3.6.1.2.1.2.2.1.8.1 = INTEGER: up(1)
.1.3.6.1.2.1.2.2.1.10.1 = Counter32: 5
.1.3.6.1.2.1.4.20.1.1.10.0.0.1 = IpAddress: 10.0.0.1
.1.3.6.1.2.1.31.1.1.1.6.1 = Counter64: 18446744073709551615
.1.3.6.1.2.1.99.1 = Wrong Type (should be Gauge32 or Unsigned32): INTEGER: -5 seconds
.1.3.6.1.2.1.99.2 = BITS: C0 00 first(0) second(1)
.1.3.6.1.2.1.99.3 = Network Address: 0A:00:00:02
.1.3.6.1.4.1.2021.10.1.6.1 = Opaque: Float: 0.250000
.1.3.6.1.4.1.2021.99 = No Such Instance currently exists at this OID
.1.3.6.1.6.3.1 = No more variables left in this MIB View (It is past the end of the MIB tree)
"""


@pytest.mark.parametrize("text", [WALK, WALK.replace("\n", "\r\n")], ids=["LF", "CRLF"])
def test_reads_what_snmpwalk_prints(text: str) -> None:
    assert shown(text) == {
        "1.3.6.1.2.1.1.1.0": (4, b'Linux "box" 6.1\nsecond line\n.1.3.6 is no OID here'),
        "1.3.6.1.2.1.1.2.0": (6, "1.3.6.1.4.1.8072.3.2.10"),
        "1.3.6.1.2.1.1.3.0": (67, 4711),
        "1.3.6.1.2.1.1.4.0": (4, b""),
        "1.3.6.1.2.1.1.5.0": (4, b"without quotes"),
        "1.3.6.1.2.1.1.7.0": (2, 72),
        "1.3.6.1.2.1.2.2.1.5.1": (66, 10_000_000),
        "1.3.6.1.2.1.2.2.1.6.1": (4, bytes.fromhex("001B213A4F02")),
        "1.3.6.1.2.1.2.2.1.8.1": (2, 1),
        "1.3.6.1.2.1.2.2.1.10.1": (65, 5),
        "1.3.6.1.2.1.4.20.1.1.10.0.0.1": (64, "10.0.0.1"),
        "1.3.6.1.2.1.31.1.1.1.6.1": (70, 2**64 - 1),
        "1.3.6.1.2.1.99.1": (2, -5),
        "1.3.6.1.2.1.99.2": (4, b"\xc0\x00"),
        "1.3.6.1.2.1.99.3": (64, "10.0.0.2"),
        "1.3.6.1.4.1.2021.10.1.6.1": (68, 0.25),
    }


def test_what_makes_no_sense_in_a_walk_is_counted() -> None:
    found = parse(".1.3.6.1 = INTEGER: many\n.1.3.6.2 = Colour: red\n.1.3.6.3 = Hex-STRING: 0\n.1.3.6.4 = INTEGER: 4\n")
    assert [(decode(oid), value) for oid, _, value in found.varbinds] == [("1.3.6.4", 4)]
    assert found.problems == [
        "a value that is none of type 'INTEGER'",
        "type 'Colour' is not known",
        "a value that is none of type 'Hex-STRING'",
    ]


@pytest.mark.parametrize("suffix", ["", ".bz2", ".gz"])
def test_reads_packed_files(tmp_path: Path, suffix: str) -> None:
    data = b"1.3.6.1|4|caf\xe9\n"
    path = tmp_path / f"device.snmprec{suffix}"
    path.write_bytes(PACKERS[suffix](data))
    assert read(path).varbinds == [(encode("1.3.6.1"), 4, b"caf\xe9")]


@pytest.mark.parametrize("suffix", [".bz2", ".gz"])
@pytest.mark.parametrize("cut", [1, 10])
def test_a_damaged_file_is_an_oserror(tmp_path: Path, suffix: str, cut: int) -> None:
    path = tmp_path / f"device.snmprec{suffix}"
    path.write_bytes(PACKERS[suffix](b"1.3.6.1|2|1\n" * 99)[:-cut])
    with pytest.raises(OSError, match="damaged"):
        read(path)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_BYTES", 1000)
    path = tmp_path / "bomb.bz2"
    path.write_bytes(bz2.compress(bytes(100_000)))
    with pytest.raises(ValueError, match=r"bomb\.bz2: more than 1000 bytes"):
        read(path)


OIDS = st.lists(st.sampled_from([0, 1, 2, 10, 11, 101, 200]), min_size=1, max_size=4).map(
    lambda arcs: encode("1.3." + ".".join(map(str, arcs)))
)


@given(st.lists(OIDS, unique=True), st.lists(OIDS), st.sampled_from(["", ".", " "]), st.sampled_from(["\n", "\r\n"]))
def test_what_is_wanted_of_a_file_is_what_lies_below(
    tmp_path_factory: pytest.TempPathFactory, held: list[bytes], wanted: list[bytes], before: str, end: str
) -> None:
    path = tmp_path_factory.mktemp("sift") / "device.snmprec"
    path.write_text("".join(f"{before}{decode(oid)}|2|7{end}" for oid in held), newline="")
    everything = read(path).varbinds
    assert len(everything) == len(held)
    assert read(path, wanted).varbinds == [
        varbind for varbind in everything if any(varbind[0].startswith(oid) for oid in wanted)
    ]


def test_blocks_end_where_lines_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sift, "BLOCK_BYTES", 50)
    lines = [f"1.3.6.1.{number}|4|{'x' * (number % 120)}\n".encode() for number in range(300)]
    path = tmp_path / "device.snmprec.gz"
    path.write_bytes(gzip.compress(b"".join(lines)[:-1]))
    found = list(sift.blocks(path, 1 << 20))
    assert b"".join(found) + b"\n" == b"".join(lines)
    assert all(block.endswith(b"\n") for block in found[:-1])
    assert [decode(oid) for oid, _, _ in read(path, [encode("1.3.6.1.299"), encode("1.3.6.1.7")]).varbinds] == [
        "1.3.6.1.7",
        "1.3.6.1.299",
    ]


def test_a_walk_is_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "device.walk"
    path.write_text(".1.3.6.1.1 = INTEGER: 1\n.1.3.6.1.2 = INTEGER: 2\n")
    assert len(read(path, [encode("1.3.6.1.1")]).varbinds) == 2


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear sir\nor madam\n")
    with pytest.raises(ValueError, match=r"letter\.txt: no varbind in it"):
        read(path)


def test_an_empty_file_is_an_empty_recording() -> None:
    assert parse("\n# nothing\n").varbinds == []


values = st.one_of(
    st.tuples(st.just(Tag.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.sampled_from([Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS]), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(Tag.COUNTER64), st.integers(0, 2**64 - 1)),
    st.tuples(st.just(Tag.OCTET_STRING), st.one_of(st.binary(max_size=20), st.text(max_size=9).map(str.encode))),
    st.tuples(st.just(Tag.IP_ADDRESS), st.ip_addresses().map(str)),
    st.tuples(st.just(Tag.OBJECT_IDENTIFIER), st.just("1.3.6.1.4.1.9")),
    st.tuples(st.just(Tag.OPAQUE), st.floats(allow_nan=False)),
)
oids = st.lists(st.integers(0, 2**32 - 1), max_size=6).map(lambda arcs: encode("1.3.6") + encode_index(arcs))


@given(st.dictionaries(oids, values, max_size=20), st.text(max_size=20))
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, kept: dict[bytes, tuple[int, Value]], header: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.snmprec"
    varbinds: list[VarBind] = [(oid, tag, value) for oid, (tag, value) in kept.items()]
    write(path, [*varbinds, (encode("2.5"), Tag.NO_SUCH_OBJECT, Missing.NO_SUCH_OBJECT)], [header])
    found = read(path)
    assert found.problems == []
    assert {oid: (tag, value) for oid, tag, value in found.varbinds} == kept


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parse(text)


@given(
    st.lists(
        st.tuples(st.sampled_from(["2", "4x", "4e", "6", "64", "64x", "68x", "70", "128", "x"]), st.text(max_size=12))
    )
)
def test_no_value_raises(items: list[tuple[str, str]]) -> None:
    parse("".join(f"1.3.{number}|{kind}|{value}\n" for number, (kind, value) in enumerate(items)))
    kinds = ["INTEGER", "Hex-STRING", "OID", "IpAddress", "Opaque: Float", "BITS", "Network Address", "Timeticks"]
    parse("".join(f".1.3.{number} = {kinds[number % 8]}: {value}\n" for number, (_, value) in enumerate(items)))
