"""Outlines of districts that users give as GeoJSON (RFC 7946): read, checked, and kept as rings of positions."""

import math
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

Position: TypeAlias = tuple[float, float]
"""longitude and latitude in degrees, in the order of GeoJSON"""

MAX_BYTES = 64 * 2**20
MAX_POSITIONS = 2_000_000

_NAMES = ("name", "NAME", "Name", "ten", "Ten", "TEN", "name_vi", "name:vi", "NAME_3", "NAME_2", "NAME_1", "shapeName")
"""properties that hold the name of a feature in common sources"""


class GeoJsonError(ValueError):
    """The file is no GeoJSON with polygons. Says which file, which feature, what was found, and what is allowed."""


class Outline(msgspec.Struct, frozen=True):
    """One area. Each of `rings` is closed; holes are rings like the others (even-odd)."""

    name: str
    rings: tuple[tuple[Position, ...], ...]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        lons = [lon for ring in self.rings for lon, _ in ring]
        lats = [lat for ring in self.rings for _, lat in ring]
        return min(lons), min(lats), max(lons), max(lats)


GeoJSON: TypeAlias = tuple[Outline, ...]


def read_geojson(path: Path) -> GeoJSON:
    """The areas of a file: a FeatureCollection, a Feature, or a bare Polygon or MultiPolygon.

    Raises:
        GeoJsonError: it cannot be read, is larger than `MAX_BYTES`, or holds something else.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise GeoJsonError(f"{path}: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise GeoJsonError(f"{path}: is larger; at most {MAX_BYTES} bytes are read")
    return parse_geojson(data, str(path))


def parse_geojson(data: bytes, source: str) -> GeoJSON:
    """As `read_geojson`; `source` is named in errors."""
    try:
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise GeoJsonError(f"{source}: no JSON: {error}") from error
    outlines: list[Outline] = []
    count = 0
    for where, name, geometry in _geometries(document, source):
        rings = tuple(_rings(geometry, f"{source}: {where}"))
        count += sum(map(len, rings))
        if count > MAX_POSITIONS:
            raise GeoJsonError(f"{source}: {where}: more than {MAX_POSITIONS} positions; simplify the outlines")
        outlines.append(Outline(name, rings))
    if not outlines:
        raise GeoJsonError(f"{source}: no area in it")
    return tuple(outlines)


def _geometries(document: Any, source: str) -> list[tuple[str, str, Any]]:
    """Of each feature that has a place: what it is called in errors, its name, and its geometry."""
    kind = document.get("type") if isinstance(document, dict) else None
    match kind:
        case "FeatureCollection":
            features = document.get("features")
            if not isinstance(features, list):
                raise GeoJsonError(f"{source}: `features` is {_found(features)}, a list is needed")
        case "Feature":
            features = [document]
        case "Polygon" | "MultiPolygon":
            return [("geometry", "", document)]
        case _:
            raise GeoJsonError(
                f"{source}: `type` is {_found(kind)}; FeatureCollection, Feature, Polygon and MultiPolygon are read"
            )
    found = []
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise GeoJsonError(f"{source}: feature {number}: {_found(feature)} is no Feature")
        name = _name(feature.get("properties"))
        # RFC 7946, 3.2: a feature without a place has null
        if feature.get("geometry") is not None:
            found.append((f"feature {number}" + (f" ({name[:60]!r})" if name else ""), name, feature["geometry"]))
    return found


def _name(properties: Any) -> str:
    if not isinstance(properties, dict):
        return ""
    named = (properties.get(key) for key in _NAMES)
    return next((value for value in named if isinstance(value, str) and value.strip()), "").strip()


def _rings(geometry: Any, where: str) -> list[tuple[Position, ...]]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    match kind:
        case "Polygon":
            polygons: Any = [coordinates]
        case "MultiPolygon":
            polygons = coordinates
        case _:
            raise GeoJsonError(f"{where}: geometry is {_found(kind)}; Polygon and MultiPolygon are drawn")
    if not isinstance(polygons, list) or not polygons:
        raise GeoJsonError(f"{where}: the polygons are {_found(polygons)}, a list is needed")
    rings = []
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            raise GeoJsonError(f"{where}: a polygon is {_found(polygon)}, a list of rings is needed")
        rings += [_ring(ring, where) for ring in polygon]
    return rings


def _ring(ring: Any, where: str) -> tuple[Position, ...]:
    if not isinstance(ring, list) or len(ring) < 3:
        raise GeoJsonError(
            f"{where}: a ring is {_found(ring)}, at least 4 positions are needed, the last like the first"
        )
    positions = [_position(position, where) for position in ring]
    if positions[0] != positions[-1]:
        positions.append(positions[0])
    if len(positions) < 4:
        raise GeoJsonError(f"{where}: a ring of {len(ring)} positions, at least 4 are needed, the last like the first")
    return tuple(positions)


def _position(position: Any, where: str) -> Position:
    if not isinstance(position, list) or len(position) < 2 or not all(_is_number(part) for part in position[:2]):
        raise GeoJsonError(f"{where}: a position is {_found(position)}, longitude and latitude are needed")
    lon, lat = float(position[0]), float(position[1])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise GeoJsonError(
            f"{where}: {lon:g} {lat:g} is no longitude (-180 to 180) and latitude (-90 to 90): degrees of WGS 84 are needed"
        )
    return lon, lat


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _found(value: Any) -> str:
    if isinstance(value, dict | list) and len(value) > 3:
        return f"a {'list' if isinstance(value, list) else 'table'} of {len(value)}"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:60]}…"
