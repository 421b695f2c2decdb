"""The words of the inventory's fixed vocabularies, to be translated."""

from collections.abc import Mapping

from collector.report.model import Level
from collector.report.say import Text, say
from inventory.model import Role, SiteKind

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
