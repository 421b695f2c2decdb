"""`summary`: which findings make the page, and how numbers moved."""

from collector.report.model import Finding, Level, SiteMap
from collector.report.movement import moved, movement
from collector.report.say import say
from collector.report.summary import OF_ONE_KIND, SHOWN, most_urgent, once, summary
from inventory.model import Host
from tests.report.world import ago, context_of, host, inventory_of, link, over_time, point, site, store_with


def _finding(key: str, urgency: float, where: str = "here") -> Finding:
    return Finding(key=key, level=Level.CRITICAL, urgency=urgency, sentence=say("It is so."), where=where)


def test_the_most_urgent_come_first_and_one_kind_does_not_hide_the_others() -> None:
    full = [_finding("line-full", 90 - n, f"line {n}") for n in range(20)]
    other = [_finding(key, 50.0) for key in ("ring-open", "disk-filling")]
    shown = most_urgent([*other, *full])
    assert [each.key for each in shown] == ["line-full"] * OF_ONE_KIND + ["ring-open", "disk-filling"]
    assert [each.where for each in shown[:OF_ONE_KIND]] == ["line 0", "line 1", "line 2"]


def test_what_two_reports_find_is_told_once_by_the_earlier_one() -> None:
    assert [each.urgency for each in once([_finding("host-down", 90), _finding("host-down", 95)])] == [90]


def test_no_more_than_ten() -> None:
    assert len(most_urgent(_finding(f"kind {n}", 50) for n in range(30))) == SHOWN


def test_sites_are_drawn_by_how_many_of_their_hosts_are_up() -> None:
    mixed, dead, unseen = (site(name, lat=21.0, lon=106.0) for name in ("mixed", "dead", "unseen"))
    hosts = [host("a", mixed), host("b", mixed), host("c", dead), host("d", unseen)]
    points = [point(each, "device", up=each.name == "a") for each in hosts[:3]]
    report = summary(context_of(inventory_of(*hosts), store_with(points)))
    drawn = next(each for each in report.sections if isinstance(each, SiteMap))
    assert {(place.name, str(place.verdict.text), str(place.detail)) for place in drawn.places} == {
        ("Site mixed", "partly down", "1 of 2 hosts up"),
        ("Site dead", "down", "0 of 1 host up"),
        ("Site unseen", "no data", "0 of 1 host up"),
    }


def _numbers(*devices: Host, points: list) -> dict[str, tuple[float | None, float | None, str]]:  # type: ignore[type-arg]
    table = movement(moved(context_of(inventory_of(*devices), store_with(points), days=10)))
    return {str(row[0]): (row[2], row[3], str(row[5].text)) for row in table.rows}  # type: ignore[union-attr, misc]


def test_numbers_of_both_periods_are_compared() -> None:
    router = host("r1", site("s1"), links=[link("Gi0/1", 10e6)])
    server = host("web", site("dc"), role="server")
    begin = ago(days=20)
    points = [
        *over_time(router, "device", since_ns=begin, up=lambda t: (t < -10) | (t >= -5)),
        *over_time(server, "device", since_ns=begin, up=True),
        *over_time(
            router, "interface", {"name": "Gi0/1"}, since_ns=begin, in_bps=lambda t: 1e6 + 8e6 * (t >= -10), out_bps=1e6
        ),
        *over_time(
            server, "storage", {"name": "/", "kind": "disk"}, since_ns=begin, every_s=21_600, total_bytes=1000,
            used_bytes=lambda t: 500 + 100 * (t >= -10),
        ),
    ]  # fmt: skip
    told = _numbers(router, server, points=points)
    assert told["Polls answered, all hosts"] == (100.0, 75.0, "worse")
    assert told["Polls answered, WAN routers"] == (100.0, 50.0, "worse")
    assert told["Polls answered, BTS uplinks"] == (None, None, "not enough data")
    assert told["Lines whose usual daily peak is over 80% of the contract"] == (0.0, 1.0, "worse")
    assert told["Mean traffic of all contracted lines"] == (2.0, 10.0, "more")
    assert told["Space used on servers"] == (50.0, 60.0, "worse")


def test_a_young_store_has_nothing_to_compare() -> None:
    router = host("r1", site("s1"), links=[link("Gi0/1", 10e6)])
    points = over_time(router, "device", since_ns=ago(days=8), up=True)
    assert {verdict for _, _, verdict in _numbers(router, points=points).values()} == {"not enough data"}
