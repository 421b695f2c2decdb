"""Which family a device is of: by sysObjectID, sysDescr and probes of an OID."""

import re
from collections.abc import Mapping

import msgspec

from collector.plugin.convert import clean_text
from collector.plugin.reader import Reader
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Missing, Value

POINTS_ARC = 10
"""a longer prefix of sysObjectID beats everything else of a shorter one"""
POINTS_SYS_DESCR = 4
POINTS_PROBE = 8
POINTS_SYS_DESCR_ALONE = 75
"""more than an enterprise's bare number (1.3.6.1.4.1.N has 7 arcs), less than any object of its own"""
GENERIC = "generic"
"""the family for what no other knows"""


class Probe(msgspec.Struct, frozen=True):
    """An instance that tells one family from another; without `regex` and `equals` it only has to exist."""

    oid: Oid
    regex: re.Pattern[str] | None = None
    equals: str | None = None

    def passes(self, value: Value | None) -> bool:
        """Whether what the device holds there speaks for the family."""
        if value is None or isinstance(value, Missing):
            return False
        text = clean_text(value) if isinstance(value, bytes) else str(value)
        if self.equals is not None:
            return text == self.equals
        return self.regex is None or self.regex.search(text) is not None


class Rule(msgspec.Struct, frozen=True):
    """One [[match]] of a family: all that it names has to fit.

    Attributes:
        prefixes: arcs of which one has to begin sysObjectID.
        points: added to the score, for the rare case that two families fit equally well.
    """

    prefixes: tuple[str, ...] = ()
    sys_descr: re.Pattern[str] | None = None
    not_sys_descr: re.Pattern[str] | None = None
    probes: tuple[Probe, ...] = ()
    points: int = 0


class Match(msgspec.Struct, frozen=True):
    """A family that fits a device.

    Attributes:
        score: the higher the better.
        reason: why it fits, for people.
    """

    family: str
    score: int
    reason: str


def judge(family: str, rule: Rule, sys_object_id: str, sys_descr: str, probes: Mapping[Oid, Value]) -> Match | None:
    """How well `rule` fits a device; None where it does not. Nothing costly is tried before sysObjectID has fitted."""
    score = rule.points
    reasons: list[str] = []
    if rule.prefixes:
        fitting = [prefix for prefix in rule.prefixes if begins(sys_object_id, prefix)]
        if not fitting:
            return None
        longest = max(fitting, key=len)
        score += POINTS_ARC * (longest.count(".") + 1)
        reasons.append(f"sysObjectID {sys_object_id} begins with {longest}")
    if rule.not_sys_descr is not None and rule.not_sys_descr.search(sys_descr):
        return None
    if rule.sys_descr is not None:
        if not rule.sys_descr.search(sys_descr):
            return None
        score += POINTS_SYS_DESCR if rule.prefixes else POINTS_SYS_DESCR_ALONE
        reasons.append(f"sysDescr matches /{rule.sys_descr.pattern}/")
    for probe in rule.probes:
        value = probes.get(probe.oid)
        if not probe.passes(value):
            return None
        score += POINTS_PROBE
        shown = clean_text(value) if isinstance(value, bytes) else str(value)
        reasons.append(f"{oids.decode(probe.oid)} is {shown!r}")
    return Match(family, score, ", ".join(reasons)) if reasons else None


def may_fit(rule: Rule, sys_object_id: str, sys_descr: str) -> bool:
    """Whether a rule fits a device but for its probes, which are yet to be asked for."""
    return (
        (not rule.prefixes or any(begins(sys_object_id, prefix) for prefix in rule.prefixes))
        and (rule.sys_descr is None or rule.sys_descr.search(sys_descr) is not None)
        and (rule.not_sys_descr is None or rule.not_sys_descr.search(sys_descr) is None)
    )


def begins(oid: str, prefix: str) -> bool:
    """Whether `oid` is `prefix` or below it, arc by arc; agents that send sysObjectID as a text put a dot before it."""
    oid = oid.removeprefix(".")
    return oid == prefix or oid.startswith(prefix + ".")


def read_rules(family: Reader) -> tuple[Rule, ...]:
    """The [[match]] tables of a family file."""
    return tuple(_read_rule(rule) for rule in family.tables("match"))


def _read_rule(rule: Reader) -> Rule:
    prefixes = [text.removeprefix(".") for text in rule.texts("sys_object_id") if rule.oid("sys_object_id", text)]
    found = Rule(
        prefixes=tuple(prefixes),
        sys_descr=rule.regex("sys_descr"),
        not_sys_descr=rule.regex("not_sys_descr"),
        probes=tuple(_read_probe(probe) for probe in rule.tables("probe")),
        points=rule.value("points", int) or 0,
    )
    rule.finish()
    if not any(key in rule for key in ("sys_object_id", "sys_descr", "probe")):
        rule.problem("", "a match needs at least one of sys_object_id, sys_descr and probe")
    return found


def _read_probe(probe: Reader) -> Probe:
    oid = probe.oid("oid", probe.required("oid", str, "0.0"))
    equals = probe.raw("equals")
    if equals is not None and (isinstance(equals, bool) or not isinstance(equals, str | int)):
        probe.problem("equals", f"{equals!r} is neither a text nor a whole number")
    found = Probe(oid, probe.regex("regex"), None if equals is None else str(equals))
    probe.finish()
    return found
