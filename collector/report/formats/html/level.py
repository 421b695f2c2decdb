"""How good or bad something is, to the eye: a class that the style sheet colours and gives a shape, and a word."""

from collector.report.formats.html.markup import Markup, tag
from collector.report.language import Language
from collector.report.model import Level, Verdict
from collector.report.words import LEVELS

SHAPES = {
    Level.CRITICAL: "M-3-7h6l4 4v6l-4 4h-6l-4-4v-6z",
    Level.WARNING: "M0-7 7.5 6h-15z",
    Level.UNKNOWN: "M0-6.5 6.5 0 0 6.5-6.5 0z",
    Level.INFO: "M-4.5-4.5h9v9h-9z",
    Level.OK: "M-4.5 0a4.5 4.5 0 1 1 9 0a4.5 4.5 0 1 1-9 0z",
}
"""around 0 0, in pixels; the style sheet has the same for what stands in text"""


def class_of(level: Level) -> str:
    """As in the style sheet, and in networks."""
    return f"level-{level.name.lower()}"


def badge(verdict: Verdict, language: Language) -> Markup:
    """A word with a shape before it."""
    return tag("b", language.text(verdict.text), class_=f"badge {class_of(verdict.level)}")


def word(level: Level, language: Language) -> Markup:
    """A badge that says the level itself."""
    return badge(Verdict(level, LEVELS[level]), language)
