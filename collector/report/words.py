"""The words of the inventory: its fixed vocabularies, to be translated, and what places are called."""

from collections.abc import Mapping

from collector.report.model import Level
from collector.report.say import Text, say
from inventory.model import Role, Site, SiteKind

ROLES: Mapping[Role, Text] = {
    "server": say("server"),
    "switch": say("switch"),
    "wan-router": say("WAN router"),
    "bts-uplink": say("BTS uplink"),
    "firewall": say("firewall"),
    "power": say("power"),
    "camera": say("camera"),
    "other": say("other"),
}

SITE_KINDS: Mapping[SiteKind, Text] = {
    "office": say("office"),
    "bts": say("BTS position"),
    "data-centre": say("data centre"),
    "other": say("other"),
}

LEVELS: Mapping[Level, Text] = {
    Level.CRITICAL: say("critical"),
    Level.WARNING: say("warning"),
    Level.UNKNOWN: say("unknown"),
    Level.INFO: say("note"),
    Level.OK: say("in order"),
}


def place_of(site: Site | None) -> str:
    """Where something stands, as people say it; names of the inventory."""
    return ", ".join(filter(None, (site.label, site.district))) if site else ""
