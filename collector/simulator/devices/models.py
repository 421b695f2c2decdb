"""Whole synthetic devices, composed of the groups in this folder."""

from collections.abc import Sequence
from dataclasses import dataclass

from collector.simulator.curves import MOBILE, OFFICE
from collector.simulator.devices.build import (
    Builder,
    Neighbour,
    Part,
    Port,
    entity,
    ether_like,
    interfaces,
    lldp,
    mac_of,
    sensor,
    system,
)
from collector.simulator.devices.power import Battery, powernet, ups
from collector.simulator.devices.server import Disk, host_resources, net_snmp_version, ucd
from collector.simulator.devices.vendor import cisco_health, huawei_health, mikrotik_health
from collector.simulator.tree import Tree, make_tree
from collector.smi.value import VarBind


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What a device says of itself beside its model."""

    name: str
    location: str = ""
    contact: str = "noc@langson.example"

    @property
    def serial(self) -> str:
        """A serial number that follows from the name."""
        return "SIM" + mac_of(self.name)[1:4].hex().upper()


def _system(builder: Builder, who: Identity, descr: str, object_id: str, services: int = 6) -> None:
    system(
        builder,
        descr=descr,
        object_id=object_id,
        name=who.name,
        location=who.location,
        contact=who.contact,
        services=services,
    )


def plain_switch(ports: int = 24) -> Tree:
    """A switch of the standard MIBs and nothing else, all counters moving by the formula: for benchmarks and tests."""
    return make_tree(plain_switch_varbinds(ports))


def plain_switch_varbinds(ports: int = 24) -> list[VarBind]:
    """What `plain_switch` holds."""
    name = "switch"
    builder = Builder()
    system(builder, descr=f"Simulated switch, {ports} ports", object_id="1.3.6.1.4.1.32473.1", name=name)
    rows = [
        Port(index=index, name=f"Gi0/{index}", descr=f"GigabitEthernet0/{index}", alias=f"desk {index}")
        for index in range(1, ports + 1)
    ]
    interfaces(builder, name, rows)
    entity(
        builder,
        [
            Part(index=1, name="chassis", descr="Simulated switch", kind=3, model="SIM-24", serial="S1", maker="none"),
            Part(index=2, name="inlet", descr="inlet temperature", kind=8, within=1),
        ],
    )
    sensor(builder, 2, 8, 31)
    return builder.varbinds


def cisco_switch(who: Identity, ports: Sequence[Port], neighbours: Sequence[Neighbour] = ()) -> Tree:
    """A Catalyst 2960X."""
    builder = Builder()
    descr = (
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E7, RELEASE SOFTWARE (fc2)\r\n"
        "Technical Support: http://www.cisco.com/techsupport"
    )
    _system(builder, who, descr, "1.3.6.1.4.1.9.1.1208")
    interfaces(builder, who.name, ports)
    ether_like(builder, ports)
    lldp(builder, who.name, ports, neighbours)
    model = "WS-C2960X-24TS-L"
    entity(builder, [Part(index=1001, name="1", descr=model, kind=3, model=model, serial=who.serial, maker="Cisco")])
    cisco_health(builder, who.name, memory_bytes=256 << 20)
    return builder.tree()


def cisco_router(who: Identity, ports: Sequence[Port], neighbours: Sequence[Neighbour] = ()) -> Tree:
    """An ISR 4331."""
    builder = Builder()
    descr = (
        "Cisco IOS Software [Fuji], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.9.6, "
        "RELEASE SOFTWARE (fc2)\r\nTechnical Support: http://www.cisco.com/techsupport"
    )
    _system(builder, who, descr, "1.3.6.1.4.1.9.1.2068", services=78)
    interfaces(builder, who.name, ports)
    lldp(builder, who.name, ports, neighbours)
    model = "ISR4331/K9"
    entity(
        builder,
        [
            Part(
                index=1,
                name="Chassis",
                descr="Cisco ISR4331 Chassis",
                kind=3,
                model=model,
                serial=who.serial,
                maker="Cisco",
            ),
            Part(
                index=2,
                name="Power Supply Module 0",
                descr="250W AC Power Supply",
                kind=6,
                within=1,
                model="PWR-4330-AC",
            ),
        ],
    )
    cisco_health(builder, who.name, memory_bytes=2 << 30)
    return builder.tree()


def huawei_switch(
    who: Identity, ports: Sequence[Port], neighbours: Sequence[Neighbour] = (), *, mobile: bool = False
) -> Tree:
    """A switch or router with VRP; `mobile` where its traffic is that of base stations."""
    model, number = ("ATN910C-A", "2.220.32") if mobile else ("S5735-L24T4X-A", "2.23.715")
    builder = Builder()
    descr = (
        f"{model}\r\nHuawei Versatile Routing Platform Software\r\nVRP (R) software, Version 5.170 ({model} V200R021C00SPC100)"
        "\r\nCopyright (C) 2000-2021 Huawei Technologies Co., Ltd."
    )
    _system(builder, who, descr, f"1.3.6.1.4.1.2011.{number}")
    interfaces(builder, who.name, ports)
    ether_like(builder, ports)
    lldp(builder, who.name, ports, neighbours)
    huawei_health(builder, who.name, model=model, serial=who.serial, shape=MOBILE if mobile else OFFICE)
    return builder.tree()


def mikrotik_router(who: Identity, ports: Sequence[Port], neighbours: Sequence[Neighbour] = ()) -> Tree:
    """An RB4011 with RouterOS 7."""
    builder = Builder()
    _system(builder, who, "RouterOS RB4011iGS+", "1.3.6.1.4.1.14988.1", services=78)
    interfaces(builder, who.name, ports)
    lldp(builder, who.name, ports, neighbours)
    flash = Disk(path="system disk", device="flash", size_bytes=512 << 20, used_bytes=68 << 20)
    host_resources(builder, who.name, cpus=4, memory_bytes=1 << 30, disks=[flash], shape=OFFICE)
    mikrotik_health(builder, model="RB4011iGS+", serial=who.serial, version="7.14.3", name=who.name)
    return builder.tree()


def linux_server(
    who: Identity, ports: Sequence[Port], disks: Sequence[Disk], *, cpus: int, memory_bytes: int, shape: Sequence[float]
) -> Tree:
    """Debian with net-snmp."""
    builder = Builder()
    descr = f"Linux {who.name} 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64"
    _system(builder, who, descr, "1.3.6.1.4.1.8072.3.2.10", services=72)
    interfaces(builder, who.name, ports)
    host_resources(builder, who.name, cpus=cpus, memory_bytes=memory_bytes, disks=disks, shape=shape)
    ucd(builder, who.name, cpus=cpus, memory_bytes=memory_bytes, disks=disks, shape=shape)
    net_snmp_version(builder, "5.9.3")
    return builder.tree()


def standard_ups(who: Identity, ports: Sequence[Port], battery: Battery, load_percent: int) -> Tree:
    """A UPS that speaks UPS-MIB."""
    builder = Builder()
    _system(builder, who, "UPS network card, 20 kVA", "1.3.6.1.2.1.33", services=72)
    interfaces(builder, who.name, ports)
    ups(
        builder,
        maker="Simulated Power",
        model="SP 20 kVA",
        version="2.04",
        name=who.name,
        battery=battery,
        load_percent=load_percent,
    )
    return builder.tree()


def apc_ups(who: Identity, ports: Sequence[Port], battery: Battery, load_percent: int) -> Tree:
    """A Smart-UPS with a network management card."""
    builder = Builder()
    descr = f"APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2 PN:apc_hw05_aos_682.bin SN:{who.serial})"
    _system(builder, who, descr, "1.3.6.1.4.1.318.1.3.27", services=72)
    interfaces(builder, who.name, ports)
    powernet(
        builder,
        model="Smart-UPS 3000 RM",
        serial=who.serial,
        name=who.name,
        battery=battery,
        load_percent=load_percent,
    )
    return builder.tree()
