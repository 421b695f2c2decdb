"""Where sites are drawn, which of them share a sign, and which outlines are refused."""

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.report.formats.html import geojson
from collector.report.formats.html.geojson import GeoJsonError, Outline, parse_geojson, read_geojson
from collector.report.formats.html.projection import WIDTH, bounds_of, projection, scale_bar, strays
from collector.report.formats.html.site_map import SCALES, layers, site_map
from collector.report.language import Language
from collector.report.model import Level, Place, SiteMap, Verdict
from collector.report.say import say
from tests.report.formats.html import sample

ENGLISH = Language("en", sample.ZONE)
UP, DOWN = Verdict(Level.OK, say("up")), Verdict(Level.CRITICAL, say("down"))
lats, lons = st.floats(-80, 80), st.floats(-179, 179)


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The haversine formula, of (lon, lat)."""
    (lon_a, lat_a), (lon_b, lat_b) = (tuple(map(math.radians, each)) for each in (a, b))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


@given(lats, lons, st.floats(0, 1.5), st.floats(0, 1.5))
def test_all_is_within_the_drawing(lat: float, lon: float, tall: float, wide: float) -> None:
    view = projection(lon, lat, lon + wide, lat + tall)
    for corner in ((lon, lat), (lon + wide, lat + tall)):
        x, y = view.place(*corner)
        assert -1e-6 <= x <= WIDTH + 1e-6
        assert -1e-6 <= y <= view.height + 1e-6
    assert 0.5 <= view.height / WIDTH <= 1.3


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_lengths_are_true_over_a_province(a_lat: float, a_lon: float, b_lat: float, b_lon: float) -> None:
    view = projection(104, 20, 105, 21)
    a, b = (104 + a_lon, 20 + a_lat), (104 + b_lon, 20 + b_lat)
    drawn_km = math.dist(view.place(*a), view.place(*b)) / view.units_per_km
    assert drawn_km == pytest.approx(great_circle_km(a, b), rel=0.01, abs=0.01)


def test_north_is_up_and_east_is_right() -> None:
    view = projection(104, 20, 105, 21)
    assert view.place(105, 21)[0] > view.place(104, 20)[0]
    assert view.place(105, 21)[1] < view.place(104, 20)[1]


@given(st.floats(1e-3, 1e3))
def test_the_scale_bar_is_round_and_fits(units_per_km: float) -> None:
    km, units = scale_bar(units_per_km)
    assert units == pytest.approx(km * units_per_km)
    assert WIDTH * 0.09 < units <= WIDTH * 0.25 * (1 + 1e-6)
    assert round(km / 10.0 ** math.floor(math.log10(km) + 1e-9), 6) in (1, 2, 5)


def test_positions_that_must_be_wrong() -> None:
    province = [(105 + index / 100, 20 + index / 200) for index in range(40)]
    assert strays(province) == set()
    assert strays([*province, (0, 0), (20.5, 105.2)]) == {40, 41}
    assert strays([(0, 0), (105, 20)]) == set()


def test_bounds_leave_out_a_countrys_outline() -> None:
    sites = [(105.0, 20.0), (105.4, 20.3)]
    district = Outline("d", (((104.9, 19.9), (105.5, 19.9), (105.5, 20.4), (104.9, 19.9)),))
    country = Outline("c", (((102.0, 8.0), (110.0, 8.0), (110.0, 24.0), (102.0, 24.0), (102.0, 8.0)),))
    elsewhere = Outline("e", (((10.0, 40.0), (11.0, 40.0), (11.0, 41.0), (10.0, 40.0)),))
    assert bounds_of(sites, (district, elsewhere)) == (104.9, 19.9, 105.5, 20.4)
    assert bounds_of(sites, (country,)) == (105.0, 20.0, 105.4, 20.3)
    assert bounds_of([], (district,)) == (104.9, 19.9, 105.5, 20.4)


@given(st.lists(st.tuples(st.floats(104, 104.1), st.floats(20, 20.1), st.booleans()), min_size=1, max_size=60))
def test_every_site_is_in_every_layer_once(sites: list[tuple[float, float, bool]]) -> None:
    places = [Place(lat, lon, f"s{index}", DOWN if down else UP) for index, (lon, lat, down) in enumerate(sites)]
    alone: list[str] = []
    for layer in layers(places, projection(104, 20, 104.5, 20.5)):
        alone += [place.name for sign in layer.alone for place in sign.places]
        ringed = [place.name for sign in layer.rings for place in sign.places]
        assert sorted(alone + ringed) == sorted(place.name for place in places)
        for sign in layer.rings:
            assert sign.places[0].verdict.level == min(place.verdict.level for place in sign.places)


def test_signs_do_not_cover_each_other() -> None:
    places = sample.sites_map(400).places[:400]
    drawn = layers(places, projection(*bounds_of([(place.lon, place.lat) for place in places], ())))
    for number, layer in enumerate(drawn):
        signs = [*layer.rings, *(sign for each in drawn[: number + 1] for sign in each.alone)]
        distances = [math.dist((a.x, a.y), (b.x, b.y)) for index, a in enumerate(signs) for b in signs[:index]]
        assert min(distances) * layer.scale >= 17.999
    assert [layer.scale for layer in drawn] == list(SCALES[: len(drawn)])
    assert len(drawn[0].rings) > 20


def test_outlines_elsewhere_are_not_in_the_page() -> None:
    near, far = (
        Outline(name, (((lon, 19.5), (lon + 1, 19.5), (lon + 1, 20.5), (lon, 19.5)),))
        for name, lon in (("near by", 104.5), ("far away", 60.0))
    )
    chart = SiteMap(key="m", title=say("Sites"), places=(Place(20, 105, "here", UP), Place(20.2, 105.2, "there", UP)))
    drawn = site_map(chart, ENGLISH, (near, far))
    assert "near by" in drawn
    assert "far away" not in drawn


def test_a_map_with_nothing_on_it() -> None:
    chart = SiteMap(key="m", title=say("Sites"), places=())
    assert "latitude" in site_map(chart, ENGLISH)
    assert "<svg" in site_map(chart, ENGLISH, sample.outlines())


def test_wrong_positions_are_told() -> None:
    chart = SiteMap(key="m", title=say("Sites"), places=(Place(91, 10, "Pole & more", UP), Place(20, 105, "here", UP)))
    assert "Pole &amp; more" in site_map(chart, ENGLISH).rpartition("1 site is not drawn")[2]


def square(lon: float = 105, lat: float = 20) -> list[list[float]]:
    return [[lon, lat], [lon + 1, lat], [lon + 1, lat + 1], [lon, lat + 1], [lon, lat]]


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


POLYGON = {"type": "Polygon", "coordinates": [square()]}


def test_outlines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "districts.geojson"
    many = {"type": "MultiPolygon", "coordinates": [[square()], [square(107), square(107.2)]]}
    path.write_bytes(b"\xef\xbb\xbf" + collection(feature(POLYGON, name="Bắc Sơn"), feature(many, id=3), feature(None)))
    first, second = read_geojson(path)
    assert (first.name, len(first.rings), first.bounds) == ("Bắc Sơn", 1, (105, 20, 106, 21))
    assert (second.name, len(second.rings)) == ("", 3)
    assert parse_geojson(json.dumps(POLYGON).encode(), "x")[0].rings == first.rings


def test_a_ring_that_is_not_closed_is_closed() -> None:
    (outline,) = parse_geojson(json.dumps({"type": "Polygon", "coordinates": [square()[:4]]}).encode(), "x")
    assert outline.rings[0][0] == outline.rings[0][-1]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{", "x: no JSON"),
        (b"[" * 100_000, "x: no JSON"),
        (b"[1, 2]", "x: `type` is null"),
        (b'{"type": "Topology"}', 'x: `type` is "Topology"'),
        (b'{"type": "FeatureCollection"}', "x: `features` is null"),
        (collection(), "x: no area"),
        (collection({"type": "Polygon"}), "x: feature 1: "),
        (
            collection(feature(POLYGON), feature({"type": "Point", "coordinates": [1, 2]}, ten="Y")),
            "x: feature 2 ('Y'): geometry is \"Point\"",
        ),
        (collection(feature({"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]})), "a ring is"),
        (collection(feature({"type": "Polygon", "coordinates": None})), "a polygon is null"),
        (collection(feature({"type": "MultiPolygon", "coordinates": None})), "the polygons are null"),
        (collection(feature({"type": "MultiPolygon", "coordinates": []})), "the polygons are []"),
        (collection(feature({"type": "Polygon", "coordinates": [square(532_000)]})), "degrees of WGS 84"),
        (collection(feature({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]})), "a position is"),
    ],
)
def test_errors_name_the_file_and_the_feature(data: bytes, told: str) -> None:
    with pytest.raises(GeoJsonError) as error:
        parse_geojson(data, "x")
    assert told in str(error.value)


def test_files_that_are_not_there_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GeoJsonError, match=r"none\.json: No such file"):
        read_geojson(tmp_path / "none.json")
    path = tmp_path / "large.json"
    path.write_bytes(collection(feature(POLYGON, name="a")))
    monkeypatch.setattr(geojson, "MAX_POSITIONS", 4)
    with pytest.raises(GeoJsonError, match=r"feature 1 \('a'\): more than 4 positions"):
        read_geojson(path)
    monkeypatch.setattr(geojson, "MAX_BYTES", 10)
    for endless in (path, Path("/dev/zero")):
        with pytest.raises(GeoJsonError, match="at most 10"):
            read_geojson(endless)


@given(
    st.recursive(
        st.none() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=4), max_leaves=20
    )
)
def test_nothing_but_its_own_error_comes_out(coordinates: Any) -> None:
    for kind in ("Polygon", "MultiPolygon"):
        data = json.dumps({"type": kind, "coordinates": coordinates}).encode()
        with contextlib.suppress(GeoJsonError):
            assert parse_geojson(data, "x")
