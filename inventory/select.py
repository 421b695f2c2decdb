"""Which hosts a command is about: `role=bts-uplink district="Bac Son" !ls-001*`. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from inventory.model import Host, Inventory

KEYS = ("role", "site", "district", "province", "tag", "family", "credential")

_NAMES_SHOWN = 8


class SelectionError(ValueError):
    """A term is wrong or matches no host; the message says which and what is near."""


class Term(msgspec.Struct, frozen=True):
    """One word of a selection: `key` is "" for a name; `text` is as typed, for messages."""

    text: str
    key: str
    pattern: str
    negative: bool


def select(inventory: Inventory, terms: Sequence[str] = (), families: Mapping[str, str] = {}) -> list[Host]:
    """The hosts that all keys agree on, in the inventory's order; without terms all that are enabled.

    A term is a host's name or address, or `key=value` with a key of `KEYS`. Values and names may be patterns (* ? [abc]),
    in any case, and without accents: `district="bac son"` is Bắc Sơn. Names are alternatives, so are terms of the
    same key; different keys, and keys beside names, must all hold. `!term` (or `-term`) leaves out what it matches.
    An empty value matches hosts that have none: `site=`. Hosts with `enabled = false` come only by their plain name.

    `families`: what discovery learnt, by host, beside what the inventory fixes.

    Raises:
        SelectionError: a key is unknown, a term matches no host, or all of them together leave none.
    """
    return select_from(list(inventory.hosts.values()), terms, families)


def select_from(hosts: Sequence[Host], terms: Sequence[str], families: Mapping[str, str] = {}) -> list[Host]:
    """`select` of `hosts`."""
    chosen = {host.name for host in hosts}
    awake = {host.name for host in hosts if host.enabled}
    groups: dict[str, set[str]] = {}
    for term in map(_parse, terms):
        matched = {host.name for host in hosts if _matches(term, host, families)}
        if not matched:
            raise SelectionError(f'"{term.text}" matches no host{_near(term, hosts, families)}')
        if term.negative:
            chosen -= matched
        else:
            groups.setdefault(term.key, set()).update(matched)
            if not term.key:
                awake |= {term.pattern} & matched
    for group in groups.values():
        chosen &= group
    wanted = chosen & awake
    if terms and not wanted:
        disabled = f"; disabled: {_some(sorted(chosen))}" if chosen else ""
        raise SelectionError(f"no enabled host matches {' '.join(terms)}{disabled}")
    return [host for host in hosts if host.name in wanted]


def _parse(text: str) -> Term:
    negative = text.startswith(("!", "-"))
    key, equals, pattern = text[negative:].partition("=")
    if not equals:
        key, pattern = "", key
        if not pattern:
            raise SelectionError(f'"{text}" names nothing; allowed: a name, a pattern, or key=value')
    elif key not in KEYS:
        raise SelectionError(f'"{text}": unknown key "{key}", allowed: {", ".join(KEYS)}')
    return Term(text=text, key=key, pattern=unicodedata.normalize("NFC", pattern), negative=negative)


def _matches(term: Term, host: Host, families: Mapping[str, str]) -> bool:
    fold = _folded if term.pattern.isascii() else str.casefold  # who types accents means them
    pattern = fold(term.pattern)
    values = map(fold, _values(term.key, host, families))
    return any(value == pattern or fnmatchcase(value, pattern) for value in values)


def _values(key: str, host: Host, families: Mapping[str, str]) -> Sequence[str]:
    """What a host has under a key of a term; [""] where it has nothing."""
    site = host.site
    match key:
        case "":
            return (host.name, host.address)
        case "role":
            return (host.role,)
        case "site":
            return [name for name in (site.id, site.name) if name] if site else ("",)
        case "district":
            return (site.district if site else "",)
        case "province":
            return (site.province if site else "",)
        case "tag":
            return host.tags or ("",)
        case "credential":
            return [credential.name for credential in host.credentials] or ("",)
        case _:
            return (host.family or families.get(host.name, ""),)


def _folded(text: str) -> str:
    """Lower case, without accents: `Bắc Sơn` and `Đình Lập` are `bac son` and `dinh lap`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("đ", "d")


def _near(term: Term, hosts: Iterable[Host], families: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    known = {_folded(value): value for host in hosts for value in _values(term.key, host, families) if value}
    near = get_close_matches(_folded(term.pattern), list(known), n=3, cutoff=0.6)
    if near:
        return f"; near: {', '.join(known[word] for word in near)}"
    return f"; there is: {_some(list(known.values()))}" if term.key and known else ""


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
