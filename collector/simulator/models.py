"""Whole synthetic devices, composed of the groups in build.py."""

from collector.simulator.build import Builder, Part, Port, entity, ether_like, interfaces, lldp, sensor, system
from collector.simulator.tree import Tree


def plain_switch(ports: int = 24, name: str = "switch") -> Tree:
    """A switch of the standard MIBs and nothing else, all counters moving by the formula: for benchmarks and tests."""
    builder = Builder()
    system(builder, descr=f"Simulated switch, {ports} ports", object_id="1.3.6.1.4.1.32473.1", name=name)
    rows = [
        Port(index=index, name=f"Gi0/{index}", descr=f"GigabitEthernet0/{index}", alias=f"desk {index}")
        for index in range(1, ports + 1)
    ]
    interfaces(builder, name, rows)
    ether_like(builder, rows)
    lldp(builder, name, rows, [])
    entity(
        builder,
        [
            Part(index=1, name="chassis", descr="Simulated switch", kind=3, model="SIM-24", serial="S1", maker="none"),
            Part(index=2, name="inlet", descr="inlet temperature", kind=8, within=1),
        ],
    )
    sensor(builder, 2, 8, 31)
    return builder.tree()
