"""Names from columns: "{ifName}", "Fan {index}", with fallbacks."""

import re
from collections.abc import Callable, Sequence

import msgspec

from collector.metrics.model import FieldValue

_PLACE = re.compile(r"\{([^{}]*)\}")
_INDEX_ARC = re.compile(r"index\.(-?[1-9]\d*)")


class Template(msgspec.Struct, frozen=True):
    """A text with places to fill; `names` are the columns it needs, without {index}, {index.2}, {number} and {family}."""

    text: str
    names: tuple[str, ...]

    def fill(self, lookup: Callable[[str], FieldValue | None]) -> str | None:
        """The text with every place filled, None where one of them has nothing to hold."""
        parts: list[str] = []
        at = 0
        for place in _PLACE.finditer(self.text):
            value = lookup(place.group(1))
            if value is None or value == "":
                return None
            parts += self.text[at : place.start()], str(value)
            at = place.end()
        return "".join([*parts, self.text[at:]]).strip() or None


def parse(text: str) -> Template:
    """Raises ValueError where braces do not pair."""
    if "{" in _PLACE.sub("", text) or "}" in _PLACE.sub("", text):
        raise ValueError(f"braces do not pair in {text!r}")
    places = [place.group(1) for place in _PLACE.finditer(text)]
    return Template(text, tuple(dict.fromkeys(name for name in places if not is_builtin(name))))


def is_builtin(name: str) -> bool:
    """Whether a place is filled without a column: the row's index, one arc of it, its number, the family's name."""
    return name in ("index", "number", "family") or _INDEX_ARC.fullmatch(name) is not None


def index_part(name: str, arcs: Sequence[int]) -> str | None:
    """What `{index}`, `{index.1}` (the first arc) or `{index.-1}` (the last) stands for; None beyond its end."""
    if name == "index":
        return ".".join(map(str, arcs))
    position = int(name.removeprefix("index."))
    try:
        return str(arcs[position - 1 if position > 0 else position])
    except IndexError:
        return None


def first_filled(templates: Sequence[Template], lookup: Callable[[str], FieldValue | None]) -> str | None:
    """The first of several templates that can be filled."""
    for template in templates:
        if (text := template.fill(lookup)) is not None:
            return text
    return None
