"""Which interfaces are worth a series, and by which rule the others are not."""

import re
from collections.abc import Mapping
from fnmatch import translate
from functools import lru_cache

from collector.metrics.model import FieldValue
from inventory.model import InterfaceFilter

VIRTUAL_NAMES: tuple[tuple[str, str], ...] = (
    ("loopback", r"lo\d*|(in|software )?loopback[ _-]?\d*|.*loopback (pseudo-)?interface.*"),
    (
        "container",
        r"veth.*|docker.*|br-[0-9a-f]{12}|cali[0-9a-f]{8,}|cilium_.*|lxc.*|flannel.*|cni\d+|kube-.*|nodelocaldns",
    ),
    ("virtual machine", r"tap.+|vnet\d+|virbr\d+(-nic)?|fw(br|ln|pr)\d+.*|macvtap\d+|vmnet\d+"),
    (
        "placeholder of the kernel",
        r"tun\d+|utun\d+|ifb\d+|dummy\d+|(sit|gre|gretap|erspan|ip6tnl|ip6gre|tunl|ip_vti|ip6_vti|teql)0|ovs-system",
    ),
    ("null interface", r"nu(ll)? ?\d+"),
    (
        "internal to Junos",
        r"dsc|lsi|mtun|pimd|pime|ipip|gre|tap|cbp0|demux0|pip0|rbeb|jsrv(\.\d+)?|pf[eh]-.*|lc-.*|bme0",
    ),
    (
        "layer of Windows",
        r".*wan miniport.*|.*(filter|scheduler|npf|npcap).*-\d{4}|.*npf_.*|isatap.*|teredo.*|.*kernel debug network.*",
    ),
)
"""the default filter by name: what they are, and the pattern of the whole name, case apart"""

VIRTUAL_TYPES: Mapping[str, str] = {"softwareLoopback": "loopback", "24": "loopback"}
"""the default filter by IANAifType, its name or its number"""

_PATTERNS = tuple((what, re.compile(pattern, re.IGNORECASE)) for what, pattern in VIRTUAL_NAMES)


class NameFilter:
    """An `InterfaceFilter`, compiled; remembers what it decided."""

    def __init__(self, rules: InterfaceFilter) -> None:
        self.default = rules.default
        self._include = tuple((glob, re.compile(translate(glob))) for glob in rules.include)
        self._exclude = tuple((glob, re.compile(translate(glob))) for glob in rules.exclude)
        self._decided: dict[tuple[str, str], tuple[bool, str]] = {}

    def decide(self, name: str, if_type: str = "") -> tuple[bool, str]:
        """Whether an interface of that name and type ("" if unknown) is kept, and the rule that says so.

        (True, "") is kept because no rule speaks of it.
        """
        known = self._decided.get((name, if_type))
        if known is None:
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()
            known = self._decided[name, if_type] = self._decide(name, if_type)
        return known

    def _decide(self, name: str, if_type: str) -> tuple[bool, str]:
        for glob, pattern in self._include:
            if pattern.match(name):
                return True, f"included by {glob!r}"
        for glob, pattern in self._exclude:
            if pattern.match(name):
                return False, f"excluded by {glob!r}"
        if self.default:
            if what := VIRTUAL_TYPES.get(if_type):
                return False, f"default filter: {what} (ifType {if_type})"
            for what, pattern in _PATTERNS:
                if pattern.fullmatch(name):
                    return False, f"default filter: {what} (by its name)"
        return True, ""


_REMEMBERED = 100_000


@lru_cache(maxsize=256)
def name_filter(rules: InterfaceFilter) -> NameFilter:
    """The compiled form of `rules`; hosts mostly share a few."""
    return NameFilter(rules)


def never_used(fields: Mapping[str, FieldValue]) -> bool:
    """Whether an interface is switched off and has not counted an octet."""
    return fields.get("admin_status") == "down" and not fields.get("in_octets") and not fields.get("out_octets")
