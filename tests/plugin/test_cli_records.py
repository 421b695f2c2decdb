"""Outputs taken apart: JSON, XML and TextFSM, as devices print them and as they break."""

import json
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.metrics.model import FieldValue
from collector.plugin.cli.model import CliTable, Format
from collector.plugin.cli.records import MAX_RECORDS, Output, OutputError, template_values, tree_of
from collector.plugin.template import parse as parse_template

NAMES = ("name", "a.b", "^name", "^^name", "@1", "@2", "@9", "@", "^", "", ".", "x@y")
"""of all forms that a family may write"""
TEMPLATE = """Value Required NAME (\\S+)
Value Filldown CARD (\\d+)
Value List MEMBER (\\w+)

Start
  ^card ${CARD}
  ^broken -> Error "broken"
  ^port ${NAME} -> Members

Members
  ^  ${MEMBER}
  ^$$ -> Record Start
"""


def table(rows: str = "", template: Path | None = None) -> CliTable:
    return CliTable(
        measurement="state", rows=tuple(filter(None, rows.split("."))), template=template, tags={}, fields={}
    )


def told(
    output: str | Output, rows: str, *names: str, format_: Format = Format.XML
) -> list[tuple[FieldValue | None, ...]]:
    """The values called `names` of every record at `rows`."""
    if isinstance(output, str):
        output = Output(output, format_)
    return [tuple(lookup(name) for name in names) for lookup in output.records(table(rows))]


def as_json(found: Any) -> Output:
    return Output(json.dumps(found), Format.JSON)


class TestXml:
    def test_tags_lose_their_namespaces_and_attributes_stand_beside(self) -> None:
        tree = tree_of('<r xmlns="urn:x" xmlns:j="urn:j"><j:up j:seconds="77" style="x">1:17</j:up></r>', Format.XML)
        assert tree == {"r": {"up": "1:17", "up@seconds": "77", "up@style": "x"}}

    def test_a_prefix_that_nobody_declared_is_taken_off_as_well(self) -> None:
        assert tree_of('<r><t junos:celsius="41">41 C</t></r>', Format.XML) == {"r": {"t": "41 C", "t@celsius": "41"}}

    def test_texts_lose_the_lines_around_them_and_keep_what_was_escaped(self) -> None:
        assert tree_of("<r>\n<name>\nto &lt;p1&gt; &amp; <![CDATA[<b>]]>\n</name></r>", Format.XML) == {
            "r": {"name": "to <p1> & <b>"}
        }

    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_one_item_is_a_list_of_one(self, count: int) -> None:
        items = "".join(f"<item><name>n{number}</name><sub><x>1</x></sub></item>" for number in range(count))
        assert told(f"<r>{items}</r>", "r.item.*", "@1", "name", "sub.x") == [
            (str(number), f"n{number}", "1") for number in range(count)
        ]

    def test_one_item_that_holds_tables_beside_its_name_is_not_taken_for_a_list(self) -> None:
        assert told("<r><port><name>p</name><a><x>1</x></a><b><x>2</x></b></port></r>", "r.port.*", "name") == [("p",)]

    def test_items_within_items_keep_the_keys_of_both(self) -> None:
        text = "<r><c><p><n>0</n></p><p><n>1</n></p></c><c><p><n>2</n></p></c></r>"
        assert told(text, "r.c.*.p.*", "@1", "@2", "n") == [("0", "0", "0"), ("0", "1", "1"), ("1", "0", "2")]

    def test_a_path_into_a_list_takes_its_first(self) -> None:
        text = "<r><c><n>1</n></c><c><n>2</n></c></r>"
        assert told(text, "r.c", "n") == told(text, "r", "c.n") == [("1",)]

    def test_a_table_gives_the_names_in_it(self) -> None:
        assert told("<r><flags><iff-up/><iff-down/></flags></r>", "r", "flags", "flags.iff-up") == [
            ("iff-up iff-down", "")
        ]

    @pytest.mark.parametrize(
        "wrapped",
        [
            "<r><i><p><n>1</n></p><p><n>2</n></p></i></r>",
            "<r><multi><item><i><p><n>1</n></p></i></item><item><i><p><n>2</n></p></i></item></multi></r>",
        ],
    )
    def test_records_are_found_at_any_depth(self, wrapped: str) -> None:
        assert told(wrapped, "**.p.*", "n", "@1") == [("1", "0"), ("2", "1")]
        assert told(wrapped, "**.p", "n") == [("1",)]

    def test_what_lies_within_a_record_of_the_same_name_is_a_part_of_it(self) -> None:
        assert told("<r><p><n>1</n><p><n>2</n></p></p></r>", "**.p.*", "n", "p.n") == [("1", "2")]

    def test_nothing_is_at_a_depth_that_is_not_there(self) -> None:
        assert (
            told("<r><p>1</p></r>", "**.q.*") == told("<r><p>1</p></r>", "**.q") == told("<r><p>1</p></r>", "**") == []
        )

    def test_values_around_a_record_are_the_nearest_first(self) -> None:
        text = (
            "<r><re-name>node0</re-name><m><name>FPC 0</name><part>x</part><s><name>PIC 1</name>"
            "<x><name>Xcvr 2</name></x><x><name>Xcvr 3</name></x></s></m></r>"
        )
        assert told(text, "**.x.*", "name", "^name", "^^name", "^^^name", "^part", "^re-name") == [
            ("Xcvr 2", "PIC 1", "FPC 0", None, "x", "node0"),
            ("Xcvr 3", "PIC 1", "FPC 0", None, "x", "node0"),
        ]

    def test_values_around_a_record_are_of_its_own_branch(self) -> None:
        text = "<r><e><n>node0</n><i><x>1</x></i></e><e><n>node1</n><i><x>2</x></i></e></r>"
        assert told(text, "**.i.*", "x", "^n") == told(text, "r.e.*.i", "x", "^n") == [("1", "node0"), ("2", "node1")]

    def test_empty_elements_are_no_records(self) -> None:
        assert told("<r><p/><p><n>1</n></p></r>", "r.p.*", "n") == [("1",)]

    @pytest.mark.parametrize(
        "text",
        [
            "show version | display xml\n\n<r><n>1</n></r>\n\n{master:0}\n",
            "\r\n{master}\r\n  <r>\r\n<n>1</n></r>\r\nadmin@mx> ",
            "<user@host> is logged in\n<r><n>1</n></r>",
            '<?xml version="1.0" encoding="us-ascii"?>\n<r><n>1</n></r> <more> 2 > 1',
            "<r><n>1</n></r>\n<r><n>2</n></r>",
        ],
    )
    def test_lines_before_and_behind_are_passed_over(self, text: str) -> None:
        assert told(text, "r", "n") == [("1",)]

    def test_characters_that_xml_does_not_have_do_no_harm(self) -> None:
        assert told("<r><n>a\x07b\x00c\ud800d</n></r>", "r", "n") == [("a\ufffdb\ufffdc\ufffdd",)]

    @pytest.mark.parametrize(
        "document",
        [
            '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>',
            '<?xml version="1.0"?><!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>',
            '<!doctype r [<!entity x SYSTEM "http://127.0.0.1/">]><r>&x;</r>',
            '<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY % p SYSTEM "x">%p;]><r/>',
            "<r>&undefined;</r>",
        ],
    )
    def test_entities_are_refused(self, document: str) -> None:
        with pytest.raises(OutputError, match="no XML"):
            told(document, "r")

    def test_nesting_without_end_is_refused(self) -> None:
        with pytest.raises(OutputError, match="deep"):
            told("<a>" * 50_000, "a")

    def test_whatever_breaks_off_is_an_error(self) -> None:
        whole = '<r a="1"><p><n>1</n></p>\n<p><n>2</n></p>\n</r>'
        for length in range(len(whole)):
            with pytest.raises(OutputError):
                told(whole[:length], "**.p.*")

    @pytest.mark.parametrize("text", ["", "\n", "syntax error, expecting <command>.", "a < b > c", "{}"])
    def test_what_is_none_says_how_it_begins(self, text: str) -> None:
        with pytest.raises(OutputError, match="no XML: no line begins with an element; it begins"):
            told(text, "r")


class TestJson:
    def test_items_of_tables_and_lists_have_their_keys(self) -> None:
        found = as_json({"i": {"Et1": {"q": [{"n": 5}, {"n": 6}]}, "Et2": {"q": [{"n": 7}]}}})
        assert told(found, "i.*.q.*", "@1", "@2", "n") == [("Et1", "0", 5), ("Et1", "1", 6), ("Et2", "0", 7)]
        assert told(found, "i.*", "@1", "q.n") == [("Et1", 5), ("Et2", 7)]

    def test_one_item_passes_for_a_list_of_one(self) -> None:
        one = {"id": "a", "TABLE_x": {"ROW_x": {"n": 1}}}
        assert told(as_json({"T": {"R": one}}), "T.R.*", "id") == [("a",)]
        assert told(as_json({"T": {"R": [one, one]}}), "T.R.*", "id") == [("a",), ("a",)]
        assert told(as_json({"T": {"R": one}}), "T.R.*.TABLE_x.ROW_x.*", "n", "^id") == [(1, "a")]

    def test_names_may_have_dots_in_them(self) -> None:
        found = as_json({"r": {"a.b": 1, "c": {"d.e": {"f": 2}, "g.h.i": 3}}})
        assert told(found, "r", "a.b", "c.g.h.i", "c.d.e") == [(1, 3, "f")]

    def test_scalars_are_records_of_no_names(self) -> None:
        assert told(as_json({"r": ["x", "y"]}), "r.*", "@1", "name") == [("0", None), ("1", None)]

    def test_values_keep_their_kind_and_nothing_is_nothing(self) -> None:
        counter = 18_446_744_073_709_551_615
        found = as_json({"r": {"i": counter, "f": 0.5, "b": False, "n": None, "l": [], "t": {}, "z": 0}})
        assert told(found, "r", "i", "f", "b", "n", "l", "t", "z") == [(counter, 0.5, False, None, None, "", 0)]

    def test_nan_and_infinity_are_no_readings(self) -> None:
        assert told('{"a": NaN, "b": -Infinity, "c": Infinity}', "", "a", "b", "c", format_=Format.JSON) == [
            (None, None, None)
        ]

    def test_half_a_character_does_no_harm(self) -> None:
        assert told('{"a": "x\\ud800y"}', "", "a", format_=Format.JSON) == [("x?y",)]

    @pytest.mark.parametrize(
        "text",
        [
            '[edit]\n{master:0}\n{"n": 1}\n{master:0}\n',
            'show version | json\r\n\r\n  {"n": 1}\r\nswitch# ',
            '[{"n": 1}]',
            '{"n": 1}{"n": 2}',
            'WARNING: [x] {y}\n{"n": 1}',
        ],
    )
    def test_lines_before_and_behind_are_passed_over(self, text: str) -> None:
        assert told(text, "*", "n", format_=Format.JSON) == [(1,)]

    def test_whatever_breaks_off_is_an_error(self) -> None:
        whole = json.dumps({"r": [{"n": 1}, {"n": 2}], "s": {"n": 3}}, indent=1)
        for length in range(len(whole)):
            with pytest.raises(OutputError):
                told(whole[:length], "", format_=Format.JSON)

    @pytest.mark.parametrize(
        "text", ["", "% Invalid input", "[edit]", "{master:0}\n" * 100, "[" * 100_000, '{"a": ' + "9" * 5000 + "}"]
    )
    def test_what_is_none_is_an_error(self, text: str) -> None:
        with pytest.raises(OutputError, match="no JSON"):
            told(text, "", format_=Format.JSON)


class TestTemplates:
    @pytest.fixture
    def template(self, tmp_path: Path) -> Path:
        path = tmp_path / "ports.textfsm"
        path.write_text(TEMPLATE, encoding="utf-8")
        return path

    def read(self, template: Path, text: str) -> list[tuple[FieldValue | None, ...]]:
        records = Output(text, Format.TEXT).records(table(template=template))
        return [tuple(lookup(name) for name in ("name", "card", "member", "nonsense")) for lookup in records]

    def test_names_are_lower_case_and_of_lists_the_first_counts(self, template: Path) -> None:
        assert template_values(template) == ["name", "card", "member"]
        assert self.read(template, "card 1\nport a\n  x\n  y\n\nport b\n\n") == [
            ("a", "1", "x", None),
            ("b", "1", None, None),
        ]

    def test_an_output_that_it_knows_nothing_of_has_no_records(self, template: Path) -> None:
        assert self.read(template, "") == self.read(template, "\n\n") == self.read(template, "% Invalid input\n") == []

    def test_a_template_that_gives_up_names_itself(self, template: Path) -> None:
        with pytest.raises(OutputError, match=r"ports\.textfsm: .*broken"):
            self.read(template, "broken\n")

    def test_outputs_are_read_by_several_threads_at_once(self, template: Path) -> None:
        found: list[object] = []

        def work(number: int) -> None:
            text = "".join(f"port p{number}-{port}\n  m\n\n" for port in range(300))
            found.append(self.read(template, text) == [(f"p{number}-{port}", "", "m", None) for port in range(300)])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 8


def test_a_device_that_rambles_is_stopped() -> None:
    with pytest.raises(OutputError, match=str(MAX_RECORDS)):
        told(as_json([{"n": 1}] * (MAX_RECORDS + 1)), "*", "n")


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
KEYS = st.one_of(st.sampled_from(["name", "a", "b", "a.b", "x@y", "p"]), st.text(max_size=4))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)
PATHS = st.lists(st.sampled_from(["*", "**", "a", "b", "name", "p"]), max_size=5).map(".".join)
ELEMENTS = st.recursive(
    st.text(max_size=8).map(lambda text: text.replace("&", "").replace("<", "")),
    lambda inner: st.tuples(st.sampled_from(["a", "b", "name", "j:p"]), st.lists(inner, max_size=3)).map(
        lambda found: f'<{found[0]} y="1">{"".join(found[1])}</{found[0]}>'
    ),
    max_leaves=12,
)


def values_of(output: Output, rows: str) -> Iterator[FieldValue | None]:
    try:
        for lookup in output.records(table(rows)):
            yield from (lookup(name) for name in NAMES)
            yield parse_template("{name} {^name} {@1}").fill(lookup)
    except OutputError:
        return


@settings(deadline=None)
@given(TREES, PATHS)
def test_no_json_raises_anything_but_an_output_error(tree: Any, rows: str) -> None:
    for value in values_of(Output(json.dumps(tree), Format.JSON), rows):
        assert value is None or str(value).encode() is not None


@settings(deadline=None)
@given(ELEMENTS, PATHS, st.integers(0, 200))
def test_no_xml_raises_anything_but_an_output_error(element: str, rows: str, cut: int) -> None:
    for text in (f"<a>{element}</a>", f"<a>{element}</a>"[:cut]):
        for value in values_of(Output(text, Format.XML), rows):
            assert value is None or str(value).encode() is not None


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('<>/&;!?"{}[],:\n ab')), max_size=80), PATHS)
@pytest.mark.parametrize("format_", [Format.JSON, Format.XML])
def test_no_text_raises_anything_but_an_output_error(format_: Format, text: str, rows: str) -> None:
    for value in values_of(Output(text, format_), rows):
        assert value is None or str(value).encode() is not None


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(["card 1", "port a", "  x", "", "broken"]), st.text(max_size=20))))
def test_no_text_makes_a_template_raise_anything_but_an_output_error(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "t.textfsm"
        template.write_text(TEMPLATE, encoding="utf-8")
        try:
            names = [
                lookup("name") for lookup in Output("\n".join(lines), Format.TEXT).records(table(template=template))
            ]
        except OutputError:
            assert "broken" in lines
        else:
            assert all(names)
