"""Every measurement of the collector, once.

Names are OpenConfig's leaves in snake_case. This table drives the line protocol's types, DuckDB's columns, the checks on
family files, docs/metrics.md, reports and dashboards. Adding a field here is all it takes for stores to hold it;
a field's type never changes once released.
"""

from collector.metrics.model import Field, Kind, Measurement

HOST_TAGS = ("host", "site", "role", "province", "district")
"""tags that every point carries, where the inventory has them (host always)"""


def _gauge(name: str, unit: str, help: str) -> Field:
    return Field(name=name, type=float, unit=unit, help=help)


def _count(name: str, unit: str, help: str) -> Field:
    return Field(name=name, type=int, unit=unit, help=help)


def _text(name: str, help: str) -> Field:
    return Field(name=name, type=str, unit="", help=help, kind=Kind.INFO)


def _flag(name: str, help: str) -> Field:
    return Field(name=name, type=bool, unit="", help=help)


def _counter(name: str, unit: str, help: str, rate: str | None = None, rate_scale: int = 1) -> Field:
    return Field(name=name, type=int, unit=unit, help=help, kind=Kind.COUNTER, rate=rate, rate_scale=rate_scale)


def _both_ways(name: str, unit: str, what: str, rate: str | None = None, rate_scale: int = 1) -> tuple[Field, ...]:
    return tuple(
        _counter(f"{way}_{name}", unit, f"{what} {verb}", rate and f"{way}_{rate}", rate_scale)
        for way, verb in (("in", "received"), ("out", "sent"))
    )


def _rates(name: str, unit: str, what: str) -> tuple[Field, ...]:
    return tuple(_gauge(f"{way}_{name}", unit, f"{what} {verb}") for way, verb in (("in", "received"), ("out", "sent")))


_INTERFACE = Measurement(
    name="interface",
    help="Traffic and state of one interface.",
    tags=("name",),
    fields=(
        _count("index", "1", "ifIndex at the time of the poll"),
        _text("admin_status", "wanted state: up, down, testing"),
        _text("oper_status", "state: up, down, testing, unknown, dormant, not-present, lower-layer-down"),
        _count("speed_bps", "bit/s", "speed of the port; absent where the device states none"),
        *_both_ways("octets", "By", "octets", "bps", 8),
        *_both_ways("unicast_pkts", "{packet}", "unicast packets", "pps"),
        *_both_ways("multicast_pkts", "{packet}", "multicast packets", "multicast_pps"),
        *_both_ways("broadcast_pkts", "{packet}", "broadcast packets", "broadcast_pps"),
        *_both_ways("errors", "{packet}", "packets with errors", "errors_per_s"),
        *_both_ways("discards", "{packet}", "packets dropped without an error", "discards_per_s"),
        _counter("in_unknown_protos", "{packet}", "packets of an unsupported protocol", "in_unknown_protos_per_s"),
        _counter("in_fcs_errors", "{frame}", "frames with a wrong checksum (EtherLike-MIB)", "in_fcs_errors_per_s"),
        _counter("in_alignment_errors", "{frame}", "frames of no whole number of octets", "in_alignment_errors_per_s"),
        _counter("in_too_long", "{frame}", "frames over the permitted size", "in_too_long_per_s"),
        _counter("symbol_errors", "1", "invalid symbols on the medium", "symbol_errors_per_s"),
        _counter(
            "out_late_collisions", "1", "collisions after the slot time (duplex mismatch)", "out_late_collisions_per_s"
        ),
        _text("duplex", "full, half or unknown (EtherLike-MIB)"),
        *_rates("bps", "bit/s", "bits a second"),
        *_rates("util_percent", "%", "share of the contracted speed, else of the port's,"),
        *_rates("pps", "{packet}/s", "unicast packets a second"),
        *_rates("multicast_pps", "{packet}/s", "multicast packets a second"),
        *_rates("broadcast_pps", "{packet}/s", "broadcast packets a second"),
        *_rates("errors_per_s", "{packet}/s", "packets with errors a second"),
        *_rates("discards_per_s", "{packet}/s", "dropped packets a second"),
        _gauge("in_unknown_protos_per_s", "{packet}/s", "packets of an unsupported protocol a second"),
        _gauge("in_fcs_errors_per_s", "{frame}/s", "frames with a wrong checksum a second"),
        _gauge("in_alignment_errors_per_s", "{frame}/s", "frames of no whole number of octets a second"),
        _gauge("in_too_long_per_s", "{frame}/s", "frames over the permitted size a second"),
        _gauge("symbol_errors_per_s", "1/s", "invalid symbols a second"),
        _gauge("out_late_collisions_per_s", "1/s", "late collisions a second"),
        _gauge("interval_s", "s", "time between the two samples that the rates are made of"),
        _count("counter_bits", "bit", "width of the octet counters: 32 or 64"),
        _flag("reset", "the counters began anew since the last poll, so there are no rates"),
    ),
)

CATALOGUE: tuple[Measurement, ...] = (
    Measurement(
        name="device",
        help="Whether a host answers, and since when it is up.",
        tags=("family",),
        fields=(
            _flag("up", "anything at all answered: SNMP, SSH or ICMP"),
            Field(
                name="uptime_s",
                type=float,
                unit="s",
                help="time since the device (its agent, where it says no more) started",
            ),
            _flag("snmp_up", "SNMP answered"),
            _flag("ssh_up", "SSH answered"),
            _flag("icmp_up", "at least one echo came back"),
            _text("error", "why it is not up, in a few words"),
        ),
    ),
    Measurement(
        name="device_info",
        help="What a device is.",
        fields=tuple(
            _text(name, help)
            for name, help in (
                ("vendor", "maker"),
                ("model", "model as the maker sells it"),
                ("os", "operating system"),
                ("os_version", "version of the operating system or firmware"),
                ("serial", "serial number of the chassis"),
                ("sys_name", "sysName"),
                ("sys_descr", "sysDescr"),
                ("sys_object_id", "sysObjectID"),
                ("location", "sysLocation"),
                ("contact", "sysContact"),
            )
        ),
        interval_s=3600,
    ),
    _INTERFACE,
    Measurement(
        name="interface_info",
        help="What an interface is.",
        tags=("name",),
        fields=(
            _count("index", "1", "ifIndex"),
            _text("if_name", "ifName, as the device has it"),
            _text("descr", "ifDescr"),
            _text("alias", "ifAlias: what the operator called it"),
            _text("mac", "hardware address"),
            _count("mtu", "By", "largest packet"),
            _text("type", "IANAifType's name, or its number"),
        ),
        interval_s=3600,
    ),
    Measurement(
        name="cpu",
        help="Load of one processor, core or card.",
        tags=("name",),
        fields=(_gauge("usage_percent", "%", "share of time not idle"),),
        required=("usage_percent",),
    ),
    Measurement(
        name="memory",
        help="One pool of memory; kind is physical, swap, buffers, cached, shared, virtual or available.",
        tags=("name", "kind"),
        fields=(
            _count("total_bytes", "By", "size"),
            _count("used_bytes", "By", "in use, as an operator sees it: without buffers and cache"),
            _count("free_bytes", "By", "not in use"),
            _gauge("used_percent", "%", "share in use"),
        ),
        required=("used_bytes", "used_percent"),
    ),
    Measurement(
        name="storage",
        help="One file system, disk or pool; kind is disk, removable, flash, network, ram, ...",
        tags=("name", "kind"),
        fields=(
            _count("total_bytes", "By", "size"),
            _count("used_bytes", "By", "in use"),
            _count("free_bytes", "By", "not in use"),
            _gauge("used_percent", "%", "share in use"),
        ),
        required=("used_bytes", "used_percent"),
        interval_s=300,
    ),
    Measurement(
        name="disk_io",
        help="Traffic of one disk.",
        tags=("name",),
        fields=(
            _counter("read_bytes", "By", "read", "read_bytes_per_s"),
            _counter("written_bytes", "By", "written", "written_bytes_per_s"),
            _counter("reads", "1", "read operations", "reads_per_s"),
            _counter("writes", "1", "write operations", "writes_per_s"),
            _gauge("read_bytes_per_s", "By/s", "read a second"),
            _gauge("written_bytes_per_s", "By/s", "written a second"),
            _gauge("reads_per_s", "1/s", "read operations a second"),
            _gauge("writes_per_s", "1/s", "write operations a second"),
            _gauge("interval_s", "s", "time between the two samples that the rates are made of"),
        ),
    ),
    Measurement(
        name="system",
        help="Load of a whole host.",
        fields=(
            _gauge("load_1m", "1", "run queue, mean of a minute"),
            _gauge("load_5m", "1", "run queue, mean of 5 minutes"),
            _gauge("load_15m", "1", "run queue, mean of 15 minutes"),
            _count("processes", "1", "processes"),
            _count("users", "1", "users logged in"),
        ),
    ),
    Measurement(
        name="sensor",
        help="One reading. The unit follows from the class: see SENSOR_UNITS.",
        tags=("name", "class"),
        fields=(
            _gauge("value", "class", "reading in the unit of its class"),
            _text("oid", "where it was read (only in replay and JSON output, not stored)"),
        ),
        required=("value",),
    ),
    Measurement(
        name="state",
        help="One state that a device reports of a part of it.",
        tags=("name", "class"),
        fields=(
            _count("code", "1", "number in the MIB's enumeration"),
            _text("text", "name in the MIB's enumeration"),
            _flag("ok", "whether the family calls this state good"),
            _text("oid", "where it was read (only in replay and JSON output, not stored)"),
        ),
        required=("code", "text"),
    ),
    Measurement(
        name="component",
        help="One part of a device: chassis, card, power supply, transceiver.",
        tags=("name",),
        fields=tuple(
            _text(name, help)
            for name, help in (
                ("class", "chassis, module, power-supply, fan, port, transceiver, ..."),
                ("descr", "what it says of itself"),
                ("model", "model"),
                ("serial", "serial number"),
                ("vendor", "maker"),
                ("hardware_rev", "revision of the hardware"),
                ("firmware_rev", "revision of the firmware"),
                ("software_rev", "revision of the software"),
            )
        ),
        interval_s=3600,
    ),
    Measurement(
        name="neighbour",
        help="A device on the other end of a cable, as LLDP or CDP says.",
        tags=("name", "protocol"),
        fields=(
            _text("remote_host", "name of the neighbour"),
            _text("remote_port", "its port"),
            _text("remote_chassis", "its chassis id"),
            _text("remote_descr", "what it says of itself"),
        ),
        interval_s=900,
    ),
    Measurement(
        name="routing_peer",
        help="A neighbour that a router exchanges routes with. name is its address, or its router id where it has no other.",
        tags=("name", "protocol"),
        fields=(
            _text("state", "BGP: idle, connect, active, opensent, openconfirm, established; OSPF: down ... full"),
            _text("admin_status", "BGP: start or stop, as configured"),
            _count("remote_as", "1", "its autonomous system"),
            _text("remote_id", "its router id"),
            _gauge("uptime_s", "s", "time since it is established, or since it last was"),
            _count("prefixes_received", "1", "routes accepted from it"),
        ),
        required=("state",),
    ),
    Measurement(
        name="ping",
        help="Echo requests of one cycle.",
        fields=(
            _gauge("rtt_min_ms", "ms", "fastest round trip"),
            _gauge("rtt_avg_ms", "ms", "mean round trip"),
            _gauge("rtt_max_ms", "ms", "slowest round trip"),
            _gauge("loss_percent", "%", "echoes that did not come back"),
        ),
        required=("loss_percent",),
    ),
    Measurement(
        name="link",
        help="What was contracted for the line behind an interface, as the inventory has it.",
        tags=("name",),
        fields=(
            _count("contract_in_bps", "bit/s", "contracted speed towards the host"),
            _count("contract_out_bps", "bit/s", "contracted speed from the host"),
            _text("provider", "who sells it"),
            _text("kind", "kind of line"),
            _text("circuit_id", "the provider's name of it"),
        ),
        interval_s=3600,
    ),
    Measurement(
        name="station",
        help="One radio station of a BTS position, as far as the host that carries its traffic shows it. name is its id.",
        tags=("name", "technology", "operator"),
        fields=(
            _flag("up", "the host that carries its traffic answers"),
            _flag("degraded", "it answers, but its uplink has errors or its position runs on battery"),
        ),
        required=("up",),
        interval_s=300,
    ),
    Measurement(
        name="forecast",
        help="Where a line (kind link: 95th percentile in bit/s) or a file system (kind storage: bytes in use) is heading.",
        tags=("name", "kind"),
        fields=(
            _gauge("value", "1", "the trend's value on the day of the forecast"),
            _gauge("limit", "1", "contract or size"),
            _gauge("growth_per_day", "1/d", "slope of the trend (Theil-Sen)"),
            _gauge("growth_low_per_day", "1/d", "lower end of the slope's 95 % interval"),
            _gauge("growth_high_per_day", "1/d", "upper end of the slope's 95 % interval"),
            _gauge("days_to_tight", "d", "days until 80 % of the limit, 0 where it is there; absent where it never is"),
            _gauge("days_to_full", "d", "days until 100 % of the limit, 0 where it is there; absent where it never is"),
        ),
        required=("value",),
        interval_s=86_400,
    ),
    Measurement(
        name="poll",
        help="The collector's own work on one host in one cycle.",
        fields=(
            _gauge("duration_s", "s", "from first to last packet"),
            _count("pdus", "1", "requests sent, repeats included"),
            _count("varbinds", "1", "values received"),
            _count("retries", "1", "requests sent again"),
            _count("timeouts", "1", "requests given up"),
            _count("commands", "1", "commands and scripts run over SSH"),
            _count("bytes_in", "By", "received: UDP payload, and outputs of commands"),
            _count("bytes_out", "By", "sent, UDP payload"),
            _text("outcome", "ok, partial or down"),
            _text("error", "the last trouble, in a few words"),
        ),
    ),
)

MEASUREMENTS: dict[str, Measurement] = {measurement.name: measurement for measurement in CATALOGUE}

SENSOR_UNITS: dict[str, str] = {
    "airflow": "m3/h",
    "angle": "deg",
    "ap-count": "1",
    "ber": "1",
    "bitrate": "bps",
    "cell": "1",
    "charge": "%",
    "chromatic_dispersion": "ps/nm",
    "clients": "1",
    "cooling": "W",
    "count": "1",
    "current": "A",
    "dbm": "dBm",
    "delay": "s",
    "distance": "m",
    "eer": "1",
    "energy": "kWh",
    "errors": "1",
    "fan": "rpm",
    "frequency": "Hz",
    "humidity": "%",
    "load": "%",
    "loss": "%",
    "percent": "%",
    "power": "W",
    "power_apparent": "VA",
    "power_factor": "1",
    "power_reactive": "var",
    "pressure": "kPa",
    "quality_factor": "dB",
    "runtime": "s",
    "signal_loss": "dB",
    "snr": "dB",
    "temperature": "C",
    "tv_signal": "dBmV",
    "voltage": "V",
    "waterflow": "l/min",
}
"""the classes of `sensor` and their units"""
