"""Makes a capture safe to share: what is secret goes, and on demand what identifies a device or its users as well."""

import hashlib
import hmac
from collections.abc import Collection, Iterable

from collector.smi.oid import Oid, encode
from collector.smi.value import Tag, Value, VarBind

_SECRET_SUBTREES = tuple(
    map(
        encode,
        (
            "1.3.6.1.6.3.12",  # SNMP-TARGET-MIB: security names, addresses of managers
            "1.3.6.1.6.3.13",  # SNMP-NOTIFICATION-MIB
            "1.3.6.1.6.3.14",  # SNMP-PROXY-MIB
            "1.3.6.1.6.3.15.1.2",  # SNMP-USER-BASED-SM-MIB: users and their keys
            "1.3.6.1.6.3.16",  # SNMP-VIEW-BASED-ACM-MIB: communities and users by name
            "1.3.6.1.6.3.18",  # SNMP-COMMUNITY-MIB
            "1.3.6.1.2.1.25.4.2.1.4",  # hrSWRunPath
            "1.3.6.1.2.1.25.4.2.1.5",  # hrSWRunParameters: passwords on command lines
            "1.3.6.1.2.1.47.1.2.1.1.4",  # entLogicalCommunity
            "1.3.6.1.2.1.69.1.2",  # docsDevNmAccessTable: communities
            "1.3.6.1.4.1.9.2.1.53",  # OLD-CISCO-SYS-MIB: writeNet, hostConfigAddr and what follows
            "1.3.6.1.4.1.9.2.1.54",
            "1.3.6.1.4.1.9.2.1.55",
            "1.3.6.1.4.1.9.9.96",  # CISCO-CONFIG-COPY-MIB: ccCopyUserPassword
            "1.3.6.1.4.1.2011.5.2.1.10",  # HUAWEI-AAA-MIB: local users
            "1.3.6.1.4.1.2021.8",  # UCD-SNMP-MIB, extTable: commands and what they print
            "1.3.6.1.4.1.2021.16",  # logMatchTable: lines of logs
            "1.3.6.1.4.1.8072.1.3",  # NET-SNMP-EXTEND-MIB: likewise
            "1.3.6.1.4.1.8072.1.9",  # NET-SNMP-VACM-MIB
        ),
    )
)
_ADDRESS_SUBTREES = tuple(
    map(
        encode,
        (
            "1.3.6.1.2.1.3",  # atTable
            "1.3.6.1.2.1.4.20",  # ipAddrTable
            "1.3.6.1.2.1.4.21",  # ipRouteTable
            "1.3.6.1.2.1.4.22",  # ipNetToMediaTable
            "1.3.6.1.2.1.4.24",  # ipForward
            "1.3.6.1.2.1.4.32",  # ipAddressPrefixTable
            "1.3.6.1.2.1.4.34",  # ipAddressTable
            "1.3.6.1.2.1.4.35",  # ipNetToPhysicalTable
            "1.3.6.1.2.1.4.37",  # ipDefaultRouterTable
            "1.3.6.1.2.1.6.13",  # tcpConnTable
            "1.3.6.1.2.1.6.19",  # tcpConnectionTable
            "1.3.6.1.2.1.6.20",  # tcpListenerTable
            "1.3.6.1.2.1.7.5",  # udpTable
            "1.3.6.1.2.1.7.7",  # udpEndpointTable
            "1.3.6.1.2.1.14",  # OSPF-MIB
            "1.3.6.1.2.1.15",  # BGP4-MIB
            "1.3.6.1.2.1.17.4.3",  # dot1dTpFdbTable
            "1.3.6.1.2.1.17.7.1.2",  # dot1qTpFdbTable
            "1.3.6.1.2.1.55",  # IPV6-MIB
            "1.0.8802.1.1.2.1.3.8",  # lldpLocManAddrTable
            "1.0.8802.1.1.2.1.4.2",  # lldpRemManAddrTable
        ),
    )
)
_NAMES = tuple(
    map(encode, ("1.3.6.1.2.1.1.4", "1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.6"))
)  # sysContact, sysName, sysLocation
_SERIALS = (encode("1.3.6.1.2.1.47.1.1.1.1.11"),)  # entPhysicalSerialNum

_REDACTED = b"<redacted>"
_MAC_OCTETS = 6
_OUI_OCTETS = 3


def redact(
    varbinds: Iterable[VarBind], secrets: Collection[str] = (), pseudonym_key: bytes | None = None
) -> list[VarBind]:
    """Varbinds without the tables that hold communities, users, keys, passwords and commands.

    Args:
        secrets: those in use; a text that contains one is replaced as a whole.
        pseudonym_key: if given, addresses, names and serial numbers of ENTITY-MIB become pseudonyms (the same for the
            same original and key; a MAC address keeps its maker), and tables with addresses in their indices go too.
    """
    known = [secret.encode() for secret in secrets if secret]
    dropped = _SECRET_SUBTREES if pseudonym_key is None else _SECRET_SUBTREES + _ADDRESS_SUBTREES
    kept: list[VarBind] = []
    for oid, tag, value in varbinds:
        if oid.startswith(dropped):
            continue
        shown = value
        if known and isinstance(value, bytes) and any(secret in value for secret in known):
            shown = _REDACTED
        elif pseudonym_key is not None:
            shown = _pseudonym(oid, tag, value, pseudonym_key)
        kept.append((oid, tag, shown))
    return kept


def _pseudonym(oid: Oid, tag: int, value: Value, key: bytes) -> Value:
    if tag == Tag.IP_ADDRESS and isinstance(value, str):
        a, b, c = _mark(key, value.encode())[:3]
        return f"10.{a}.{b}.{c}"
    if not isinstance(value, bytes) or not value:
        return value
    if oid.startswith(_NAMES):
        return b"name-" + _mark(key, value).hex()[:8].encode()
    if oid.startswith(_SERIALS):
        return _mark(key, value).hex().upper()[: len(value)].encode()
    if len(value) == _MAC_OCTETS and any(value) and not value.isascii():
        return value[:_OUI_OCTETS] + _mark(key, value)[:_OUI_OCTETS]
    return value


def _mark(key: bytes, original: bytes) -> bytes:
    return hmac.digest(key, original, hashlib.sha256)
