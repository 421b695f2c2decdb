"""`coverage monitoring` against a small province with known answers."""

from typing import Any

import pytest

from collector.metrics.model import Point
from collector.report.coverage.monitoring import coverage_monitoring
from collector.report.coverage.monitoring_facts import Trouble, watches
from collector.report.coverage.monitoring_security import Safety, safety
from collector.report.coverage.monitoring_tables import TROUBLES
from collector.report.model import Level, Report, Verdict
from collector.report.say import Text
from inventory.model import Community, Credential, Host, Secret, SshLogin, Station, UsmUser
from tests.report.availability.test_availability import figures, findings, rows
from tests.report.world import NOW_NS, ago, context_of, host, inventory_of, link, over_time, point, site, store_with

FIVE_MINUTES_NS = 300 * 10**9
V2C = Credential(name="v2c", snmp=Community(version="2c", community=Secret("env:C")))
V1 = Credential(name="v1", snmp=Community(version="1", community=Secret("env:C")))
SSH = Credential(name="ssh", ssh=SshLogin(user="u", password=Secret("env:P")))


def user(auth: Any = None, priv: Any = None) -> Credential:
    return Credential(name="v3", snmp=UsmUser(user="u", auth=auth, priv=priv))


def asked(of: Host, **fields: Any) -> list[Point]:
    """A day of its samples, and its polls."""
    device = {"up": True, **{name: value for name, value in fields.items() if name not in ("outcome", "error")}}
    poll: dict[str, Any] = {"duration_s": 0.5, "outcome": "ok"} | {
        name: value for name, value in fields.items() if name in ("outcome", "error")
    }
    return [
        *over_time(of, "device", since_ns=ago(1), every_s=300, **device),
        *over_time(of, "poll", since_ns=ago(1), every_s=300, **poll),
    ]


PLACE = site("s1")
GOOD = host("good", PLACE, credentials=(user("sha256", "aes128"),), links=[link("Gi0/1", 2e6), link("Gi0/9", 2e6)])
PARTIAL = host("partial", PLACE, role="switch", credentials=(V2C,))
REFUSED = host("refused", PLACE, role="switch", credentials=(user("md5", "des"), V2C))
PINGED = host("pinged", PLACE, role="camera", address="2001:db8::1")
NEVER = host("never", site("s2", district="Da Bac"), credentials=(V1,), links=[link("Gi0/1", 2e6)])
GONE = host("gone", None, role="server", credentials=(SSH,), legacy_ssh=True, address="server.example")
MUTE = host("mute", PLACE, ping=False)
DISABLED = host("disabled", PLACE, enabled=False, credentials=(V2C,))
INVENTORY = inventory_of(
    GOOD, PARTIAL, REFUSED, PINGED, NEVER, GONE, MUTE, DISABLED, site("empty"),
    Station(id="x-4G", site="empty", technology="4G"),
)  # fmt: skip
POINTS = [
    *asked(GOOD, snmp_up=True, icmp_up=True),
    point(GOOD, "interface", {"name": "Gi0/1"}, in_bps=5.0),
    point(GOOD, "cpu", {"name": "0"}, usage_percent=5.0),
    *asked(PARTIAL, snmp_up=True, outcome="partial", error="table entSensor: not finished"),
    *asked(REFUSED, snmp_up=False, icmp_up=True, outcome="down", error="no answer by SNMP"),
    *asked(PINGED, icmp_up=True),
    point(GONE, "device", time_ns=ago(5), up=True, ssh_up=True),
]


@pytest.fixture(scope="module")
def report() -> Report:
    return coverage_monitoring(context_of(INVENTORY, store_with(POINTS)))


def test_the_figures(report: Report) -> None:
    found = figures(report)
    assert found["hosts"] == 7
    assert found["silent"] == 3
    assert found["partial"] == 1
    assert found["measured_percent"] == pytest.approx(100 * 4 / 7)
    assert found["weak_percent"] == pytest.approx(100 * 3 / 4)
    assert found["ipv6_percent"] == pytest.approx(100 * 1 / 6)
    assert found["poll_p95_s"] == 0.5


def test_each_host_has_its_trouble_and_what_to_do(report: Report) -> None:
    found = {(row["host"], str(row["trouble"].text)) for row in rows(report, "troubles")}
    assert found == {
        ("mute", "nothing to ask"),
        ("never", "never asked"),
        ("gone", "not asked any more"),
        ("gone", "no site"),
        ("refused", "up, but no SNMP"),
        ("partial", "partial"),
        ("pinged", "only pinged"),
    }
    by_host = {row["host"]: row for row in rows(report, "troubles") if row["trouble"] != TROUBLES[Trouble.NO_SITE]}
    assert by_host["gone"]["last_asked"] == pytest.approx(ago(5), abs=3600e9)
    assert by_host["never"]["last_asked"] == Text("never")
    assert by_host["partial"]["error"] == "table entSensor: not finished"
    assert all(str(row["to_do"]) for row in by_host.values())


def test_roles_and_districts_are_counted(report: Report) -> None:
    by_role = {str(row["role"]): row for row in rows(report, "roles")}
    assert (by_role["switch"]["hosts"], by_role["switch"]["measured"], by_role["switch"]["partial"]) == (2, 2, 1)
    assert by_role["camera"]["only_pinged"] == 1
    assert by_role["WAN router"]["disabled"] == 1
    assert by_role["WAN router"]["with_interface"] == 1
    assert by_role["WAN router"]["with_cpu"] == 1
    assert by_role["WAN router"]["silent"] == 2
    by_district = {row["district"]: row for row in rows(report, "districts")}
    assert by_district["Mai Chau"]["ipv6"] == by_district["Mai Chau"]["ipv6_up"] == 1
    assert by_district["Da Bac"]["silent"] == 1
    assert by_district[None]["hosts"] == 1


def test_lines_and_places_without_figures(report: Report) -> None:
    assert [(row["host"], row["interface"]) for row in rows(report, "unseen_lines")] == [("good", "Gi0/9")]
    assert [(row["site"], row["station"]) for row in rows(report, "bare_places")] == [
        ("Site empty", None),
        ("Site empty", "x-4G"),
    ]


def test_the_weakest_way_counts(report: Report) -> None:
    ways = {str(row["way"].text): row["hosts"] for row in rows(report, "security")}
    assert ways == {
        "SNMPv1": 1,
        "SNMPv2c": 2,
        "SNMPv3 with SHA-2 and AES": 1,
        "SSH with algorithms that SSH has given up": 1,
    }
    assert [row["host"] for row in rows(report, "weak_hosts")] == ["never", "partial", "refused", "gone"]


@pytest.mark.parametrize(
    ("auth", "priv", "expected"),
    [
        (None, None, Safety.NO_AUTH),
        ("sha256", None, Safety.NO_PRIVACY),
        ("md5", "aes128", Safety.MD5_OR_DES),
        ("sha256", "des", Safety.MD5_OR_DES),
        ("sha1", "aes128", Safety.SHA1),
        ("sha512", "aes256c", Safety.GOOD),
    ],
)
def test_users_of_snmpv3(auth: Any, priv: Any, expected: Safety) -> None:
    assert safety(host("h", credentials=(user(auth, priv),))) is expected
    assert safety(host("h", credentials=(user(auth, priv),), transport="ssh")) is None


def test_findings_are_summarised(report: Report) -> None:
    found = findings(report)
    assert set(found) == {
        ("monitoring-silent", ""),
        ("monitoring-refused", ""),
        ("monitoring-line-unseen", ""),
        ("monitoring-weak-snmp", ""),
        ("monitoring-legacy-ssh", ""),
    }
    assert "3 hosts" in str(found["monitoring-silent", ""].sentence)
    assert "3 of 4 hosts" in str(found["monitoring-weak-snmp", ""].sentence)


def test_polls_that_are_missing_while_others_are_made() -> None:
    other = host("other", PLACE)
    points = [
        *over_time(other, "device", since_ns=ago(2), every_s=300, up=True),
        *(each for each in over_time(GOOD, "device", since_ns=ago(2), every_s=300, up=True, snmp_up=True)
          if not ago(1) <= each.time_ns < ago(0.5)),
    ]  # fmt: skip
    found = coverage_monitoring(context_of(inventory_of(GOOD, other), store_with(points), days=2))
    gappy = [row for row in rows(found, "troubles") if row["trouble"] == TROUBLES[Trouble.GAPPY]]
    assert [(row["host"], row["missed_percent"]) for row in gappy] == [("good", 25)]


def test_a_host_that_came_after_the_collector_had_been_away_misses_nothing() -> None:
    other, new = host("other", PLACE), host("new", PLACE, credentials=(V2C,))
    points = [
        *(each for each in over_time(other, "device", since_ns=ago(3), every_s=300, up=True)
          if not ago(2) <= each.time_ns < ago(1.5)),
        *over_time(new, "device", since_ns=ago(1), every_s=300, up=True, snmp_up=True),
    ]  # fmt: skip
    found = coverage_monitoring(context_of(inventory_of(other, new), store_with(points), days=3))
    assert [row for row in rows(found, "troubles") if row["trouble"] == TROUBLES[Trouble.GAPPY]] == []


def test_a_host_that_changed_its_family_is_told_by_its_newest_point() -> None:
    old = [point(GOOD, "device", time_ns=NOW_NS - 3 * FIVE_MINUTES_NS, up=False, snmp_up=False)]
    new = [point(GOOD, "device", {"family": "cisco"}, time_ns=NOW_NS - FIVE_MINUTES_NS, up=True, snmp_up=True)]
    (watch,) = watches(context_of(inventory_of(GOOD), store_with(new + old)))
    assert watch.up
    assert list(watch.troubles()) == []


def test_nothing_at_all() -> None:
    report = coverage_monitoring(context_of(inventory_of(), store_with([])))
    assert report.findings == ()
    assert figures(report)["measured_percent"] is None
    report = coverage_monitoring(context_of(INVENTORY, store_with([])))
    assert figures(report)["measured_percent"] == 0
    assert rows(report, "troubles")[0]["trouble"] == Verdict(Level.CRITICAL, Text("nothing to ask"))
