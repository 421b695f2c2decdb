"""What devices of the province answer on their command lines: Cisco's and Huawei's, from the ports that they have."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from collector.simulator.curves import DAY_S, HOUR_S, MOBILE, OFFICE, Outages, around
from collector.simulator.devices.build import Port, mac_of
from collector.simulator.devices.models import Identity
from collector.simulator.tree import Total

Answer: TypeAlias = Callable[[str, float], str | None]
"""the output of a command at a time, seconds since the epoch; None where there is no such command"""

_PACKET_BYTES = 700


def cisco(who: Identity, ports: Sequence[Port], outages: Outages) -> Answer:
    """An ISR 4331 with IOS-XE."""
    cpu, memory = around(f"{who.name} cpu", 8, 30, OFFICE), around(f"{who.name} memory", 310e6, 20e6, OFFICE)

    def version(now_s: float) -> str:
        return (
            "Cisco IOS XE Software, Version 16.09.06\n"
            "Cisco IOS Software [Fuji], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.9.6, RELEASE SOFTWARE (fc2)\n"
            "Technical Support: http://www.cisco.com/techsupport\n\n"
            f"{who.name} uptime is {_uptime(outages, now_s)}\n"
            "System returned to ROM by power-on\n\n"
            "cisco ISR4331/K9 (1RU) processor with 1645122K/3071K bytes of memory.\n"
            f"Processor board ID {who.serial}\n"
        )

    def interfaces(now_s: float) -> str:
        return "".join(_cisco_port(who.name, port, now_s) for port in ports)

    def usage(now_s: float) -> str:
        percent = _whole(cpu.at(now_s))
        return f"CPU utilization for five seconds: {percent}%/1%; one minute: {percent}%; five minutes: {percent}%\n"

    def pools(now_s: float) -> str:
        total, used = 1 << 30, _whole(memory.at(now_s))
        return f"Processor Pool Total: {total} Used: {used} Free: {total - used}\n"

    return partial(
        _answer,
        {
            "show version": version,
            "show interfaces": interfaces,
            "show processes cpu | include CPU utilization": usage,
            "show processes memory | include Pool": pools,
        },
    )


def huawei(who: Identity, ports: Sequence[Port], outages: Outages) -> Answer:
    """An S5735 with VRP."""
    model, release = "S5735-L8T4S-A1", "V200R021C00SPC100"
    cpu, memory = around(f"{who.name} cpu", 9, 20, MOBILE), around(f"{who.name} memory", 190e6, 9e6, MOBILE)

    def version(now_s: float) -> str:
        return (
            "Huawei Versatile Routing Platform Software\n"
            f"VRP (R) software, Version 5.170 (S5735 {release})\n"
            "Copyright (C) 2000-2021 HUAWEI TECH Co., Ltd.\n"
            f"HUAWEI {model} Routing Switch uptime is {_uptime(outages, now_s)}\n"
        )

    def esn(_: float) -> str:
        return f"ESN of slot 0: {who.serial}\n"

    def interfaces(now_s: float) -> str:
        return "\n".join(_huawei_port(who.name, port, now_s) for port in ports)

    def usage(now_s: float) -> str:
        return f"CPU Usage Stat. Cycle: 60 (Second)\nCPU Usage            : {_whole(cpu.at(now_s))}% Max: 87%\n"

    def memories(now_s: float) -> str:
        total, used = 1 << 29, _whole(memory.at(now_s))
        return (
            f" System Total Memory Is: {total} bytes\n Total Memory Used Is: {used} bytes\n"
            f" Memory Using Percentage Is: {used * 100 // total}%\n"
        )

    return partial(
        _answer,
        {
            "display version": version,
            "display esn": esn,
            "display interface": interfaces,
            "display cpu-usage": usage,
            "display memory-usage": memories,
        },
    )


def _answer(outputs: Mapping[str, Callable[[float], str]], command: str, now_s: float) -> str | None:
    output = outputs.get(command)
    return output(now_s) if output else None


def _whole(value: int | bytes) -> int:
    return value if isinstance(value, int) else 0


def _uptime(outages: Outages, now_s: float) -> str:
    up_s = int(now_s - outages.booted(now_s))
    return f"{up_s // DAY_S} days, {up_s % DAY_S // HOUR_S} hours, {up_s % HOUR_S // 60} minutes"


def _mac(device: str, port: Port, mark: str) -> str:
    digits = mac_of(device, port.index).hex()
    return mark.join(digits[at : at + 4] for at in (0, 4, 8))


def _is_up(port: Port, now_s: float) -> bool:
    return port.up(now_s) if callable(port.up) else port.up


def _counts(port: Port, now_s: float) -> tuple[int, int]:
    """Octets received and sent."""
    return _total(port.octets[0], now_s) if port.octets else 0, _total(port.octets[1], now_s) if port.octets else 0


def _total(total: Total | None, now_s: float) -> int:
    return max(0, int(total.until(now_s))) if total else 0


def _cisco_port(device: str, port: Port, now_s: float) -> str:
    state = "up" if _is_up(port, now_s) else "down"
    received, sent = _counts(port, now_s)
    mac = _mac(device, port, ".")
    return f"""\
{port.descr} is {state}, line protocol is {state}
  Hardware is ISR4331-3x1GE, address is {mac} (bia {mac})
  Description: {port.alias}
  MTU {port.mtu} bytes, BW {port.speed_bps // 1000} Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation ARPA, loopback not set
  Full Duplex, {port.speed_bps // 1_000_000}Mbps, link type is auto, media type is RJ45
  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: {_total(port.discards_out, now_s)}
     {received // _PACKET_BYTES} packets input, {received} bytes, 0 no buffer
     {_total(port.errors_in, now_s)} input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored
     {sent // _PACKET_BYTES} packets output, {sent} bytes, 0 underruns
     0 output errors, 0 collisions, 1 interface resets
"""


def _huawei_port(device: str, port: Port, now_s: float) -> str:
    state = "UP" if _is_up(port, now_s) else "DOWN"
    received, sent = _counts(port, now_s)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime(now_s))
    return f"""\
{port.name} current state : {state}
Line protocol current state : {state}
Description:{port.alias}
Switch Port, Link-type : access(negotiated),
PVID :    1, TPID : 8100(Hex), The Maximum Frame Length is 9216
IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is {_mac(device, port, "-")}
Current system time: {stamp}
Port Mode: COMMON COPPER
Speed : {port.speed_bps // 1_000_000},  Loopback: NONE
Duplex: FULL,  Negotiation: ENABLE
Input:  {received // _PACKET_BYTES} packets, {received} bytes
  Unicast:  {received // _PACKET_BYTES},  Multicast:  0
  Broadcast:  0,  Jumbo:  0
  Discard:  0,  Pause:  0

  Total Error:  {_total(port.errors_in, now_s)}

Output:  {sent // _PACKET_BYTES} packets, {sent} bytes
  Unicast:  {sent // _PACKET_BYTES},  Multicast:  0
  Broadcast:  0,  Jumbo:  0
  Discard:  {_total(port.discards_out, now_s)},  Pause:  0

  Total Error:  0
"""
