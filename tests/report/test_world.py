"""The test double of a store answers as the contract says."""

import numpy as np

from tests.report.world import DAY_NS, HOUR_NS, ago, host, over_time, point, site, store_with

R1 = host("r1", site("s1"))
GI1 = {"name": "Gi0/1"}


def test_windows_hold_means_and_counts_of_samples_that_are_there() -> None:
    store = store_with(
        over_time(R1, "interface", GI1, since_ns=ago(hours=2), every_s=1800, in_bps=[1, 3, None, 8], reset=[0, 1, 1, 1])
    )
    (found,) = store.histories(
        "interface", ["in_bps", "reset", "out_bps"], since_ns=ago(hours=2), until_ns=ago(), every_s=3600
    )
    assert found.tags == {**R1.point_tags(), **GI1}
    assert found.times_ns.tolist() == [ago(hours=2), ago(hours=1)]
    assert found.values["in_bps"].tolist() == [2.0, 8.0]
    assert found.values["reset"].tolist() == [0.5, 1.0]
    assert np.isnan(found.values["out_bps"]).all()
    assert found.samples.tolist() == [2.0, 2.0]


def test_daily_percentiles_are_of_nearest_rank() -> None:
    store = store_with(over_time(R1, "interface", GI1, since_ns=ago(days=2), in_bps=list(range(48))))
    (found,) = store.daily_percentiles("interface", ["in_bps"], 95, since_ns=ago(days=2), until_ns=ago())
    assert found.times_ns.tolist() == [ago(days=2), ago(days=1)]
    assert found.values["in_bps"].tolist() == [22.0, 46.0]  # the 23rd of 24
    assert found.samples.tolist() == [24.0, 24.0]


def test_only_narrows_by_tags_or_by_pairs() -> None:
    r2 = host("r2")
    store = store_with(
        [point(R1, "cpu", {"name": "0"}, usage_percent=1), point(r2, "cpu", {"name": "1"}, usage_percent=2)]
    )

    def names(only: object) -> list[str]:
        found = store.histories(
            "cpu",
            ["usage_percent"],
            since_ns=0,
            until_ns=ago(),
            every_s=60,
            only=only,  # type: ignore[arg-type]
        )
        return [history.tags["host"] for history in found]

    assert names(None) == ["r1", "r2"]
    assert names({"host": {"r2"}}) == ["r2"]
    assert names({("r1", "0"), ("r2", "0")}) == ["r1"]


def test_the_newest_point_as_of_a_time_and_of_some_fields() -> None:
    store = store_with(
        [
            point(R1, "device", time_ns=ago(hours=3), up=True),
            point(R1, "device", time_ns=ago(hours=2), up=False, error="silent"),
            point(R1, "device", time_ns=ago(hours=1), icmp_up=True),
        ]
    )
    assert [p.fields for p in store.latest("device")] == [{"icmp_up": True}]
    assert [p.fields for p in store.latest("device", fields=["up"])] == [{"up": False}]
    assert [p.time_ns for p in store.latest("device", until_ns=ago(hours=2))] == [ago(hours=3)]
    assert store.latest("device", since_ns=ago(minutes=30)) == []


def test_texts_are_sighted_from_first_to_last() -> None:
    versions = ["15.1"] * 24 + ["15.2"] * 24
    store = store_with(over_time(R1, "device_info", since_ns=ago(days=2), os_version=versions))
    found = store.sightings("device_info", ["os_version", "os"], since_ns=ago(days=2), until_ns=ago())
    assert [(s.text, s.first_ns, s.last_ns) for s in found] == [
        ("15.1", ago(days=2), ago(days=1) - HOUR_NS),
        ("15.2", ago(days=1), ago() - HOUR_NS),
    ]


def test_days_and_weeks_before_now_are_whole() -> None:
    assert ago() % DAY_NS == 0
    assert (ago() // DAY_NS + 3) % 7 == 0, "day 0 was a Thursday"
