"""Free and used ports: what counts as which, and when there are too few."""

from typing import Any

import pytest

from collector.metrics.model import Point
from collector.report.capacity.port_use import Use, switches
from collector.report.capacity.ports import capacity_ports
from collector.report.model import Report, Table, Verdict
from inventory.model import Host, Ring, Span
from tests.report.world import ago, context_of, host, inventory_of, link, over_time, point, site, store_with

PLACE = site("s1")
SW = host("sw-1", PLACE, "switch")
DAYS = 10


def port(number: int, who: Host = SW, kind: str = "GigabitEthernet", **more: Any) -> list[Point]:
    """A day-by-day history: up, down, idle (up until four days ago), off."""
    state = more.pop("state", "up")
    status = {"up": ["up"] * DAYS, "idle": ["up"] * 6 + ["down"] * 4}.get(state, ["down"] * DAYS)
    tags = {"name": f"{kind}0/0/{number}"}
    return [
        point(who, "interface_info", tags, type="ethernetCsmacd", alias=f"room {number}"),
        *over_time(
            who,
            "interface",
            tags,
            since_ns=ago(days=DAYS) + 86_399 * 10**9,
            every_s=86_400,
            oper_status=status,
            admin_status="down" if state == "off" else "up",
            **{"speed_bps": 10**9, **more},
        ),
    ]


def report(points: list[Point], *hosts: Host, **more: Any) -> Report:
    return capacity_ports(context_of(inventory_of(*(hosts or (SW,))), store_with(points), days=DAYS, **more))


def rows(found: Report, key: str) -> list[dict[str, Any]]:
    (section,) = (each for each in found.sections if each.key == key)
    assert isinstance(section, Table)
    return [dict(zip((column.key for column in section.columns), row, strict=True)) for row in section.rows]


def of(states: dict[int, str], who: Host = SW) -> list[Point]:
    return [each for number, state in states.items() for each in port(number, who, state=state)]


def test_ports_are_used_idle_free_or_disabled() -> None:
    points = of({1: "up", 2: "up", 3: "idle", 4: "down", 5: "off", 6: "down"})
    points += port(7, kind="Vlanif") + port(8, kind="Eth-Trunk")
    # a port that was switched off before it was ever used is only known by what it is
    points.append(point(SW, "interface_info", {"name": "GigabitEthernet0/0/9"}, type="ethernetCsmacd"))
    (row,) = rows(found := report(points), "switches")
    assert {key: row[key] for key in ("ports", "used", "idle", "free", "disabled")} == {
        "ports": 7, "used": 2, "idle": 1, "free": 2, "disabled": 2,
    }  # fmt: skip
    assert row["used_percent"] == pytest.approx(300 / 7)
    listed = {each["port"]: each["since"] for each in rows(found, "free_ports")}
    assert listed.pop("GigabitEthernet0/0/3") == ago(days=4) - 10**9  # the last time it was seen up
    assert {str(since) for since in listed.values()} == {"before the period"}
    assert len(listed) == 2


def test_traffic_on_a_port_that_was_never_seen_up_is_use() -> None:
    points = port(1, state="down", in_bps=[0.0] * 4 + [5.0] + [0.0] * 5)
    (switch,) = switches(context_of(inventory_of(SW), store_with(points), days=DAYS))
    assert [(each.use, each.last_used_ns) for each in switch.ports] == [(Use.IDLE, ago(days=6))]


@pytest.mark.parametrize(
    ("free", "off", "verdict", "findings"),
    [
        (0, 0, "full", ["ports-exhausted"]),
        (1, 0, "few left", ["ports-exhausted"]),
        (1, 1, "few left", ["ports-exhausted"]),
        (0, 5, "only disabled ones left", []),
        (3, 0, "fine", []),
    ],
)
def test_verdicts_by_what_is_left(free: int, off: int, verdict: str, findings: list[str]) -> None:
    states = {number: "down" if number < free else "off" if number < free + off else "up" for number in range(24)}
    found = report(of(states))
    assert str(rows(found, "switches")[0]["verdict"].text) == verdict
    assert str(rows(found, "sites")[0]["verdict"].text) == verdict
    assert [each.key for each in found.findings] == findings


def test_free_uplinks_are_no_reserve_for_offices() -> None:
    points = of(dict.fromkeys(range(24), "up")) + [
        each for number in range(4) for each in port(number, kind="XGigabitEthernet", state="down")
    ]
    (row,) = rows(found := report(points), "switches")
    assert (str(row["verdict"].text), row["free"], row["main_speed_bps"], row["main_free"]) == ("full", 4, 10**9, 0)
    assert [(each["speed_bps"], each["free"]) for each in rows(found, "classes")] == [(10**10, 4), (10**9, 0)]


def test_another_switch_of_the_site_has_room() -> None:
    other = host("sw-2", PLACE, "switch")
    points = of(dict.fromkeys(range(24), "up")) + of(dict.fromkeys(range(24), "down"), other)
    found = report(points, SW, other)
    assert [str(row["verdict"].text) for row in rows(found, "switches")] == ["full", "fine"]
    assert [str(row["verdict"].text) for row in rows(found, "sites")] == ["fine"]
    assert found.findings == ()


def test_idle_ports_can_be_taken_back() -> None:
    (finding,) = report(of({number: "idle" if number < 2 else "up" for number in range(24)})).findings
    assert "0 of 24 ports" in str(finding.sentence)
    assert "the 2 that are idle" in str(finding.sentence)


def test_ports_that_work_badly_are_told_the_worst_first() -> None:
    points = [
        *port(1), *port(2, duplex="half"), *port(3, speed_bps=10**8), *port(4, duplex="half", state="down"),
        *port(5, in_errors_per_s=[0.0] * 3 + [0.05] * 7, out_errors_per_s=[0.0] * 3 + [0.05] * 7),
        *port(6, in_errors_per_s=[1.0] * 3 + [0.0] * 7),
    ]  # fmt: skip
    found = rows(report(points), "trouble")
    assert [(each["port"][-1], str(each["reason"])) for each in found] == [
        ("5", "errors"),
        ("2", "half duplex"),
        ("3", "slower than it is made for"),
    ]
    assert found[0]["errors_per_day"] == pytest.approx(8640)


def test_a_port_that_a_line_or_ring_needs_is_not_to_be_taken_back() -> None:
    lined = host("sw-1", PLACE, "switch", links=[link("Gi0/0/1", 1e7)])
    span = Span(a_host="sw-1", a_interface="GigabitEthernet0/0/2", b_host="sw-9")
    inventory = inventory_of(lined, Ring(name="r", spans=(span,)))
    points = of({1: "down", 2: "idle", 3: "down"})
    (switch,) = switches(context_of(inventory, store_with(points), days=DAYS))
    assert [each.use for each in switch.ports] == [Use.USED, Use.USED, Use.FREE]


def test_hosts_that_are_no_switches_are_left_out() -> None:
    router, server = host("r1", role="wan-router"), host("srv", role="server")
    big = host("fw", role="firewall")
    points = [
        *of({1: "up", 2: "down"}, router),
        *of(dict.fromkeys(range(9), "up"), server),
        *of(dict.fromkeys(range(9), "up"), big),
    ]
    assert [row["host"] for row in rows(report(points, router, server, big), "switches")] == ["fw"]


def test_nothing_known_is_not_nothing_free() -> None:
    assert all(not rows(report([]), key) for key in ("switches", "sites", "classes", "trouble", "free_ports"))
    described = [point(SW, "interface_info", {"name": "Gi0/1"}, type="ethernetCsmacd")]
    assert rows(report(described), "switches")[0]["disabled"] is None
    silent = [point(SW, "interface", {"name": f"Gi0/{number}"}, speed_bps=10**9) for number in range(9)]
    (row,) = rows(found := report(silent), "switches")
    assert isinstance(row["verdict"], Verdict)
    assert str(row["verdict"].text) == "no data"
    assert row["free"] is None
    assert found.findings == ()
