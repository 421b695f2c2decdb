"""What ports are: which are physical, how fast they are made to be, and when two names mean the same port."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

import msgspec

from collector.metrics.model import Point
from collector.report.context import Context

_PREFIXES = {
    "ethernet": "eth", "eth": "eth", "et": "eth", "e": "eth", "mgmteth": "mgmt",
    "fastethernet": "fa", "fastether": "fa", "fe": "fa", "fa": "fa",
    "gigabitethernet": "gi", "gigaethernet": "gi", "gigabit": "gi", "gige": "gi", "gig": "gi", "gi": "gi", "ge": "gi", "g": "gi",
    "twogigabitethernet": "2.5g", "tw": "2.5g", "multige": "2.5g", "mge": "2.5g",
    "tengigabitethernet": "te", "tengigaethernet": "te", "tengige": "te", "xgigabitethernet": "te", "xgige": "te",
    "ten-gigabitethernet": "te", "te": "te", "ten": "te", "xge": "te", "xe": "te", "10ge": "te",
    "twentyfivegige": "25g", "twentyfivegigabitethernet": "25g", "25ge": "25g", "twe": "25g",
    "fortygigabitethernet": "40g", "fortygige": "40g", "40ge": "40g", "fo": "40g",
    "fiftygige": "50g", "50ge": "50g", "fiftygigabitethernet": "50g",
    "hundredgige": "100g", "hundredgigabitethernet": "100g", "100ge": "100g", "hu": "100g",
    "fourhundredgige": "400g", "400ge": "400g", "fh": "400g",
}  # fmt: skip
"""makers' words and abbreviations of the kinds of Ethernet ports, letter case apart"""

SPEEDS_BPS: Mapping[str, int] = {
    "fa": 100_000_000,
    "gi": 1_000_000_000,
    "2.5g": 2_500_000_000,
    "te": 10_000_000_000,
    "25g": 25_000_000_000,
    "40g": 40_000_000_000,
    "50g": 50_000_000_000,
    "100g": 100_000_000_000,
    "400g": 400_000_000_000,
}
"""of the kinds whose name says their speed"""

_NAME = re.compile(r"(?P<word>(?:\d+(?=ge\b|ge\d))?[a-z][a-z-]*?)[ -]?(?P<number>\d.*)?", re.IGNORECASE)

_PHYSICAL_TYPES = frozenset({"ethernetCsmacd", "fastEther", "fastEtherFX", "gigabitEthernet", "fibreChannel", "6"})
_NO_PORT = re.compile(
    r"(vlan|vlanif|vl|eth-?trunk|port-?channel|po|bond|lag|ae|aggregat\w*|trunk|bundle\w*|smartgroup|"
    r"lo|loopback|null|stack[\w-]*|tunnel|irb|bdi|bvi|br|bridge|cpu|inband|virtual\w*|dummy|ppp|dialer|"
    r"meth|mgmt\w*|management|me|fxp|em|oob|console|usb|wlan|wifi|ath|vethernet|internal|docker|veth|tap|vnet)"
    r"[ _/:-]?\d*([/.:-]\d+)*",
    re.IGNORECASE,
)
PORT_FIELDS = ("admin_status", "oper_status", "speed_bps", "duplex")
INFO_FIELDS = ("if_name", "descr", "alias", "mac", "type")


class Port(msgspec.Struct, frozen=True):
    """An interface as it is at the end of the period. None is unknown.

    Attributes:
        seen_ns: when its state was last read, 0 where it never was lately.
        mac: twelve hexadecimal digits, or "".
        is_part: whether it is a VLAN or channel of another port: `Gi0/1.100` beside `Gi0/1`.
    """

    host: str
    name: str
    admin_up: bool | None = None
    oper_up: bool | None = None
    speed_bps: int | None = None
    duplex: str = ""
    type: str = ""
    alias: str = ""
    mac: str = ""
    aliases: tuple[str, ...] = ()
    """its other names: ifName and ifDescr"""
    is_part: bool = False
    seen_ns: int = 0

    @property
    def is_physical(self) -> bool:
        """Whether a cable could be put into it for others' use: no VLAN, aggregate, loopback, stack or management."""
        if self.type and self.type not in _PHYSICAL_TYPES:
            return False
        return _NO_PORT.fullmatch(self.name) is None and not self.is_part

    @property
    def class_bps(self) -> int | None:
        """The speed it is made for: by its name, else what it runs at, which a free port does not tell."""
        return SPEEDS_BPS.get(same_port(self.name).partition(" ")[0], self.speed_bps or None)


@lru_cache(maxsize=65_536)
def same_port(name: str) -> str:
    """One spelling for all names of a port: `GigabitEthernet0/0/1`, `Gi0/0/1` and `ge-0/0/1` are "gi 0/0/1"."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        return name.strip().lower()
    word, number = found["word"].lower(), found["number"] or ""
    return f"{_PREFIXES.get(word, word)} {number}".strip()


def hexadecimal(address: str) -> str:
    """The digits of a MAC address, however it is written; "" for anything else."""
    digits = re.sub(r"[^0-9a-f]", "", address.lower())
    return digits if len(digits) == 12 and re.fullmatch(r"[0-9a-fA-F:. -]+", address) else ""


def ports_of(context: Context) -> dict[str, dict[str, Port]]:
    """The interfaces of every selected host, by host and name."""
    return context.once.get("ports", lambda: _ports_of(context))


def _ports_of(context: Context) -> dict[str, dict[str, Port]]:
    states = {_key(point): point for point in context.latest("interface", PORT_FIELDS)}
    infos = {_key(point): point for point in context.latest("interface_info", INFO_FIELDS)}
    found: dict[str, dict[str, Port]] = {}
    counted = {host for host, _ in states}
    keys = states.keys() | infos.keys()
    for key in sorted(keys):
        host, name = key
        found.setdefault(host, {})[name] = _port(
            key, states.get(key), infos.get(key), is_part=_is_part(key, keys), off=host in counted
        )
    return found


def _is_part(key: tuple[str, str], keys: Collection[tuple[str, str]]) -> bool:
    host, name = key
    whole, dot, _ = name.rpartition(".")
    return bool(dot) and (host, whole) in keys


def _port(key: tuple[str, str], state: Point | None, info: Point | None, *, is_part: bool, off: bool) -> Port:
    """`off` is what is meant where there is no state: a port that is switched off and was never used has no series."""
    said = state.fields if state else {}
    known = info.fields if info else {}
    speed = said.get("speed_bps")
    without = False if off else None
    return Port(
        *key,
        admin_up=_is_up(said.get("admin_status")) if state else without,
        oper_up=_is_up(said.get("oper_status")) if state else without,
        speed_bps=int(speed) if isinstance(speed, int | float) and speed > 0 else None,
        duplex=str(said.get("duplex", "")),
        type=str(known.get("type", "")),
        alias=str(known.get("alias", "")),
        mac=hexadecimal(str(known.get("mac", ""))),
        aliases=tuple(dict.fromkeys(str(known[field]) for field in ("if_name", "descr") if known.get(field))),
        is_part=is_part,
        seen_ns=state.time_ns if state else 0,
    )


def _is_up(status: object) -> bool | None:
    """dormant is up as far as the cable goes; unknown, testing and the rest are not known."""
    match status:
        case "up" | "dormant":
            return True
        case "down" | "lower-layer-down" | "not-present":
            return False
        case _:
            return None


def _key(point: Point) -> tuple[str, str]:
    return point.tags["host"], point.tags.get("name", "")
