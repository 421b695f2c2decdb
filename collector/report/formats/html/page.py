"""A report as one HTML file: nothing is fetched, nothing but the page's own script runs.

The content security policy knows the style sheet and the script by their hashes; so even a text that were not escaped
could not run, load or send anything.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from collector.report.formats.html.bar_chart import bar_chart
from collector.report.formats.html.geojson import GeoJSON
from collector.report.formats.html.heat_map import heat_map
from collector.report.formats.html.level import class_of, word
from collector.report.formats.html.line_chart import line_chart
from collector.report.formats.html.markup import Markup, data_block, tag
from collector.report.formats.html.site_map import site_map, zoom_buttons
from collector.report.formats.html.table import table
from collector.report.language import Language
from collector.report.model import (
    BarChart,
    Figure,
    Finding,
    HeatMap,
    LineChart,
    Network,
    Report,
    Section,
    SiteMap,
    Table,
    Verdict,
)
from collector.report.network.graph_svg import svg_element
from collector.report.say import Text, say

FIRST_FINDINGS = 12

_OWN_IDS = ("content", "findings", "words")


def render(report: Report, language: Language, *, made_ns: int, outlines: GeoJSON | None = None) -> str:
    """The page. `outlines` are drawn behind the sites of maps.

    Args:
        made_ns: when the report was made, which it tells.
    """
    ids = _ids(report)
    title = language.text(report.title)
    body = tag(
        "body",
        tag("a", language.text(say("To the content")), href="#content", class_="skip"),
        _header(report, language, made_ns),
        tag(
            "div",
            _contents(report, ids, language),
            tag(
                "main",
                _figures(report, language),
                _findings(report, language),
                *(_section(section, ids[section.key], ids, language, outlines or ()) for section in report.sections),
                _notes(report.notes, language),
                id="content",
            ),
            class_="columns",
        ),
        _words(language),
        tag("script", Markup(_asset("script.js"))),
    )
    return document(title, body, language)


def document(title: str, body: Markup, language: Language) -> str:
    """A whole page around its body, with the style sheet of all pages."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Markup(_asset("style.css"))),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang=language.code)}\n"


@cache
def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def _policy() -> str:
    hashes = {
        kind: base64.b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode()
        for kind, name in (("style", "style.css"), ("script", "script.js"))
    }
    sources = "; ".join(f"{kind}-src 'sha256-{digest}'" for kind, digest in hashes.items())
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def _ids(report: Report) -> dict[str, str]:
    """An id for each section's key, good for addresses; keys may have names of devices in them."""
    ids: dict[str, str] = {}
    for section in report.sections:
        slug = re.sub(r"[^a-z0-9]+", "-", section.key.lower()).strip("-")[:60] or "section"
        taken = set(ids.values())
        number = 1
        while (id := slug if number == 1 else f"{slug}-{number}") in taken or id in _OWN_IDS:
            number += 1
        ids[section.key] = id
    return ids


def _header(report: Report, language: Language, made_ns: int) -> Markup:
    facts = [
        tag("span", language.period(report.since_ns, report.until_ns), class_="period"),
        tag("span", language.text(say("Made on {time}", time=language.time(made_ns)))),
    ]
    if report.selection:
        facts.append(tag("span", *(tag("code", term) for term in report.selection), class_="selection"))
    else:
        facts.append(tag("span", language.text(say("The whole inventory"))))
    return tag("header", tag("h1", language.text(report.title)), tag("p", *facts, class_="facts"))


def _contents(report: Report, ids: dict[str, str], language: Language) -> Markup | None:
    entries = [(ids[section.key], language.text(section.title)) for section in report.sections]
    if report.findings:
        entries.insert(0, ("findings", language.text(_FINDINGS)))
    if len(entries) < 2:
        return None
    listed = (tag("li", tag("a", title, href=f"#{id}")) for id, title in entries)
    return tag("nav", tag("ol", *listed), aria_label=language.text(say("Contents")))


_FINDINGS = say("What needs attention")


def _figures(report: Report, language: Language) -> Markup | None:
    if not report.figures:
        return None
    return tag("dl", *(_figure(figure, language) for figure in report.figures), class_="figures")


def _figure(figure: Figure, language: Language) -> Markup:
    value = language.cell(figure.value, figure.unit) or "–"
    told = [tag("p", language.text(figure.note), class_="note")] if figure.note else []
    if (change := _change(figure, language)) is not None:
        told.insert(0, tag("p", language.text(change), class_="change"))
    is_text = isinstance(figure.value, str | Text | Verdict)
    return tag(
        "div",
        tag("dt", language.text(figure.label)),
        tag("dd", tag("span", value, class_="value words" if is_text else "value"), *told),
        class_=f"figure {class_of(figure.level)}",
    )


def _change(figure: Figure, language: Language) -> Text | None:
    """Against the period before, as far as it shows. Whether more is better is not known here: it is an arrow without a colour."""
    if figure.before is None or not isinstance(figure.value, int | float):
        return None
    before = language.number(figure.before, figure.unit)
    if language.number(figure.value, figure.unit) == before:
        return say("as before")
    if figure.value > figure.before:
        return say("▲ before: {value}", value=before)
    return say("▼ before: {value}", value=before)


def _findings(report: Report, language: Language) -> Markup | None:
    if not report.findings:
        return None
    findings = report.by_urgency
    more = findings[FIRST_FINDINGS:]
    return tag(
        "section",
        tag("h2", language.text(_FINDINGS)),
        _listed(findings[:FIRST_FINDINGS], language),
        tag(
            "details",
            tag("summary", language.text(say("{count} more", count=len(more)))),
            _listed(more, language, start=FIRST_FINDINGS + 1),
        )
        if more
        else None,
        id="findings",
    )


def _listed(findings: list[Finding], language: Language, start: int = 1) -> Markup:
    entries = (
        tag(
            "li",
            word(finding.level, language),
            tag("p", language.text(finding.sentence)),
            class_=class_of(finding.level),
        )
        for finding in findings
    )
    return tag("ol", *entries, class_="findings", start=start)


def _section(section: Section, id: str, ids: dict[str, str], language: Language, outlines: GeoJSON) -> Markup:
    match section:
        case Table():
            drawn = table(section, language, ids)
        case LineChart():
            drawn = line_chart(section, language)
        case BarChart():
            drawn = bar_chart(section, language)
        case HeatMap():
            drawn = heat_map(section, language)
        case SiteMap():
            drawn = site_map(section, language, outlines)
        case Network():
            drawn = _network(section, language)
    title = tag("h2", language.text(section.title))
    return tag("section", title, drawn, _notes(section.notes, language), id=id)


def _network(network: Network, language: Language) -> Markup:
    if not network.nodes:
        return tag("p", language.text(say("No data.")), class_="empty")
    drawing = Markup(svg_element(network, language.text))
    readout = tag("output", class_="readout", hidden=True)
    return tag("div", drawing, zoom_buttons(language), readout, class_="zoomable")


def _notes(notes: tuple[Text, ...], language: Language) -> Markup | None:
    if not notes:
        return None
    return tag("div", *(tag("p", language.text(note)) for note in notes), class_="notes")


def _words(language: Language) -> Markup:
    """What the script says; it puts numbers into the braces."""
    words = {
        "count": language.text(say("{shown} of {count} rows", shown="{shown}", count="{count}")),
        "first": language.text(say("The first {shown} of {count} rows.", shown="{shown}", count="{count}")),
        "km": language.text(say("{number} km", number="{number}")),
    }
    return data_block(words, id="words")
