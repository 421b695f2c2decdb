"""Which well-known MIB modules a device answers: for one that no family knows, a start for writing its family."""

from collector.smi import oid as oids
from collector.transport.contract import SnmpSession

ENTERPRISES = "1.3.6.1.4.1."

MODULES: dict[str, str] = {
    "IF-MIB": "1.3.6.1.2.1.2.2",
    "IF-MIB (64-bit counters)": "1.3.6.1.2.1.31.1.1",
    "EtherLike-MIB": "1.3.6.1.2.1.10.7.2",
    "IP-MIB": "1.3.6.1.2.1.4",
    "OSPF-MIB": "1.3.6.1.2.1.14",
    "BGP4-MIB": "1.3.6.1.2.1.15.3",
    "RMON-MIB": "1.3.6.1.2.1.16.1",
    "BRIDGE-MIB": "1.3.6.1.2.1.17",
    "HOST-RESOURCES-MIB": "1.3.6.1.2.1.25",
    "UPS-MIB": "1.3.6.1.2.1.33",
    "Printer-MIB": "1.3.6.1.2.1.43",
    "ENTITY-MIB": "1.3.6.1.2.1.47.1.1.1",
    "ENTITY-SENSOR-MIB": "1.3.6.1.2.1.99.1.1",
    "POWER-ETHERNET-MIB": "1.3.6.1.2.1.105",
    "ENTITY-STATE-MIB": "1.3.6.1.2.1.131",
    "LLDP-MIB": "1.0.8802.1.1.2.1.4",
    "UCD-SNMP-MIB": "1.3.6.1.4.1.2021",
    "LM-SENSORS-MIB": "1.3.6.1.4.1.2021.13.16",
    "NET-SNMP-AGENT-MIB": "1.3.6.1.4.1.8072.1",
}
"""modules and the subtree that tells of each"""


async def answered_modules(session: SnmpSession, sys_object_id: str) -> list[str]:
    """Those of MODULES that the device has something of, and the branch of its own maker.

    Raises:
        TransportError: it does not answer any more.
    """
    subtrees = dict(MODULES)
    if sys_object_id.startswith(ENTERPRISES):
        own = ".".join(sys_object_id.split(".")[:7])
        subtrees.setdefault(f"MIBs of its maker (below {own})", own)
    there = await session.present([oids.encode(subtree) for subtree in subtrees.values()])
    return [name for name, present in zip(subtrees, there, strict=True) if present]
