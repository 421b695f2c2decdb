"""Addresses as people write them, with or without a port. Pure."""

import re
import socket

ALLOWED = 'an IPv4 or IPv6 address or a name, with a port where it is another: "10.0.0.1:1161", "[2001:db8::1]:161"'

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)


def parse_address(written: str) -> tuple[str, int | None]:
    """(address, port or None). IPv6 loses its brackets and takes its shortest form, names become lower-case.

    Raises:
        ValueError: it is none; the message says what is allowed.
    """
    if written.startswith("["):
        inside, bracket, rest = written[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(ALLOWED)
        return _ipv6(inside), _port(rest[1:]) if rest else None
    if written.count(":") > 1:
        return _ipv6(written), None
    host, colon, port = written.partition(":")
    return _ipv4_or_name(host), _port(port) if colon else None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(ALLOWED)
    if len(text) > 5 or not 1 <= int(text) <= 65_535:
        raise ValueError("a port of 1 to 65535")
    return int(text)


def _ipv6(text: str) -> str:
    address, percent, zone = text.partition("%")
    if percent and not re.fullmatch(r"[\w.-]+", zone, re.ASCII):
        raise ValueError(ALLOWED)
    try:
        packed = socket.inet_pton(socket.AF_INET6, address)
    except (OSError, UnicodeError, ValueError):
        raise ValueError(ALLOWED) from None
    if not any(packed) or packed[0] == 0xFF:
        raise ValueError("the address of one device: this is the unspecified or a multicast address")
    return socket.inet_ntop(socket.AF_INET6, packed) + percent + zone


def _ipv4_or_name(text: str) -> str:
    labels = text.removesuffix(".").split(".")
    if not text.isascii() or len(text) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(ALLOWED)
    if not labels[-1].isdigit():  # no top-level domain is a number, so 10.0.0.256 is a slip and no name
        return text.lower()
    octets = [int(label) if re.fullmatch(r"0|[1-9]\d{0,2}", label) else 256 for label in labels]
    if len(octets) != 4 or max(octets) > 255:
        raise ValueError(ALLOWED)
    if octets[0] == 0 or octets[0] >= 224:
        raise ValueError("the address of one device: this is the unspecified, a multicast or a reserved address")
    return text
