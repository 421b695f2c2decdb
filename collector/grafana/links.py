"""The dashboards' names, and the links that lead from one to the next: province, site, device, interface."""

from collections.abc import Mapping
from typing import Final

OVERVIEW: Final = "collector-overview"
SITE: Final = "collector-site"
DEVICE: Final = "collector-device"
INTERFACE: Final = "collector-interface"
CAPACITY: Final = "collector-capacity"
MOBILE: Final = "collector-mobile"
POWER: Final = "collector-power"
DATA_CENTRE: Final = "collector-data-centre"
HEALTH: Final = "collector-health"

_TIME = "${__url_time_range}"


def drill_down(uid: str, values: Mapping[str, str]) -> str:
    """The URL of a dashboard, with the time range of this one and with variables set to values, Grafana's expressions mostly."""
    return f"/d/{uid}?" + "&".join((*(f"var-{name}={value}" for name, value in values.items()), _TIME))


def of_label(tag: str) -> str:
    """The tag's value of the series that is clicked on, fit for a URL."""
    return f"${{__field.labels.{tag}:percentencode}}"


def of_row(column: str) -> str:
    """The value in that column of the table's row that is clicked on, fit for a URL."""
    return f"${{__data.fields.{column}:percentencode}}"


def to_site(value: str) -> str:
    return drill_down(SITE, {"site": value})


def to_device(value: str) -> str:
    return drill_down(DEVICE, {"host": value})


def to_interface(host: str, name: str) -> str:
    return drill_down(INTERFACE, {"host": host, "interface": name})
