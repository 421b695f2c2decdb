"""The farm over real UDP, mostly asked by net-snmp's tools."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable

import pytest

from collector.simulator.agent import Device
from collector.simulator.farm import Farm
from collector.simulator.faults import Faults
from collector.simulator.tree import make_tree, moment_at, value_at
from collector.smi import oid as oids
from collector.smi.value import Tag, VarBind
from tests.servers import require_binary
from tests.simulator.client import GET, parse, request

EPOCH_S, NOW_S = 400.0, 1_000.0
UPTIME, DESCR, ALIAS = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.31.1.1.1.18"
HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"
ROWS = range(1, 101)
VARBINDS: list[VarBind] = [
    (oids.encode(DESCR), Tag.OCTET_STRING, b"a switch"),
    (oids.encode(UPTIME), Tag.TIMETICKS, 500),
    *((oids.encode(f"{HC_IN_OCTETS}.{row}"), Tag.COUNTER64, row << 33) for row in ROWS),
    *((oids.encode(f"{ALIAS}.{row}"), Tag.OCTET_STRING, b"desk %d" % row) for row in ROWS),
]
TREE = make_tree(VARBINDS)


def counter(row: int, device: int) -> int:
    return value_at(f"{HC_IN_OCTETS}.{row}", Tag.COUNTER64, row << 33, moment_at(NOW_S, device, EPOCH_S))


def serve(devices: list[Device], use: Callable[[Farm], Awaitable[None]], port: int = 0) -> Farm:
    farm = Farm(devices, port=port, clock=lambda: NOW_S, epoch_s=EPOCH_S)

    async def run() -> None:
        async with farm:
            await use(farm)

    asyncio.run(run())
    return farm


async def tool(program: str, *arguments: str) -> tuple[int, list[str]]:
    """Exit status and lines of output."""
    process = await asyncio.create_subprocess_exec(
        require_binary(program), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode or 0, [line for line in output.decode().splitlines() if "cert_indexes" not in line]


async def exchange(address: str, port: int, data: bytes, answers: int = 1, timeout_s: float = 5.0) -> list[bytes]:
    """What comes back from `address`, and from nowhere else, as the socket is connected."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.connect((address, port))
        await loop.sock_sendall(sock, data)
        return [await asyncio.wait_for(loop.sock_recv(sock, 65_535), timeout_s) for _ in range(answers)]


def test_each_address_is_its_own_device_and_answers_from_there() -> None:
    devices = [Device(f"127.77.0.{index}", TREE, index) for index in (1, 2, 3)]
    seen: dict[int, list[object]] = {}

    async def use(farm: Farm) -> None:
        for device in devices:
            (data,) = await exchange(device.address, farm.port, request(GET, [f"{HC_IN_OCTETS}.2"]))
            seen[device.index] = parse(data).values

    farm = serve(devices, use)
    assert seen == {index: [counter(2, index)] for index in (1, 2, 3)}
    assert farm.stats.requests == farm.stats.answers == farm.stats.varbinds == 3


def test_ipv6_and_ports_of_their_own() -> None:
    async def use(farm: Farm) -> None:
        (data,) = await exchange("::1", farm.port, request(GET, [DESCR]))
        assert parse(data).values == [b"a switch"]

    serve([Device("::1", TREE)], use)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("0.0.0.0", 0))
        free = sock.getsockname()[1]

    async def use_both(farm: Farm) -> None:
        assert farm.port != free
        for port, device in ((free, 2), (farm.port, 1)):
            (data,) = await exchange("127.77.0.1", port, request(GET, [f"{HC_IN_OCTETS}.1"]))
            assert parse(data).values == [counter(1, device)]

    serve([Device("127.77.0.1", TREE, 1), Device("127.77.0.1", TREE, 2, port=free)], use_both)


def test_net_snmp_reads_the_formula() -> None:
    async def use(farm: Farm) -> None:
        target = f"127.77.0.9:{farm.port}"
        names = [UPTIME, f"{HC_IN_OCTETS}.3"]
        assert await tool("snmpget", "-v2c", "-cpublic", "-Oqvt", target, *names) == (0, ["60500", str(counter(3, 9))])

    serve([Device("127.77.0.9", TREE, 9)], use)


@pytest.mark.parametrize("repetitions", [1, 10, 80])
def test_net_snmp_walks_all_of_it(repetitions: int) -> None:
    async def use(farm: Farm) -> None:
        target = f"127.77.0.9:{farm.port}"
        status, lines = await tool(
            "snmpbulkwalk", "-v2c", "-cpublic", "-Oqv", f"-Cr{repetitions}", target, HC_IN_OCTETS
        )
        assert status == 0
        assert list(map(int, lines)) == [counter(row, 9) for row in ROWS]
        status, lines = await tool("snmpwalk", "-v1", "-cpublic", "-Oqn", target, "1.3")
        assert [line.split()[0].removeprefix(".") for line in lines if line != "End of MIB"] == [
            oids.decode(oid) for oid, tag, _ in VARBINDS if tag != Tag.COUNTER64
        ]

    serve([Device("127.77.0.9", TREE, 9)], use)


def test_net_snmp_names_what_is_missing() -> None:
    async def use(farm: Farm) -> None:
        target = f"127.77.0.9:{farm.port}"
        _, lines = await tool("snmpget", "-v2c", "-cpublic", "-Oqv", target, "1.3.6.1.9.0", f"{ALIAS}.999")
        assert lines == [
            "No Such Object available on this agent at this OID",
            "No Such Instance currently exists at this OID",
        ]
        status, lines = await tool("snmpget", "-v1", "-cpublic", "-Cf", target, DESCR, f"{ALIAS}.999")
        assert status == 2
        assert any("noSuchName" in line for line in lines)
        assert any("18.999" in line for line in lines), "the error-index points at it"

    serve([Device("127.77.0.9", TREE, 9)], use)


def test_another_community_is_met_with_silence() -> None:
    async def use(farm: Farm) -> None:
        status, lines = await tool("snmpget", "-v2c", "-cprivate", "-r0", "-t0.2", f"127.77.0.9:{farm.port}", DESCR)
        assert status == 1
        assert "Timeout" in lines[0]

    assert serve([Device("127.77.0.9", TREE, 9)], use).stats.answers == 0


def test_net_snmp_notices_a_loop() -> None:
    async def use(farm: Farm) -> None:
        status, lines = await tool("snmpbulkwalk", "-v2c", "-cpublic", f"127.77.0.9:{farm.port}", ALIAS)
        assert status == 1
        assert "OID not increasing" in "".join(lines)

    serve([Device("127.77.0.9", TREE, faults=Faults(loop=True))], use)


def test_a_delayed_device_holds_up_no_other() -> None:
    slow, fast = Device("127.77.0.1", TREE, 1, faults=Faults(delay_s=0.3)), Device("127.77.0.2", TREE, 2)

    async def use(farm: Farm) -> None:
        async def took(device: Device) -> float:
            start_s = time.monotonic()
            await exchange(device.address, farm.port, request(GET, [DESCR]))
            return time.monotonic() - start_s

        slow_s, fast_s = await asyncio.gather(took(slow), took(fast))
        assert slow_s >= 0.3 > fast_s

    serve([slow, fast], use)


def test_a_duplicate_comes_twice() -> None:
    async def use(farm: Farm) -> None:
        first, second = await exchange("127.77.0.1", farm.port, request(GET, [DESCR]), answers=2)
        assert first == second

    serve([Device("127.77.0.1", TREE, faults=Faults(duplicate=True))], use)


def test_it_survives_whatever_arrives() -> None:
    async def use(farm: Farm) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for junk in (b"", b"0", b"\x30\x84\xff\xff\xff\xff", bytes(2_000), request(GET, [DESCR])[:-1]):
                sock.sendto(junk, ("127.77.0.1", farm.port))
                sock.sendto(request(GET, [DESCR]), ("127.78.0.1", farm.port))
        assert parse((await exchange("127.77.0.1", farm.port, request(GET, [DESCR])))[0]).values == [b"a switch"]

    farm = serve([Device("127.77.0.1", TREE)], use)
    assert (farm.stats.requests, farm.stats.answers) == (6, 1)


def test_mistakes_are_told_before_anything_is_served() -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        Farm([Device("127.0.0.1", TREE), Device("127.0.0.1", TREE)])
    with pytest.raises(ValueError, match="server-1"):
        Farm([Device("server-1", TREE)])


def test_a_taken_port_is_an_error() -> None:
    async def use(farm: Farm) -> None:
        with pytest.raises(OSError, match="in use"):
            await Farm([Device("127.77.0.1", TREE)], port=farm.port).start()

    serve([Device("127.77.0.1", TREE)], use)
