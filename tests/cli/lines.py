"""Command lines for the tests of commands: fakes that answer with the families' recorded outputs, and keys that are pinned."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from collector.plugin.registry import Registry
from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import serve_cli
from tests.cli.gear import Gear
from tests.cli.place import Place
from tests.plugins.outputs import file_name, outputs, text_of
from tests.runtime.ssh_world import answers, write_family
from tests.runtime.world import Clock

PASSWORD = "a-pass-of-the-lines"
ENABLE = "an-enable-of-the-lines"
LOGIN = f'[credentials.cli.ssh]\nuser = "admin"\npassword = "{PASSWORD}"\n'
AR617 = "ar617"


class Lines(Gear):
    """Fake devices by the names that hosts.toml has them under."""

    def table(self, name: str, more: str = "", *, transport: str = "ssh", credentials: str = '"cli"') -> str:
        """The device as hosts.toml has it."""
        table = super().table(name, more)
        return table.replace('"ssh", credentials = ["cli"]', f'"{transport}", credentials = [{credentials}]')

    def write(self, tables: Mapping[str, str] | None = None, *, collector: str = "", more: str = LOGIN) -> None:
        """hosts.toml with `tables`, or with all devices as they are."""
        self.place.write(tables or {name: self.table(name) for name in self.devices}, collector=collector, more=more)

    def pin(self, more: str = "") -> None:
        """Pin the keys that the devices show now, and the lines in `more`."""
        super().pin()
        self.file.write_text(self.file.read_text() + more)


@contextmanager
def lines(place: Place, **devices: CliDevice) -> Iterator[Lines]:
    """The devices answer, hosts.toml names them, and their keys are pinned."""
    with serve_cli(devices.values()) as served:
        it = Lines(place, served, devices)
        it.write()
        it.pin()
        yield it


def router(number: int = 1, family: str = "huawei/vrp", variant: str = AR617, **more: Any) -> CliDevice:
    """A device of a family, by default a Huawei AR."""
    platform = _registered(family)[0]
    settings: dict[str, Any] = {
        "address": f"127.45.0.{number}",
        "name": f"edge-{number}",
        "platform": platform,
        "answers": recorded(family, variant),
        "password": PASSWORD,
    }
    return CliDevice(**(settings | more))


BOX = 'family = "acme/box"'
PRIVILEGED = 'plugin_folders = ["plugins"]'


def box(place: Place, number: int = 1, **more: Any) -> CliDevice:
    """A device of the family acme/box, whose commands need the privileged mode; `PRIVILEGED` is where hosts.toml has that."""
    write_family(place.folder, "enable = true")
    settings: dict[str, Any] = {"platform": "cisco_ios", "enable": ENABLE, "answers": answers(Clock(), {"Gi0/1": 1000})}
    return router(number, **(settings | more))


@cache
def _registered(family: str) -> tuple[str, frozenset[str]]:
    found = Registry.open().cli(family)
    assert found, family
    return found.platform, found.allowed


@cache
def recorded(family: str, variant: str = "") -> Mapping[str, str]:
    """What a device of a family answers: its outputs of that variant, else those without one."""
    raws = {raw.stem: raw for raw in outputs(family)}
    result = {}
    for command in _registered(family)[1]:
        name = file_name(command)
        if raw := raws.get(f"{name}@{variant}") or raws.get(name):
            result[command] = text_of(raw)
    return result


def counting(outputs: Mapping[str, str], command: str, per_s: int) -> Callable[[str, float], str | None]:
    """For `CliDevice.answer`: the octets of `command` grow by so many a second since the epoch."""

    def answer(asked: str, now_s: float) -> str | None:
        if asked != command:
            return None
        grown = int((now_s % 1_000_000) * per_s)
        return re.sub(r"\b(\d+)(?= bytes\b)", lambda found: str(int(found[1]) + grown), outputs[command])

    return answer
