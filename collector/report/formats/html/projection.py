"""Degrees to units of a drawing that is `WIDTH` wide: equirectangular, true to scale along the middle's parallel.

Over a province (200 km) lengths are wrong by less than 1 %, and north is up.
"""

import math
from collections.abc import Sequence

import msgspec

from collector.report.formats.html.geojson import GeoJSON

WIDTH = 1000.0
KM_PER_DEGREE = 111.195
"""of latitude, on a sphere of radius 6371 km"""

_MARGIN = 0.06
_LEAST_DEGREES = 0.02
"""a single site is shown with about a kilometre around it"""
_SHAPES = 0.55, 1.25
"""a drawing is never flatter nor steeper than this (height by width)"""


class Projection(msgspec.Struct, frozen=True):
    """`units` per degree of latitude, `narrow` of them per degree of longitude; west and north are at 0, 0."""

    west: float
    north: float
    narrow: float
    units: float
    height: float

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """x to the right, y downwards."""
        return (lon - self.west) * self.narrow * self.units, (self.north - lat) * self.units

    @property
    def units_per_km(self) -> float:
        """How long a kilometre is."""
        return self.units / KM_PER_DEGREE


def projection(west: float, south: float, east: float, north: float) -> Projection:
    """The one in which these bounds, with a margin, just fit."""
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    # at the poles a degree of longitude has no length
    narrow = max(math.cos(math.radians(middle_lat)), 0.05)
    tall = max(north - south, _LEAST_DEGREES) * (1 + 2 * _MARGIN)
    wide = max((east - west) * narrow, _LEAST_DEGREES) * (1 + 2 * _MARGIN)
    flat, steep = _SHAPES
    wide, tall = max(wide, tall / steep), max(tall, wide * flat)
    return Projection(middle_lon - wide / narrow / 2, middle_lat + tall / 2, narrow, WIDTH / wide, WIDTH * tall / wide)


def strays(positions: Sequence[tuple[float, float]]) -> set[int]:
    """Indexes of those that lie so far from the others that they must be wrong: 0 0, or latitude and longitude exchanged.

    Far is ten times the distance from the middle within which nine of ten lie, and at least 2 degrees.
    """
    if len(positions) < 3:
        return set()
    lons, lats = (sorted(values) for values in zip(*positions, strict=True))
    middle = lons[len(lons) // 2], lats[len(lats) // 2]
    distances = [math.dist(position, middle) for position in positions]
    usual = sorted(distances)[int((len(distances) - 1) * 0.9)]
    return {index for index, distance in enumerate(distances) if distance > max(10 * usual, 2.0)}


def bounds_of(positions: Sequence[tuple[float, float]], outlines: GeoJSON) -> tuple[float, float, float, float]:
    """Of the positions and the outlines around them; the outlines' alone where there are no positions.

    Outlines that are much larger than where the sites are (a country's) do not count, nor do those elsewhere.
    """
    if not positions:
        return _union([outline.bounds for outline in outlines]) if outlines else (-180.0, -90.0, 180.0, 90.0)
    lons, lats = zip(*positions, strict=True)
    own = min(lons), min(lats), max(lons), max(lats)
    around = [
        (west, south, east, north)
        for west, south, east, north in (outline.bounds for outline in outlines)
        if any(west <= lon <= east and south <= lat <= north for lon, lat in positions)
    ]
    united = _union([own, *around])
    span = max(own[2] - own[0], own[3] - own[1], _LEAST_DEGREES)
    return united if max(united[2] - united[0], united[3] - united[1]) <= 3 * span else own


def scale_bar(units_per_km: float, most: float = 0.25) -> tuple[float, float]:
    """The longest round length that takes at most that share of the width: kilometres, and units."""
    longest = WIDTH * most / units_per_km
    power = 10.0 ** math.floor(math.log10(longest))
    km = max(step * power for step in (1, 2, 5) if step * power <= longest * (1 + 1e-9))
    return km, km * units_per_km


def _union(bounds: Sequence[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    wests, souths, easts, norths = zip(*bounds, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
