"""All dashboards, in the order of the way from the province down."""

from collections.abc import Callable

from collector.grafana.boards import capacity, data_centre, device, health, interface, mobile, overview, power, site
from collector.grafana.influxql import Source
from collector.grafana.page import Page

BOARDS: tuple[Callable[[Source], Page], ...] = (
    overview.make,
    site.make,
    device.make,
    interface.make,
    capacity.make,
    mobile.make,
    power.make,
    data_centre.make,
    health.make,
)
