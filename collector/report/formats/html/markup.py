"""Markup that what it says cannot break: texts are escaped unless they are `Markup` already.

Names come from devices and are hostile: besides the signs of HTML, whatever would hide or reorder text is written out, so
that a reader sees it: control characters, direction overrides, characters without width.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Any


class Markup(str):
    """Text that is HTML."""

    __slots__ = ()


_VOID = frozenset({"br", "col", "input", "meta"})

# line ends and tabs are spaces; other controls, marks of direction, characters without width and halves of characters show
_SPECIAL = re.compile(
    "[&<>\"'\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SPACES = "\t\n\r"


def shown(text: str) -> str:
    """`text` for the inside of an element or of a quoted attribute.

    >>> shown("a < b"), shown("x\\u202ey")
    ('a &lt; b', 'x⟨202E⟩y')
    """
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0]) or _written_out(found[0]), text)


def visible(text: str) -> str:
    """`text` where nothing needs to be escaped, in data of the page's script: only what would be unseen is written out."""
    return _SPECIAL.sub(lambda found: found[0] if found[0] in _ENTITIES else _written_out(found[0]), text)


def _written_out(sign: str) -> str:
    return " " if sign in _SPACES else f"⟨{ord(sign):04X}⟩"


def tag(name: str, /, *children: str | None, **attributes: str | float | bool | None) -> Markup:
    """An element. `class_`, `data_x` stand for class, data-x; attributes that are None or False are left out."""
    opening = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        opening.append(attribute if value is True else f'{attribute}="{shown(_written(value))}"')
    inside = "".join(child if isinstance(child, Markup) else shown(child) for child in children if child is not None)
    end = "" if name in _VOID else f"{inside}</{name}>"
    return Markup(f"<{' '.join(opening)}>{end}")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Parts one after the other; those that are not markup are escaped."""
    return Markup(between.join(part if isinstance(part, Markup) else shown(part) for part in parts))


def data_block(data: Any, **attributes: str) -> Markup:
    """JSON for the page's own script, in a block that browsers do not run and that no text within can end."""
    written = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return tag("script", Markup(written), type="application/json", **attributes)


def decimal(value: float) -> str:
    """A coordinate with one digit behind the point, as short as it goes."""
    written = f"{value:.1f}"
    return "0" if written == "-0.0" else written.removesuffix(".0")


def plain(text: str) -> str:
    """Small letters without marks, by which texts are searched: "bac son" finds "Bắc Sơn". The script does the same."""
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else decimal(value)
