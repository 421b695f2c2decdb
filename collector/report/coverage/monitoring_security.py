"""How safely hosts are asked, as far as the inventory says: which of several credentials works is not known here."""

import ipaddress
from collections.abc import Iterator, Mapping
from enum import IntEnum

from collector.report.model import Level, Verdict
from collector.report.say import Text, say
from inventory.model import Community, Host, UsmUser


class Safety(IntEnum):
    """Ways to ask by SNMP, the weakest first."""

    V1 = 0
    V2C = 1
    NO_AUTH = 2
    NO_PRIVACY = 3
    MD5_OR_DES = 4
    SHA1 = 5
    GOOD = 6

    @property
    def is_weak(self) -> bool:
        """Whether somebody on the way can read or change what is said."""
        return self < Safety.SHA1


SAFETY: Mapping[Safety, Verdict] = {
    Safety.V1: Verdict(Level.CRITICAL, say("SNMPv1")),
    Safety.V2C: Verdict(Level.WARNING, say("SNMPv2c")),
    Safety.NO_AUTH: Verdict(Level.CRITICAL, say("SNMPv3 without authentication")),
    Safety.NO_PRIVACY: Verdict(Level.WARNING, say("SNMPv3 without privacy")),
    Safety.MD5_OR_DES: Verdict(Level.WARNING, say("SNMPv3 with MD5 or DES")),
    Safety.SHA1: Verdict(Level.INFO, say("SNMPv3 with SHA-1 and AES")),
    Safety.GOOD: Verdict(Level.OK, say("SNMPv3 with SHA-2 and AES")),
}

TO_DO: Mapping[Safety, Text] = {
    Safety.V1: say(
        "Anybody on the way can read the community. Set up SNMPv3; until then allow it from the collector's address only."
    ),
    Safety.V2C: say(
        "Anybody on the way can read the community. Set up SNMPv3; until then allow it from the collector's address only."
    ),
    Safety.NO_AUTH: say("Give the user an authentication and a privacy key."),
    Safety.NO_PRIVACY: say("Anybody on the way can read what is said. Give the user a privacy key, AES."),
    Safety.MD5_OR_DES: say("Use SHA-2 and AES where the device has them, else SHA-1 and AES."),
    Safety.SHA1: say("Use SHA-2 where the device has it."),
    Safety.GOOD: say("Nothing."),
}


def safety(host: Host) -> Safety | None:
    """The weakest way to ask it by SNMP that the inventory allows; None where it is not asked by SNMP."""
    return min(_of(host), default=None)


def _of(host: Host) -> Iterator[Safety]:
    for credential in host.snmp_credentials:
        match credential.snmp:
            case Community(version=version):
                yield Safety.V1 if version == "1" else Safety.V2C
            case UsmUser() as user:
                yield _of_user(user)


def _of_user(user: UsmUser) -> Safety:
    if user.auth is None:
        return Safety.NO_AUTH
    if user.priv is None:
        return Safety.NO_PRIVACY
    if user.auth == "md5" or user.priv == "des":
        return Safety.MD5_OR_DES
    return Safety.SHA1 if user.auth == "sha1" else Safety.GOOD


def asks_legacy_ssh(host: Host) -> bool:
    """Whether SSH with it may use algorithms that SSH has given up."""
    return host.legacy_ssh and bool(host.ssh_credentials)


def ip_version(host: Host) -> int | None:
    """4 or 6; None where its address is a name, or it is the collector's own machine."""
    try:
        return None if host.is_local else ipaddress.ip_address(host.address.partition("%")[0]).version
    except ValueError:
        return None
