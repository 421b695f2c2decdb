"""The page that leads to the pages of all reports: of each, what is most urgent."""

from collections.abc import Sequence

import msgspec

from collector.report.formats.html.level import class_of, word
from collector.report.formats.html.markup import Markup, tag
from collector.report.formats.html.page import document
from collector.report.language import Language
from collector.report.model import Finding, Report
from collector.report.say import Text, say, say_many


class Entry(msgspec.Struct, frozen=True):
    """What is told of a report beside the link to its page."""

    href: str
    title: Text
    finding: Finding | None
    """the most urgent one"""
    more: int
    """how many others there are"""

    @classmethod
    def of(cls, href: str, report: Report) -> "Entry":
        """Of a report whose page is at `href`, as seen from this one."""
        first = max(report.findings, key=lambda finding: finding.urgency, default=None)
        return cls(href, report.title, first, max(len(report.findings) - 1, 0))


def contents(entries: Sequence[Entry], language: Language, *, since_ns: int, until_ns: int) -> str:
    """The page."""
    title = language.text(say("Reports"))
    body = tag(
        "body",
        tag(
            "header",
            tag("h1", title),
            tag("p", tag("span", language.period(since_ns, until_ns), class_="period"), class_="facts"),
        ),
        tag("main", tag("ul", *(_item(entry, language) for entry in entries), class_="findings")),
    )
    return document(title, body, language)


def _item(entry: Entry, language: Language) -> Markup:
    told = [tag("p", tag("a", language.text(entry.title), href=entry.href))]
    if entry.finding:
        told.append(tag("p", language.text(entry.finding.sentence)))
    if entry.more:
        more = say_many("{count} more finding", "{count} more findings", entry.more)
        told.append(tag("p", language.text(more), class_="note"))
    if entry.finding is None:
        # which does not mean that all is well: there may be no data
        return tag("li", tag("span"), tag("div", *told))
    level = entry.finding.level
    return tag("li", word(level, language), tag("div", *told), class_=class_of(level))
