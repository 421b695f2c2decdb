"""What has to be done about fibre rings, in sentences."""

from collections.abc import Sequence

from collector.report.capacity.ring_reserve import Worst
from collector.report.capacity.ring_spans import Cabled
from collector.report.capacity.ring_state import RingState
from collector.report.model import Finding, Level
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit
from collector.report.urgency import CUT_OFF, IMPAIRED, WITHIN_MONTHS, WORTH_KNOWING

_LISTED = 8
"""so many names in a sentence, then "and N more" """


def findings(state: RingState) -> list[Finding]:
    """What has to be done about a ring."""
    found = []
    name = state.ring.name
    if state.down:
        found.append(_open_finding(state))
    found += [_overload(state, *overload) for overload in state.overloads[:1]]
    found += [_miswired(state, span) for span in state.spans if span.strangers]
    if state.unknown and not state.down:
        found.append(
            Finding(
                key="ring-unknown",
                level=Level.UNKNOWN,
                urgency=WORTH_KNOWING,
                sentence=say_many(
                    "Nobody knows whether ring {ring} is closed: {count} span has no data, {span}.",
                    "Nobody knows whether ring {ring} is closed: {count} spans have no data, the first is {span}.",
                    len(state.unknown),
                    ring=name,
                    span=state.spans[state.unknown[0]].name,
                ),
                where=name,
            )
        )
    return found


def _overload(state: RingState, place: int, worst: Worst, percent: float) -> Finding:
    values: dict[str, str | Quantity] = {
        "ring": state.ring.name,
        "failed": state.spans[worst.failed].name,
        "load": Quantity(worst.bps, Unit.BPS),
        "span": state.spans[place].name,
        "percent": Quantity(percent, Unit.PERCENT),
        "speed": Quantity(state.spans[place].speed_bps or 0, Unit.BPS),
    }
    if state.down:
        sentence = say(
            "While ring {ring} is open at {failed}, {load} go over {span}, {percent} of its speed of {speed}: repair it "
            "before services suffer.",
            **values,
        )
    else:
        sentence = say(
            "Ring {ring} has no reserve: if {failed} fails, up to {load} would go over {span}, {percent} of its speed of "
            "{speed}: order more speed or move traffic.",
            **values,
        )
    return Finding(
        key="ring-overload",
        level=Level.WARNING,
        urgency=IMPAIRED - 5 if state.down else WITHIN_MONTHS,
        sentence=sentence,
        where=state.ring.name,
    )


def _miswired(state: RingState, span: Cabled) -> Finding:
    heard = span.strangers[0]
    return Finding(
        key="ring-miswired",
        level=Level.WARNING,
        urgency=WORTH_KNOWING,
        sentence=say(
            "Ring {ring}: {host} hears {other} at {port}, where the inventory has span {span}: correct the cabling or the "
            "inventory.",
            ring=state.ring.name,
            host=heard.host,
            other=heard.peer or heard.name,
            port=heard.port,
            span=span.name,
        ),
        where=state.ring.name,
    )


def _open_finding(state: RingState) -> Finding:
    at = _names([state.spans[place].name for place in state.down])
    since = [span.down_since_ns for span in state.spans if span.down_since_ns]
    when: Text = say("since {time}", time=Quantity(min(since), Unit.TIME)) if since else say("since before the period")
    if state.cut:
        hanging = state.hanging(state.cut)
        sentence = say_many(
            "Ring {ring} is open at {at} {since}, which cuts off {count} host: {hosts}. Repair it at once.",
            "Ring {ring} is open at {at} {since}, which cuts off {count} hosts: {hosts}. Repair it at once.",
            len(hanging),
            ring=state.ring.name,
            at=at,
            since=when,
            hosts=_names(hanging),
        )
        return Finding(key="ring-open", level=Level.CRITICAL, urgency=CUT_OFF, sentence=sentence, where=state.ring.name)
    if state.next_cut:
        place, gone = state.next_cut
        hanging = state.hanging(gone)
        sentence = say_many(
            "Ring {ring} is open at {at} {since}. Repair it: if {next} fails too, {count} host is cut off: {hosts}.",
            "Ring {ring} is open at {at} {since}. Repair it: if {next} fails too, {count} hosts are cut off: {hosts}.",
            len(hanging),
            ring=state.ring.name,
            at=at,
            since=when,
            next=state.spans[place].name,
            hosts=_names(hanging),
        )
    else:
        sentence = say("Ring {ring} is open at {at} {since}. Repair it.", ring=state.ring.name, at=at, since=when)
    return Finding(key="ring-open", level=Level.CRITICAL, urgency=IMPAIRED, sentence=sentence, where=state.ring.name)


def _names(names: Sequence[str]) -> Text | str:
    """A list for a sentence, cut where it gets long."""
    if len(names) <= _LISTED:
        return ", ".join(names)
    return say_many(
        "{names} and {count} more",
        "{names} and {count} more",
        len(names) - _LISTED,
        names=", ".join(names[:_LISTED]),
    )
