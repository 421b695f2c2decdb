"""A map of sites as SVG: outlines behind, sites by shape and colour of their state, the worst on top.

Sites that would cover each other are drawn as one ring with their number, parted by states. Which those are depends on how
large the map is shown: for each of some scales there is a layer with its rings, and one with the sites that stand alone from
this scale on. The script shows what fits, with signs of the same size at each scale; without it, what fits scale 1 is there.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from collector.report.formats.html.geojson import GeoJSON, Outline, Position
from collector.report.formats.html.level import SHAPES, class_of
from collector.report.formats.html.markup import Markup, decimal, joined, tag
from collector.report.formats.html.projection import WIDTH, Projection, bounds_of, projection, scale_bar, strays
from collector.report.language import Language
from collector.report.model import Level, Place, SiteMap
from collector.report.say import say, say_many
from collector.report.unit import Unit

SCALES = (0.35, 0.6, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""pixels per unit for which there are layers"""

_APART = 18.0
"""pixels between two signs that do not cover each other"""
_NAMED = 8
"""how many sites a ring names"""
_FINE = 0.2
"""units between two positions of an outline that are both worth drawing"""
_LABELLED = 40
"""with more outlines, they tell their names only under the pointer"""


class Sign(msgspec.Struct, frozen=True):
    """A sign for one site or for several, the worst first, in units of the drawing."""

    x: float
    y: float
    places: tuple[Place, ...]


class Layer(msgspec.Struct, frozen=True):
    """What is drawn at a scale: its rings, and what stands alone from this scale on."""

    scale: float
    rings: tuple[Sign, ...]
    alone: tuple[Sign, ...]


def site_map(chart: SiteMap, language: Language, outlines: GeoJSON = ()) -> Markup:
    """The map with its legend, scale bar and buttons."""
    places, left_out = _parted(chart.places)
    if not places and not outlines:
        return tag("p", language.text(say("No site has a latitude and longitude.")), class_="empty")
    view = projection(*bounds_of([(place.lon, place.lat) for place in places], outlines))
    outlines = tuple(outline for outline in outlines if _is_in_view(outline, view))
    drawing = tag(
        "svg",
        tag("g", *(_area(outline, view) for outline in outlines), class_="areas"),
        tag("g", *_area_names(outlines, view), class_="area-names") if len(outlines) <= _LABELLED else None,
        *(_layer(layer, language) for layer in layers(places, view)),
        class_="map-drawing",
        viewBox=f"0 0 {decimal(WIDTH)} {decimal(view.height)}",
        role="img",
        aria_label=language.text(chart.title),
        tabindex="0",
    )
    readout = tag("output", class_="readout", hidden=True)
    return tag(
        "div",
        _legend(places, language),
        tag("div", drawing, zoom_buttons(language), readout, class_="zoomable"),
        _scale(view, language),
        _left_out(left_out, language),
        class_="map",
    )


def zoom_buttons(language: Language) -> Markup:
    """Buttons that the script brings to life."""
    return tag(
        "div",
        tag("button", "+", type="button", data_zoom="2", aria_label=language.text(say("Zoom in"))),
        tag("button", "−", type="button", data_zoom="0.5", aria_label=language.text(say("Zoom out"))),
        tag("button", "⤢", type="button", data_zoom="0", aria_label=language.text(say("Show all"))),
        class_="zoom",
        hidden=True,
    )


def layers(places: Sequence[Place], view: Projection) -> list[Layer]:
    """For each of `SCALES`, up to the one from which on nothing changes.

    Signs of a scale are those of the next greater one, joined; so who stands alone does so at all greater scales.
    """
    # signs stand where their worst site is
    ranked = sorted(places, key=_rank)
    signs = [Sign(*view.place(place.lon, place.lat), (place,)) for place in ranked]
    by_scale: dict[float, list[Sign]] = {}
    for scale in reversed(SCALES):
        signs = by_scale[scale] = _joined(signs, _APART / scale)
    found = []
    known: set[tuple[float, float]] = set()
    for scale in SCALES:
        alone = [sign for sign in by_scale[scale] if len(sign.places) == 1 and (sign.x, sign.y) not in known]
        rings = [sign for sign in by_scale[scale] if len(sign.places) > 1]
        known.update((sign.x, sign.y) for sign in alone)
        # the worst are drawn last
        found.append(Layer(scale, tuple(reversed(rings)), tuple(reversed(alone))))
        if scale >= 1 and not rings:
            break
    return found


def _joined(signs: Sequence[Sign], apart: float) -> list[Sign]:
    """Each sign, the worst first, joins the nearest before it that is closer than `apart`, or stays."""
    cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    members: list[list[Sign]] = []
    for sign in signs:
        column, row = int(sign.x // apart), int(sign.y // apart)
        near = [index for dx in (-1, 0, 1) for dy in (-1, 0, 1) for index in cells.get((column + dx, row + dy), ())]
        distances = ((math.dist((sign.x, sign.y), (members[index][0].x, members[index][0].y)), index) for index in near)
        distance, nearest = min(distances, default=(apart, -1))
        if distance < apart:
            members[nearest].append(sign)
        else:
            cells[column, row].append(len(members))
            members.append([sign])
    return [
        Sign(first.x, first.y, tuple(sorted((place for sign in (first, *others) for place in sign.places), key=_rank)))
        for first, *others in members
    ]


def _rank(place: Place) -> tuple[Level, str]:
    return place.verdict.level, place.name


def _layer(layer: Layer, language: Language) -> Markup:
    scale = f"{layer.scale:g}"
    alone, rings = (
        tag(
            "g",
            *(_sign(sign, language) for sign in signs),
            class_=class_,
            data_scale=scale,
            display=None if is_there else "none",
        )
        for class_, signs, is_there in (
            ("layer alone", layer.alone, layer.scale <= 1),
            ("layer", layer.rings, layer.scale == 1),
        )
    )
    return joined([alone, rings])


def _sign(sign: Sign, language: Language) -> Markup:
    first = sign.places[0]
    if len(sign.places) == 1:
        drawn = tag("path", d=SHAPES[first.verdict.level], class_=class_of(first.verdict.level))
        title = _title(first, language)
    else:
        drawn = _ring(sign)
        title = joined([_count(sign, language), *(_title(place, language) for place in sign.places[:_NAMED])], "\n")
        if len(sign.places) > _NAMED:
            title = joined([title, "…"], "\n")
    calm = all(place.verdict.level is Level.OK for place in sign.places)
    inner = tag("g", tag("title", title), drawn, class_="sign calm" if calm else "sign")
    return tag("g", inner, transform=f"translate({decimal(sign.x)} {decimal(sign.y)})")


def _ring(sign: Sign) -> Markup:
    """A ring parted by states, the number within; however few the worst are, they can be seen."""
    count = len(sign.places)
    radius = 8 + 4 * math.log10(count)
    by_level = Counter(place.verdict.level for place in sign.places)
    shares = {level: max(by_level[level] / count, 0.12) for level in sorted(by_level)}
    total = sum(shares.values())
    at = 0.0
    parts = []
    for level, share in shares.items():
        part = share / total * 100
        parts.append(
            tag(
                "circle",
                class_=class_of(level),
                r=radius,
                pathLength=100,
                stroke_dasharray=f"{decimal(part)} 100",
                stroke_dashoffset=-at,
            )
        )
        at += part
    worst = min(by_level)
    return joined(
        [
            tag("circle", class_="within", r=radius),
            *parts,
            tag("text", str(count), dy="0.35em"),
            tag(
                "path",
                d=SHAPES[worst],
                class_=class_of(worst),
                transform=f"translate({decimal(radius * 0.8)} {decimal(-radius * 0.8)}) scale(.7)",
            )
            if worst <= Level.WARNING
            else "",
        ]
    )


def _title(place: Place, language: Language) -> str:
    detail = language.text(place.detail)
    return f"{place.name} – {language.text(place.verdict.text)}" + (f", {detail}" if detail else "")


def _count(sign: Sign, language: Language) -> str:
    states = Counter(language.text(place.verdict.text) for place in sign.places)
    told = ", ".join(f"{state} {count}" for state, count in states.items())
    count = len(sign.places)
    return language.text(say_many("{count} site: {states}", "{count} sites: {states}", count, states=told))


def _legend(places: Sequence[Place], language: Language) -> Markup:
    counts = Counter((place.verdict.level, language.text(place.verdict.text)) for place in places)
    entries = [
        tag(
            "span",
            tag(
                "svg",
                tag("path", d=SHAPES[level], class_=class_of(level)),
                viewBox="-8 -8 16 16",
                width="14",
                height="14",
            ),
            text,
            " ",
            tag("b", language.number(count, Unit.COUNT)),
            class_="key",
        )
        for (level, text), count in sorted(counts.items())
    ]
    return tag("p", *entries, class_="legend")


def _scale(view: Projection, language: Language) -> Markup:
    km, length = scale_bar(view.units_per_km)
    bar = tag("path", d=f"M1 2V8H{decimal(length)}V2")
    return tag(
        "p",
        tag("span", language.text(say("{number} km", number=km))),
        tag("svg", bar, viewBox=f"0 0 {decimal(WIDTH)} 10", preserveAspectRatio="none", width="100%", height="10"),
        class_="scale",
        data_units_per_km=f"{view.units_per_km:.4f}",
    )


def _parted(places: Sequence[Place]) -> tuple[list[Place], list[Place]]:
    """Those that are drawn, and those whose position must be wrong."""
    usable = [place for place in places if -90 <= place.lat <= 90 and -180 <= place.lon <= 180]
    unusable = [place for place in places if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180)]
    wrong = strays([(place.lon, place.lat) for place in usable])
    unusable += [place for index, place in enumerate(usable) if index in wrong]
    return [place for index, place in enumerate(usable) if index not in wrong], unusable


def _left_out(places: Sequence[Place], language: Language) -> Markup:
    names = [place.name for place in places]
    if not names:
        return Markup("")
    listed = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    note = say_many(
        "{count} site is not drawn, its position is far from all others: {names}",
        "{count} sites are not drawn, their positions are far from all others: {names}",
        len(names),
        names=listed,
    )
    return tag("p", language.text(note), class_="note")


def _is_in_view(outline: Outline, view: Projection) -> bool:
    west, south, east, north = outline.bounds
    (left, top), (right, bottom) = view.place(west, north), view.place(east, south)
    return left <= WIDTH and right >= 0 and top <= view.height and bottom >= 0


def _area(outline: Outline, view: Projection) -> Markup:
    drawn = "".join(_closed(ring, view) for ring in outline.rings)
    return tag("path", tag("title", outline.name) if outline.name else None, d=drawn)


def _closed(ring: Sequence[Position], view: Projection) -> str:
    """The ring without positions that nobody could tell apart; nothing where it is smaller than that."""
    kept: list[tuple[float, float]] = []
    for lon, lat in ring[:-1]:
        here = view.place(lon, lat)
        if not kept or math.dist(here, kept[-1]) >= _FINE:
            kept.append(here)
    return "M" + "L".join(f"{decimal(x)} {decimal(y)}" for x, y in kept) + "z" if len(kept) >= 3 else ""


def _area_names(outlines: GeoJSON, view: Projection) -> list[Markup]:
    """In the middle of the largest ring of each area that is in view and wide enough for its name."""
    names = []
    for outline in outlines:
        ring = [view.place(lon, lat) for lon, lat in max(outline.rings, key=_area_of)]
        xs, ys = zip(*ring, strict=True)
        x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        fits = max(xs) - min(xs) > len(outline.name) * 6
        if outline.name and fits and 0 < x < WIDTH and 0 < y < view.height:
            place = f"translate({decimal(x)} {decimal(y)})"
            names.append(tag("g", tag("text", outline.name, class_="sign"), transform=place))
    return names


def _area_of(ring: Sequence[Position]) -> float:
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairwise(ring)))
