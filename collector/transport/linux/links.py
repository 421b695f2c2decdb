"""Kinds of interfaces, from `ip -j -d link` of iproute2."""

from collector.transport.linux.documents import document, objects, text

_TYPES = {
    "vlan": "l2vlan",
    "bridge": "bridge",
    "bond": "ieee8023adLag",
    "team": "ieee8023adLag",
    **dict.fromkeys(
        (
            "erspan", "geneve", "gre", "gretap", "ip6erspan", "ip6gre", "ip6gretap", "ip6tnl", "ipip", "sit", "tun",
            "vti", "vti6", "vxlan", "wireguard", "xfrm",
        ),
        "tunnel",
    ),
}  # fmt: skip
"""info_kind as IANAifType; other kinds have the type of their hardware"""


def link_types(output: str) -> dict[str, str]:
    """IANAifType by interface, of those whose kind says more than their hardware type."""
    found = ((text(link, "ifname"), text(link, "linkinfo", "info_kind")) for link in objects(document(output)))
    return {name: _TYPES[kind] for name, kind in found if name and kind in _TYPES}
