"""What devices were and are: identities seen over time, and what changed since the period began. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum

import msgspec

from collector.report.model import Level, Verdict
from collector.report.say import say
from collector.store.contract import Sighting

IDENTITY = ("vendor", "model", "os", "os_version", "serial")
"""the fields of `device_info` that are compared"""


class Kind(Enum):
    """What happened to a device; the value sorts them."""

    GONE = 0
    REPLACED = 1
    UPGRADED = 2
    NEW = 3


VERDICTS = {
    Kind.GONE: Verdict(Level.WARNING, say("gone")),
    Kind.REPLACED: Verdict(Level.INFO, say("replaced")),
    Kind.UPGRADED: Verdict(Level.INFO, say("other software")),
    Kind.NEW: Verdict(Level.INFO, say("new")),
}


class Change(msgspec.Struct, frozen=True):
    """One change of a host; `part` is the component it is about, "" for the device itself."""

    host: str
    kind: Kind
    time_ns: int
    part: str = ""
    before: str = ""
    after: str = ""


class Texts(msgspec.Struct):
    """The texts that one field had, newest first."""

    sightings: list[Sighting]

    @property
    def now(self) -> Sighting:
        return self.sightings[0]

    def changed_since(self, begin_ns: int) -> Sighting | None:
        """What it was before, where the present text came in its place after `begin_ns`.

        Two texts that were both seen in the same time are no change: a stack tells now of this member, now of that.
        """
        before = [each for each in self.sightings[1:] if each.last_ns <= self.now.first_ns]
        alone = len(before) == len(self.sightings) - 1
        return before[0] if before and alone and self.now.first_ns >= begin_ns else None


def by_series(sightings: Iterable[Sighting], tag: str = "") -> dict[tuple[str, str], dict[str, Texts]]:
    """The texts by (host, value of `tag`) and field."""
    found: dict[tuple[str, str], dict[str, Texts]] = defaultdict(dict)
    for each in sorted(sightings, key=lambda sighting: (-sighting.last_ns, -sighting.first_ns)):
        if each.text:
            fields = found[each.tags["host"], each.tags.get(tag, "")]
            fields.setdefault(each.field, Texts([])).sightings.append(each)
    return found


def device_changes(
    seen: Mapping[tuple[str, str], Mapping[str, Texts]],
    begin_ns: int,
    until_ns: int,
    patience_ns: int,
    known: Collection[str],
) -> list[Change]:
    """What happened to devices in `[begin_ns, until_ns)`.

    Args:
        seen: of `by_series`.
        begin_ns: from when on the store can tell: the first identity that it has of a host after it is a new device.
        patience_ns: a device whose identity was not seen for this long is gone.
        known: the hosts of the inventory; others are gone whenever they were last seen.
    """
    found: list[Change] = []
    for (host, _), fields in seen.items():
        found += _changes(host, fields, begin_ns, until_ns, patience_ns, host in known)
    return sorted(found, key=lambda each: (each.kind.value, -each.time_ns, each.host))


def part_changes(seen: Mapping[tuple[str, str], Mapping[str, Texts]], begin_ns: int) -> list[Change]:
    """Components whose serial number is another since `begin_ns`: that part was replaced."""
    found = []
    for (host, part), fields in seen.items():
        serial = fields.get("serial")
        if serial and (before := serial.changed_since(begin_ns)):
            found.append(Change(host, Kind.REPLACED, serial.now.first_ns, part, before.text, serial.now.text))
    return sorted(found, key=lambda each: (-each.time_ns, each.host, each.part))


def _changes(
    host: str, fields: Mapping[str, Texts], begin_ns: int, until_ns: int, patience_ns: int, known: bool
) -> Iterator[Change]:
    first_ns = min(text.first_ns for texts in fields.values() for text in texts.sightings)
    last_ns = max(texts.now.last_ns for texts in fields.values())
    what = " ".join(fields[name].now.text for name in ("vendor", "model") if name in fields)
    if not known or last_ns < until_ns - patience_ns:
        if last_ns >= begin_ns:
            yield Change(host, Kind.GONE, last_ns, before=what)
        return
    if first_ns >= begin_ns:
        yield Change(host, Kind.NEW, first_ns, after=what)
        return
    serial = fields["serial"].changed_since(begin_ns) if "serial" in fields else None
    model = fields["model"].changed_since(begin_ns) if "model" in fields else None
    if serial or model:
        field = "serial" if serial else "model"
        before = serial or model
        now = fields[field].now
        yield Change(host, Kind.REPLACED, now.first_ns, before=before.text if before else "", after=now.text)
    version = fields["os_version"].changed_since(begin_ns) if "os_version" in fields else None
    if version:
        now = fields["os_version"].now
        yield Change(host, Kind.UPGRADED, now.first_ns, before=version.text, after=now.text)
