"""The line protocol: exact text for the awkward cases, and back again for all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.metrics.model import FieldValue, Point
from collector.store.line_protocol import LineError, decode, encode
from collector.store.storable import NotStorableError
from tests.store.samples import points


@pytest.mark.parametrize(
    ("tags", "fields", "line"),
    [
        ({"host": "r1", "name": "0"}, {"usage_percent": 5.5}, "cpu,host=r1,name=0 usage_percent=5.5 1"),
        ({"name": "0", "host": "r1"}, {"usage_percent": 5}, "cpu,host=r1,name=0 usage_percent=5 1"),
        ({"host": "a b", "name": "x,y=z"}, {"usage_percent": 0.0}, r"cpu,host=a\ b,name=x\,y\=z usage_percent=0.0 1"),
        ({"host": "r1", "name": "C:\\"}, {"usage_percent": 1.0}, "cpu,host=r1,name=C: usage_percent=1.0 1"),
        ({"host": "r1", "name": "a\\ b"}, {"usage_percent": 1.0}, r"cpu,host=r1,name=a\\ b usage_percent=1.0 1"),
        ({"host": "r1", "name": "two\r\nlines\n"}, {"usage_percent": 1.0}, r"cpu,host=r1,name=two\ lines\  usage_percent=1.0 1"),
        ({"host": "r1", "name": "", "site": "\\"}, {"usage_percent": 1.0}, "cpu,host=r1 usage_percent=1.0 1"),
        ({"host": "Lạng Sơn", "name": "%s"}, {"usage_percent": 1e300}, r"cpu,host=Lạng\ Sơn,name=%s usage_percent=1e300 1"),
    ],
)  # fmt: skip
def test_tags_and_floats(tags: dict[str, str], fields: dict[str, FieldValue], line: str) -> None:
    assert encode(Point("cpu", tags, fields, 1)) == line
    assert encode(Point("cpu", tags, fields, 1)) == line  # now from what was remembered of the first


def test_every_type_of_field() -> None:
    fields: dict[str, FieldValue] = {"index": 3, "oper_status": 'say "up"\\', "in_bps": 1.5, "reset": True}
    line = encode(Point("interface", {"host": "r1"}, fields, 2))
    assert line == r'interface,host=r1 index=3i,in_bps=1.5,reset=true,oper_status="say \"up\"\\" 2'


def test_a_text_keeps_its_line_breaks() -> None:
    point = Point("device_info", {"host": "r1"}, {"sys_descr": "Cisco IOS\r\nCompiled\ttoday"}, 1)
    line = encode(point)
    assert line == 'device_info,host=r1 sys_descr="Cisco IOS\r\nCompiled\ttoday" 1'
    assert decode(line) == point


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_left_out(bad: float) -> None:
    point = Point("interface", {"host": "r1"}, {"in_bps": bad, "out_bps": 1.0}, 1)
    assert encode(point) == "interface,host=r1 out_bps=1.0 1"
    with pytest.raises(NotStorableError, match="no field"):
        encode(Point("interface", {"host": "r1"}, {"in_bps": bad}, 1))


def test_numbers_that_are_good_one_by_one_but_not_in_sum() -> None:
    point = Point("interface", {"host": "r1"}, {"in_bps": 1.7e308, "out_bps": 1.7e308}, 1)
    assert encode(point) == "interface,host=r1 in_bps=1.7e308,out_bps=1.7e308 1"


def test_a_counter_beyond_63_bits_is_left_out() -> None:
    point = Point("interface", {"host": "r1"}, {"in_octets": 2**63, "out_octets": 2**63 - 1}, 1)
    assert encode(point) == "interface,host=r1 out_octets=9223372036854775807i 1"


def test_the_oid_is_not_stored() -> None:
    point = Point("sensor", {"host": "r1", "name": "t"}, {"value": 20.0, "oid": "1.3.6.1"}, 1)
    assert encode(point) == "sensor,host=r1,name=t value=20.0 1"


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (Point("weather", {"host": "r1"}, {"value": 1.0}, 1), "unknown measurement 'weather'"),
        (Point("cpu", {"host": "r1", "colour": "red"}, {"usage_percent": 1.0}, 1), "cpu has no tag 'colour'"),
        (Point("cpu", {"host": "r1"}, {"usage": 1.0}, 1), "cpu has no field 'usage'"),
        (Point("cpu", {"host": "r1"}, {"usage_percent": "5"}, 1), "field 'usage_percent' of cpu is float, not str"),
        (Point("cpu", {"host": "r1"}, {"usage_percent": True}, 1), "field 'usage_percent' of cpu is float, not bool"),
        (Point("interface", {"host": "r1"}, {"index": 1.0}, 1), "field 'index' of interface is int, not float"),
        (Point("cpu", {"host": "r1"}, {}, 1), "no field"),
    ],
)
def test_what_the_catalogue_does_not_know_is_refused(point: Point, reason: str) -> None:
    with pytest.raises(NotStorableError, match=reason):
        encode(point)


@given(points())
def test_decoding_gives_back_what_the_protocol_can_hold(point: Point) -> None:
    tags = {
        name: value.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").rstrip("\\")
        for name, value in point.tags.items()
    }
    tags = {name: value for name, value in tags.items() if value}
    assert decode(encode(point)) == Point(point.measurement, tags, point.fields, point.time_ns)


@given(st.text(alphabet='cpu,=\\" 1i.\n-', max_size=40))
def test_decoding_anything_gives_a_point_or_an_error(text: str) -> None:
    try:
        decode(text)
    except LineError:
        return


@pytest.mark.parametrize(
    "line",
    ["", " ", "cpu", "cpu usage=1", "cpu,host= usage=1 1", "cpu,host usage=1 1", "cpu usage= 1", "cpu usage=up 1", 'cpu a="b 1',
     "cpu usage=1 soon", "cpu usage=1,,b=2 1"],
)  # fmt: skip
def test_what_is_no_line(line: str) -> None:
    with pytest.raises(LineError):
        decode(line)
