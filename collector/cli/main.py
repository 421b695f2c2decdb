"""The `collector` command: a group whose commands are imported only when they are called."""

import importlib
import io
import os
import sys

import click

from collector.cli.app import App, add_common_options

COMMANDS = {
    "poll": "collector.cli.poll:poll",
    "run": "collector.cli.run:run",
    "probe": "collector.cli.probe:probe",
    "discover": "collector.cli.discover:discover",
    "trust": "collector.cli.trust:trust",
    "hosts": "collector.cli.hosts:hosts",
    "show": "collector.cli.show:show",
    "report": "collector.cli.report:report",
    "check": "collector.cli.check:check",
    "families": "collector.cli.families:families",
    "replay": "collector.cli.replay:replay",
    "dashboards": "collector.cli.dashboards:dashboards",
    "store": "collector.cli.store:store",
    "spool": "collector.cli.spool:spool",
    "demo": "collector.cli.demo:demo",
    "simulate": "collector.cli.simulate:simulate",
    "completion": "collector.cli.completion:completion",
}

SUMMARIES = {
    "poll": "Poll what is due once, for cron.",
    "run": "Poll for ever, in place of cron.",
    "probe": "Explain one device: does it answer, as what, with which figures.",
    "discover": "Find SNMP devices and add them to hosts.toml.",
    "trust": "Pin the SSH host keys of devices.",
    "hosts": "List the hosts of the inventory.",
    "show": "Show what the store knows of a host.",
    "report": "Report capacity, coverage and availability, and what to do.",
    "check": "Validate hosts.toml and the files it includes.",
    "families": "List device families, check a family file, or draft one.",
    "replay": "Run recordings through matching, profiles and normaliser.",
    "dashboards": "Write Grafana's dashboards and alert rules.",
    "store": "Look after the store: what is in it, backups, old samples.",
    "spool": "Look after points that wait for an unreachable store.",
    "demo": "Poll this machine and a simulated province.",
    "simulate": "Serve simulated SNMP devices.",
    "completion": "Print the shell's completion script.",
}
"""so that `collector --help` imports none of them; a test compares them with the commands' own help"""


class LazyGroup(click.Group):
    """Commands named by `COMMANDS`, in that order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is no click command")
        add_common_options(command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="collector")
@click.pass_context
def cli(context: click.Context) -> None:
    """Poll devices over SNMP, store their figures, explain what they say.

    \b
    Examples:
      collector check                      is hosts.toml right?
      collector probe 10.0.0.1             what is this device, and what would be collected?
      collector poll                       one cycle of all that is due (cron)
      collector show r1                    latest values
    """
    context.ensure_object(App)


add_common_options(cli)


def _fill_closed_streams() -> None:
    """Standard streams that the caller closed (`>&-`) lead nowhere; else the next file opened, a store, would take their place."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def _replace_false_time_zone() -> None:
    """A $TZ that names a file which is no time zone is UTC to the C library, and an error to others: UTC to all."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named.startswith("/"):
        from pathlib import Path
        from zoneinfo import ZoneInfo

        try:
            with Path(named).open("rb") as file:
                ZoneInfo.from_file(file)
        except (OSError, ValueError):
            os.environ["TZ"] = "UTC"


def main() -> None:
    """Entry point of the `collector` script."""
    _fill_closed_streams()
    _replace_false_time_zone()
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # a terminal that has not all letters gets escapes for the others, as standard error does
        sys.stdout.reconfigure(errors="backslashreplace")
    cli(prog_name="collector")


if __name__ == "__main__":
    main()
