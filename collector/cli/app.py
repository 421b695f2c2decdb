"""What every command shares: where the configuration is, how it fails, where it prints."""

import os
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from collector.cli.logs import set_up_logging

if TYPE_CHECKING:
    from rich.console import Console

    from collector.plugin.registry import Registry
    from inventory.model import Host, Inventory

DEFAULT_CONFIGS = (Path("hosts.toml"), Path("/etc/collector/hosts.toml"))

WIDE = 200
"""columns of output that goes to a file or a pipe"""

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_SPOOLED, EXIT_LOCKED = range(5)
"""0 all collected and stored, 1 some hosts failed, 2 usage or configuration, 3 points spooled, 4 another poll runs"""


class App:
    """State of one call of the command line; click hands it to commands (`@click.pass_obj`)."""

    def __init__(self) -> None:
        self.config: Path | None = None
        self.verbosity = 0
        self.log_json = False

    @cached_property
    def console(self) -> "Console":
        """Where results go: standard output."""
        from rich.console import Console

        # in a pipe nothing is cut to the width of a terminal that is not there
        return Console(highlight=False, emoji=False, markup=False, width=None if sys.stdout.isatty() else WIDE)

    def config_path(self) -> Path:
        """The inventory file: --config, $COLLECTOR_CONFIG, ./hosts.toml or /etc/collector/hosts.toml."""
        if self.config:
            return self.config
        if named := os.environ.get("COLLECTOR_CONFIG"):
            return Path(named)
        found = next(filter(Path.exists, DEFAULT_CONFIGS), None)
        return found or self.fail(
            "no configuration found: looked for --config, $COLLECTOR_CONFIG, "
            + ", ".join(map(str, DEFAULT_CONFIGS))
            + "\nwrite one (docs/configuration.md), or see what it can look like: collector demo"
        )

    def has_config(self) -> bool:
        """Whether there is a configuration: named, or in one of the usual places."""
        return bool(self.config or os.environ.get("COLLECTOR_CONFIG") or any(map(Path.exists, DEFAULT_CONFIGS)))

    def registry(self) -> "Registry":
        """The families: ours, and the user's own where there is a configuration that names their folders."""
        from collector.plugin.registry import Registry

        folders = self.inventory().settings.plugin_folders if self.has_config() else ()
        return Registry.open([Path(folder) for folder in folders])

    def inventory(self) -> "Inventory":
        """The loaded inventory; ends the command with every error of it where there are any."""
        from inventory.load import InventoryError, load

        try:
            return load(self.config_path())
        except InventoryError as error:
            self.fail(str(error))

    def select(self, inventory: "Inventory", terms: Sequence[str]) -> "list[Host]":
        """The hosts that `terms` mean; ends the command where a term means none."""
        from inventory.select import SelectionError, select

        try:
            return select(inventory, terms)
        except SelectionError as error:
            self.fail(str(error))

    def fail(self, message: str, code: int = EXIT_USAGE) -> NoReturn:
        """Print `message` to standard error and exit."""
        click.echo(f"collector: {printable(message)}", err=True)
        sys.exit(code)


def printable(text: str) -> str:
    """Text from devices and files, fit for a terminal: control characters other than newlines and tabs are escaped."""
    return "".join(c if c.isprintable() or c in "\n\t" else repr(c)[1:-1] for c in text)


def _remember(context: click.Context, parameter: click.Parameter, value: object) -> object:
    """Common options may stand before or behind the command's name: the later one counts."""
    app = context.ensure_object(App)
    if parameter.name == "config" and isinstance(value, Path):
        app.config = value
    elif parameter.name == "verbose" and isinstance(value, int):
        app.verbosity += value
    elif parameter.name == "quiet" and isinstance(value, int):
        app.verbosity -= value
    elif parameter.name == "log_json" and value:
        app.log_json = True
    set_up_logging(app.verbosity, as_json=app.log_json)
    return value


def _common_option(*names: str, **settings: Any) -> click.Option:
    return click.Option(list(names), expose_value=False, callback=_remember, **settings)


def add_common_options(command: click.Command) -> None:
    """Give `command` and, where it is a group, its commands the options that all share. Idempotent."""
    if not any(parameter.name == "log_json" for parameter in command.params):
        command.params += [
            _common_option(
                "--config",
                type=click.Path(path_type=Path, dir_okay=False),
                metavar="FILE",
                help="Inventory [default: $COLLECTOR_CONFIG, ./hosts.toml, /etc/collector/hosts.toml].",
            ),
            _common_option("-v", "--verbose", count=True, help="Log more (twice: debug)."),
            _common_option("-q", "--quiet", count=True, help="Log errors only."),
            _common_option("--log-json", is_flag=True, help="Log JSON lines."),
        ]
        command.context_settings.setdefault("help_option_names", ["-h", "--help"])
    if isinstance(command, click.Group):
        for name in command.commands:
            add_common_options(command.commands[name])
