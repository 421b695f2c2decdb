"""The agent as a function, from a request's octets to the answers'."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.simulator.agent import Answer, Device, answer, down_between, reboots_at
from collector.simulator.faults import Faults, parse_faults
from collector.simulator.tree import make_tree, moment_at, renumber, value_at
from collector.smi import oid as oids
from collector.smi.value import Missing, Tag, VarBind
from tests.simulator.client import GET, GETBULK, GETNEXT, SET, V1, V2C, Reply, parse, request

DESCR, UPTIME, NAME = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0"
IF_INDEX, IN_OCTETS = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.10"
HC_IN_OCTETS, ALIAS = "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.31.1.1.1.18"
VARBINDS: list[VarBind] = [
    (oids.encode(name), tag, value)
    for name, tag, value in (
        (DESCR, Tag.OCTET_STRING, b"a switch"),
        (UPTIME, Tag.TIMETICKS, 1_000),
        (NAME, Tag.OCTET_STRING, b"sw1"),
        *((f"{IF_INDEX}.{index}", Tag.INTEGER, index) for index in (1, 2, 3)),
        *((f"{IN_OCTETS}.{index}", Tag.COUNTER32, index * 1_000) for index in (1, 2, 3)),
        *((f"{HC_IN_OCTETS}.{index}", Tag.COUNTER64, index << 40) for index in (1, 2, 3)),
        *((f"{ALIAS}.{index}", Tag.OCTET_STRING, b"desk %d" % index) for index in (1, 2, 3)),
    )
]
TREE = make_tree(VARBINDS)
DEVICE = Device("127.0.0.1", TREE, index=4)


def answers(data: bytes, device: Device = DEVICE, now_s: float = 0.0, seed: int = 0) -> list[Answer]:
    return answer(data, device, now_s, 0.0, random.Random(seed))


def ask(kind: int, names: list[str], device: Device = DEVICE, now_s: float = 0.0, **fields: int) -> Reply:
    (only,) = answers(request(kind, names, **fields), device, now_s)
    reply = parse(only.datagram)
    assert (reply.version, reply.community, reply.request_id) == (fields.get("version", V2C), b"public", 77)
    assert only.varbinds in (0, len(reply.varbinds))
    return reply


def faulty(**faults: object) -> Device:
    return replace(DEVICE, faults=Faults(**faults))  # type: ignore[arg-type]


def test_get_answers_each_name_or_says_why_not() -> None:
    reply = ask(GET, [DESCR, "1.3.6.1.9.9.0", f"{IF_INDEX}.9", f"{IF_INDEX}.2"])
    assert (reply.status, reply.index) == (0, 0)
    assert reply.values == [b"a switch", Missing.NO_SUCH_OBJECT, Missing.NO_SUCH_INSTANCE, 2]
    assert reply.names == [DESCR, "1.3.6.1.9.9.0", f"{IF_INDEX}.9", f"{IF_INDEX}.2"]


def test_values_of_one_answer_share_their_moment() -> None:
    moment = moment_at(12.34, 4, 0.0)
    names = [UPTIME, f"{IN_OCTETS}.1", f"{HC_IN_OCTETS}.3"]
    assert ask(GET, names, now_s=12.34).values == [
        1_000 + 1_234,
        value_at(names[1], Tag.COUNTER32, 1_000, moment),
        value_at(names[2], Tag.COUNTER64, 3 << 40, moment),
    ]


def test_devices_of_one_tree_have_counters_of_their_own() -> None:
    other = replace(DEVICE, index=5)
    assert ask(GET, [f"{IN_OCTETS}.1"], now_s=60.0).values != ask(GET, [f"{IN_OCTETS}.1"], other, now_s=60.0).values


def test_getnext_goes_through_the_whole_tree_and_ends() -> None:
    name, seen = "1.3", []
    while (reply := ask(GETNEXT, [name])).values != [Missing.END_OF_MIB_VIEW]:
        (name,) = reply.names
        seen.append(name)
    assert seen == [oids.decode(oid) for oid, _, _ in VARBINDS]
    assert reply.names == [name], "endOfMibView repeats the name that was asked"


def test_getbulk_takes_non_repeaters_once_and_the_rest_in_rows() -> None:
    reply = ask(GETBULK, [DESCR.removesuffix(".0"), IF_INDEX, ALIAS], first=1, second=2)
    assert reply.names == [DESCR, f"{IF_INDEX}.1", f"{ALIAS}.1", f"{IF_INDEX}.2", f"{ALIAS}.2"]


def test_getbulk_ends_with_the_first_row_that_is_all_beyond_the_end() -> None:
    reply = ask(GETBULK, [f"{ALIAS}.2"], second=50)
    assert reply.values == [b"desk 3", Missing.END_OF_MIB_VIEW]


@pytest.mark.parametrize(("first", "second", "count"), [(0, 0, 0), (5, 0, 2), (-1, 1, 2), (1, -1, 1), (0, 1 << 30, 18)])
def test_getbulk_bears_any_numbers(first: int, second: int, count: int) -> None:
    assert len(ask(GETBULK, [DESCR, ALIAS], first=first, second=second).varbinds) >= count


def test_getbulk_leaves_out_what_does_not_fit() -> None:
    whole = answers(request(GETBULK, ["1.3"], second=100))[0]
    cut = answers(request(GETBULK, ["1.3"], second=100), faulty(max_bytes=150))[0]
    assert len(cut.datagram) <= 150 < len(whole.datagram)
    kept = parse(cut.datagram).varbinds
    assert kept
    assert kept == parse(whole.datagram).varbinds[: len(kept)]


def test_what_does_not_fit_is_too_big() -> None:
    small = faulty(max_bytes=60)
    reply = ask(GET, [DESCR, NAME, UPTIME], small)
    assert (reply.status, reply.index, reply.varbinds) == (1, 0, [])
    assert ask(GET, [NAME], small).values == [b"sw1"]
    assert ask(GET, [DESCR, NAME, UPTIME], small, version=V1).names == [DESCR, NAME, UPTIME]


def test_v1_names_the_first_that_is_missing_and_repeats_the_request() -> None:
    reply = ask(GET, [DESCR, f"{IF_INDEX}.9", "1.3.6.1.9.9.0"], version=V1)
    assert (reply.status, reply.index) == (2, 2)
    assert reply.names == [DESCR, f"{IF_INDEX}.9", "1.3.6.1.9.9.0"]
    assert ask(GETNEXT, [f"{ALIAS}.3"], version=V1).status == 2


def test_v1_has_no_counter64() -> None:
    reply = ask(GET, [DESCR, f"{HC_IN_OCTETS}.1"], version=V1)
    assert (reply.status, reply.index) == (2, 2)
    assert ask(GETNEXT, [f"{IN_OCTETS}.3"], version=V1).names == [f"{ALIAS}.1"]


def test_set_is_refused() -> None:
    assert (ask(SET, [DESCR]).status, ask(SET, [DESCR], version=V1).status) == (6, 2)


def test_silence_for_strangers() -> None:
    assert answers(request(GET, [DESCR], community=b"private")) == []
    assert answers(request(GET, [DESCR], version=3)) == []
    assert answers(request(GETBULK, [DESCR], version=V1)) == []
    assert answers(request(0xA2, [DESCR])) == []


@given(st.binary(max_size=80))
def test_arbitrary_octets_are_ignored(data: bytes) -> None:
    assert answers(data) == []


@given(st.data())
def test_a_damaged_request_never_kills_the_agent(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([GET, GETNEXT, GETBULK, SET]))
    octets = bytearray(request(kind, [IF_INDEX, f"{ALIAS}.2"], second=3))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    for one in answers(bytes(octets[: data.draw(st.integers(0, len(octets)))])):
        parse(one.datagram)


def test_plans_do_not_pile_up() -> None:
    tree = make_tree(VARBINDS)
    device = Device("127.0.0.1", tree)
    for index in range(3_000):
        answers(request(GET, [f"1.3.6.1.{index}"]), device)
    assert len(tree.plans) <= 1024


def test_a_reboot_starts_uptime_and_counters_at_zero() -> None:
    device = replace(DEVICE, booted=reboots_at(100.0, 200.0))
    name = f"{HC_IN_OCTETS}.1"
    assert ask(GET, [UPTIME], device, now_s=99.0).values == [1_000 + 9_900]
    assert ask(GET, [UPTIME], device, now_s=101.0).values == [100]
    assert ask(GET, [UPTIME], device, now_s=203.0).values == [300]
    after = value_at(name, Tag.COUNTER64, 1 << 40, moment_at(203.0, 4, 200.0, rebooted=True))
    assert ask(GET, [name], device, now_s=203.0).values == [after]


def test_renumbering_happens_at_its_moment() -> None:
    device = replace(DEVICE, later=((100.0, renumber(VARBINDS, {1: 2, 2: 1})),))
    assert ask(GET, [f"{ALIAS}.1"], device, now_s=99.9).values == [b"desk 1"]
    assert ask(GET, [f"{ALIAS}.1"], device, now_s=100.0).values == [b"desk 2"]


def test_an_outage_is_silence_between_two_times() -> None:
    device = replace(DEVICE, down=down_between((10.0, 20.0)))
    heard = [bool(answers(request(GET, [DESCR]), device, now_s)) for now_s in (9.9, 10.0, 19.9, 20.0)]
    assert heard == [True, False, False, True]


def test_dead_and_lossy() -> None:
    assert answers(request(GET, [DESCR]), faulty(dead=True)) == []
    dice = random.Random(1)
    lossy = faulty(drop=0.3)
    heard = sum(bool(answer(request(GET, [DESCR]), lossy, 0.0, 0.0, dice)) for _ in range(1_000))
    assert 630 < heard < 770


def test_delays_add_up() -> None:
    (late,) = answers(request(GET, [DESCR, NAME]), faulty(delay_s=0.2, varbind_delay_s=0.01))
    assert late.delay_s == pytest.approx(0.22)


def test_a_loop_never_gets_on() -> None:
    looping = faulty(loop=True)
    assert ask(GETNEXT, [IF_INDEX], looping).names == [f"{IF_INDEX}.1"]
    assert ask(GETNEXT, [f"{IF_INDEX}.1"], looping).names == [f"{IF_INDEX}.1"]
    assert ask(GETBULK, [IF_INDEX], looping, second=4).names == [f"{IF_INDEX}.1"] * 4


def test_an_endless_table_always_has_one_more_row() -> None:
    endless = faulty(endless=True)
    assert ask(GETBULK, [IF_INDEX], endless, second=6).names == [f"{IF_INDEX}.{row}" for row in range(1, 7)]
    assert ask(GETNEXT, [f"{ALIAS}.4711"], endless).names == [f"{ALIAS}.4712"]
    walked = ask(GETBULK, [DESCR], endless, second=20)
    assert all(oids.arcs(one[0]) < oids.arcs(two[0]) for one, two in pairwise(walked.varbinds))


def test_answers_that_are_none() -> None:
    good = answers(request(GET, [DESCR]))[0].datagram
    garbage = answers(request(GET, [DESCR]), faulty(garbage=True))[0].datagram
    assert len(garbage) == len(good)
    assert garbage != good
    assert good.startswith(answers(request(GET, [DESCR]), faulty(truncate=True))[0].datagram)
    (other,) = answers(request(GET, [DESCR]), faulty(wrong_id=True))
    assert parse(other.datagram).request_id == 78


def test_duplicates_are_equal() -> None:
    first, second = answers(request(GET, [DESCR]), faulty(duplicate=True))
    assert first == second


def test_large_answers_get_lost() -> None:
    assert answers(request(GETBULK, ["1.3"], second=20), faulty(silent_bytes=200)) == []
    assert answers(request(GETBULK, ["1.3"], second=3), faulty(silent_bytes=200))


def test_gen_err_names_its_oid() -> None:
    broken = faulty(gen_err=frozenset([oids.encode(NAME)]))
    for kind, names in ((GET, [DESCR, NAME]), (GETNEXT, [DESCR, UPTIME])):
        reply = ask(kind, names, broken)
        assert (reply.status, reply.index, reply.names) == (5, 2, names)
    assert ask(GETBULK, [DESCR], broken, second=9).names == [UPTIME]
    assert ask(GETBULK, [UPTIME], broken, second=9).status == 5


def test_faults_as_text() -> None:
    assert parse_faults("delay_s=0.2, duplicate,max_bytes=484") == Faults(delay_s=0.2, duplicate=True, max_bytes=484)
    for text in ("late", "drop=often", "dead=1"):
        with pytest.raises(ValueError, match=text.partition("=")[0]):
            parse_faults(text)
