"""netmiko's classes, and what they may not do here."""

import inspect
from typing import Any

from netmiko import ConnectHandler
from netmiko.fortinet import FortinetSSH
from netmiko.nokia import NokiaSrosSSH
from netmiko.vyos import VyOSSSH


class _FortinetReadOnly(FortinetSSH):  # type: ignore[misc] # it comes without types
    """netmiko turns paging off by changing the device's configuration; here the pages' ends are answered instead."""

    def session_preparation(self) -> None:
        greeting = self._test_channel_read(pattern=f"to accept|{self.prompt_pattern}")
        if "to accept" in greeting:
            self.write_channel("a\r")
            self._test_channel_read(pattern=self.prompt_pattern)
        self.set_base_prompt()


class _NoGuessing:
    """netmiko waits for two seconds of silence where it is not told what comes first: a prompt does."""

    def _test_channel_read(self, count: int = 40, pattern: str = "") -> str:
        read: str = super()._test_channel_read(count, pattern or r"[>#$]")  # type: ignore[misc]
        return read


class _NokiaSros(_NoGuessing, NokiaSrosSSH):  # type: ignore[misc]
    pass


class _VyOS(_NoGuessing, VyOSSSH):  # type: ignore[misc]
    pass


_OURS = {"fortinet": _FortinetReadOnly, "nokia_sros": _NokiaSros, "vyos": _VyOS}


def device(platform: str, host: str, user: str, secret: str, timeout_s: float) -> Any:
    """netmiko's object for a platform, not connected; `secret` is that of the privileged mode.

    Raises:
        ValueError: netmiko knows no such platform.
    """
    settings: dict[str, Any] = {
        "host": host,
        "username": user,  # for those that ask again; the connection is authenticated before netmiko gets it
        "secret": secret,
        "auto_connect": False,
        "fast_cli": True,
        "read_timeout_override": timeout_s,
    }
    if platform in _OURS:
        return _OURS[platform](device_type=platform, **settings)
    return ConnectHandler(device_type=platform, **settings)


def enable_command(device_: Any) -> str:
    """What netmiko sends to enter the privileged mode."""
    return str(inspect.signature(device_.enable).parameters["cmd"].default)


def has_user_mode(platform: str) -> bool:
    """Whether ">" and "#" at the prompt's end tell an unprivileged from a privileged user."""
    return platform in _WITH_USER_MODE


_WITH_USER_MODE = frozenset(
    ("cisco_ios", "cisco_nxos", "arista_eos", "zte_zxros", "hp_procurve", "aruba_aoscx", "dell_os10", "ericsson_ipos")
)
