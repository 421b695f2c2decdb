"""netmiko's classes, and what they may not do here."""

import inspect
from typing import Any

from netmiko import ConnectHandler
from netmiko.fortinet import FortinetSSH


class _FortinetReadOnly(FortinetSSH):  # type: ignore[misc] # it comes without types
    """netmiko turns paging off by changing the device's configuration; here the pages' ends are answered instead."""

    def session_preparation(self) -> None:
        greeting = self._test_channel_read(pattern=f"to accept|{self.prompt_pattern}")
        if "to accept" in greeting:
            self.write_channel("a\r")
            self._test_channel_read(pattern=self.prompt_pattern)
        self.set_base_prompt()


_OURS = {"fortinet": _FortinetReadOnly}


def device(platform: str, host: str, secret: str, timeout_s: float) -> Any:
    """netmiko's object for a platform, not connected.

    Raises:
        ValueError: netmiko knows no such platform.
    """
    settings: dict[str, Any] = {
        "host": host,
        "username": "",  # the connection is authenticated before netmiko gets it
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
