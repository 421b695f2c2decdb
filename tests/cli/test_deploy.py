"""What deploy/ and its documentation tell machines to do: the commands are there, the files fit together."""

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from collector.cli.main import cli
from inventory.load import load

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SERVICE_KEYS = {
    *(
        "image",
        "build",
        "environment",
        "read_only",
        "tmpfs",
        "cap_drop",
        "security_opt",
        "restart",
        "volumes",
        "command",
    ),
    *("healthcheck", "sysctls", "stop_grace_period", "depends_on", "ports", "profiles"),
}
"""of Compose's, those that are used"""


def compose() -> dict[str, Any]:
    content = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    assert isinstance(content, dict)
    return content


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def commands() -> Iterator[tuple[str, list[str]]]:
    """(where it stands, arguments) of every call of the collector."""
    for path in UNITS:
        if path.suffix == ".service":
            program, *arguments = shlex.split(unit(path)["Service"]["ExecStart"])
            assert program == "/usr/local/bin/collector"
            yield path.name, arguments
    for line in (DEPLOY / "collector.cron").read_text().splitlines():
        if "/collector " in line and not line.startswith("#"):
            yield "collector.cron", shlex.split(line.partition("/usr/local/bin/collector ")[2])
    for name, service in compose()["services"].items():
        if "command" in service:
            yield f"compose.yaml: {name}", service["command"]
    for document in ("deployment.md", "dashboards.md"):
        for block in re.findall(r"(?:^    .+\n)+", (ROOT / "docs" / document).read_text(), re.MULTILINE):
            for line in block.splitlines():
                for call in re.findall(
                    r"(?:^|\s)(?:sudo )?collector ((?!  )[a-z].*)$", line.partition("#")[0].rstrip()
                ):
                    if "run --rm" not in line:
                        yield document, shlex.split(call.partition(" > ")[0])


COMMANDS = list(commands())


@pytest.mark.parametrize(
    ("where", "arguments"), COMMANDS, ids=[f"{where}: {' '.join(words)}" for where, words in COMMANDS]
)
def test_commands_are_there_with_these_options(where: str, arguments: list[str]) -> None:
    command: click.Command = cli
    context: click.Context | None = None
    name = "collector"
    while True:
        context = command.make_context(name, list(arguments), parent=context)
        if not isinstance(command, click.Group):
            return
        found, child, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        assert child, f"{where}: {command.name} has no {found}"
        name, command = found or "", child


def test_all_that_runs_by_itself_is_looked_at() -> None:
    where = {where.partition(":")[0] for where, _ in COMMANDS}
    assert where >= {path.name for path in UNITS if path.suffix == ".service"}
    assert where >= {"collector.cron", "compose.yaml", "deployment.md", "dashboards.md"}


@pytest.mark.parametrize("path", UNITS, ids=[path.name for path in UNITS])
def test_units_are_whole(path: Path) -> None:
    parsed = unit(path)
    assert parsed["Unit"]["Description"]
    if path.suffix == ".timer":
        assert path.with_suffix(".service").exists()
        assert parsed["Timer"]["OnCalendar"]
        assert parsed["Install"]["WantedBy"] == "timers.target"
    else:
        service = parsed["Service"]
        assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("collector", "yes", "strict")
        assert "--config /etc/collector/hosts.toml" in service["ExecStart"]
        if service.get("Type") == "oneshot":
            assert path.with_suffix(".timer").exists()
            assert service["TimeoutStartSec"]


def test_the_compose_file_fits_together() -> None:
    content = compose()
    services, volumes = content["services"], content["volumes"]
    assert set(content) == {"name", "x-collector", "services", "volumes"}
    for name, service in services.items():
        assert set(service) <= SERVICE_KEYS, name
        assert re.search(r":[\w.]+$", service["image"]), "pinned"
        assert not service["image"].endswith(":latest")
        for other, how in service.get("depends_on", {}).items():
            assert other in services
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[other]
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith("./") or source in volumes, volume
        if service.get("restart"):
            assert "healthcheck" in service
    assert {"influxdb", "grafana", "collector"} <= set(services)
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service.get("ports", []))
    assert (
        DEPLOY / "compose" / services["collector"]["build"]["context"] / services["collector"]["build"]["dockerfile"]
    ).exists()


def test_secrets_come_from_the_environment_alone() -> None:
    text = (DEPLOY / "compose" / "compose.yaml").read_text()
    example = (DEPLOY / "compose" / "secrets.env.example").read_text()
    wanted = set(re.findall(r"\$\{(\w+)", text))
    assert wanted == set(re.findall(r"^#?(\w+)=$", example, re.MULTILINE))
    for service in compose()["services"].values():
        for key, value in service.get("environment", {}).items():
            if re.search(r"TOKEN|PASSWORD", key):
                assert str(value).startswith("${")


def test_the_example_inventory_of_the_compose_file_loads() -> None:
    inventory = load(DEPLOY / "compose" / "etc" / "hosts.toml")
    environment = compose()["services"]["influxdb"]["environment"]
    store = inventory.store
    assert getattr(store, "org", "") == environment["DOCKER_INFLUXDB_INIT_ORG"]
    assert getattr(store, "bucket", "") == environment["DOCKER_INFLUXDB_INIT_BUCKET"]


def test_the_image_is_built_of_what_is_there() -> None:
    lines = (DEPLOY / "compose" / "Dockerfile").read_text().splitlines()
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            *sources, _ = line.split()[1:]
            assert all((ROOT / source).exists() for source in sources), line
