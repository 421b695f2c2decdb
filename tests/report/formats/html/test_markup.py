"""Nothing that a device says can become markup."""

import json
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from collector.report.formats.html.markup import Markup, data_block, decimal, joined, plain, shown, tag, visible
from tests.report.formats.html.sample import HOSTILE

anything = st.text(st.characters(), max_size=80) | st.sampled_from(HOSTILE)


class Reader(HTMLParser):
    """What a browser would see: the elements, their attributes, and the text."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(anything)
def test_a_text_stays_a_text(text: str) -> None:
    seen = Reader(tag("p", text, title=text, data_x=text))
    assert seen.tags == ["p"]
    assert seen.text == visible(text)
    assert seen.attributes == [{"title": visible(text), "data-x": visible(text)}]


@given(anything)
def test_what_would_be_unseen_is_written_out(text: str) -> None:
    assert not any(
        ord(sign) < 32 or 0x202A <= ord(sign) <= 0x202E or 0x200B <= ord(sign) <= 0x200F for sign in shown(text)
    )
    shown(text).encode("utf-8")  # halves of characters cannot be


def test_controls_and_directions_show() -> None:
    assert shown("a\u202eb\x00c\td") == "a⟨202E⟩b⟨0000⟩c d"
    assert unescape(shown("<&>\"'")) == "<&>\"'"
    assert shown("Bắc Sơn – 100 °C") == "Bắc Sơn – 100 °C"


@given(st.recursive(anything, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_data_comes_back_and_cannot_end_its_block(data: object) -> None:
    block = data_block(data, id="d")
    inside = block.removeprefix('<script type="application/json" id="d">').removesuffix("</script>")
    assert json.loads(inside) == data
    assert not set(inside) & set("<>&\u2028\u2029")


def test_markup_is_not_escaped_twice() -> None:
    assert tag("p", tag("b", "a & b"), " < c") == "<p><b>a &amp; b</b> &lt; c</p>"
    assert joined(["<", Markup("<br>")], " | ") == "&lt; | <br>"


def test_attributes() -> None:
    assert tag("input", type="search", hidden=True, class_=None, data_v=1.04, disabled=False) == (
        '<input type="search" hidden data-v="1">'
    )


def test_coordinates_are_short() -> None:
    assert [decimal(value) for value in (10.0, 10.04, 10.06, 0.0, -0.01)] == ["10", "10", "10.1", "0", "0"]


def test_letters_without_marks() -> None:
    assert plain("Bắc Sơn, ĐÀ BẮC, Lạc Thủy") == "bac son, da bac, lac thuy"
