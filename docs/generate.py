"""Write docs/metrics.md from the catalogue, docs/cli.md from the commands and docs/families.md from plugins/; with --check, only compare.

python docs/generate.py [--check]
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from collector.cli.families import Listed, listed
from collector.cli.main import cli
from collector.metrics.catalogue import CATALOGUE, HOST_TAGS, SENSOR_UNITS
from collector.plugin.registry import Registry

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "tests" / "plugins" / "golden"
NOTICE = "<!-- written by docs/generate.py; do not edit -->\n\n"


def metrics() -> str:
    """docs/metrics.md."""
    lines = [
        "# Measurements",
        "",
        f"Every point carries the tags {', '.join(f'`{tag}`' for tag in HOST_TAGS)}, as far as the inventory knows them,",
        "and the tags of its measurement. Counters are stored as the device counts them, with their rates beside them.",
        "A value that is not known is absent, never 0.",
        "",
    ]
    for measurement in CATALOGUE:
        own = f" Own tags: {', '.join(f'`{tag}`' for tag in measurement.tags)}." if measurement.tags else ""
        lines += [f"## {measurement.name}", "", f"{measurement.help}{own} Every {measurement.interval_s} s.", ""]
        lines += ["| field | type | unit | meaning |", "|---|---|---|---|"]
        for field in measurement.fields:
            kind = "counter" if field.rate else field.type.__name__
            lines.append(f"| `{field.name}` | {kind} | {field.unit} | {field.help} |")
        lines.append("")
    lines += ["## Classes of sensors", "", "| class | unit |", "|---|---|"]
    lines += [f"| {name} | {unit} |" for name, unit in SENSOR_UNITS.items()]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _commands(
                    child,
                    click.Context(child, info_name=name, parent=context, max_content_width=100, terminal_width=100),
                )


def reference() -> str:
    """docs/cli.md."""
    lines = ["# Commands", "", "What `--help` says of each command.", ""]
    root = click.Context(cli, info_name="collector", max_content_width=100, terminal_width=100)
    for path, command, context in _commands(cli, root):
        lines += [f"## {path}", "", "```text", command.get_help(context).rstrip(), "```", ""]
    return "\n".join(lines)


def families() -> str:
    """docs/families.md."""
    problems: list[str] = []
    found = list(listed(Registry.open(), problems))
    if problems:
        raise SystemExit("\n".join(problems))
    by_snmp = sum(1 for family in found if family.snmp)
    by_ssh = sum(1 for family in found if family.ssh)
    lines = [
        "# Device families",
        "",
        f"{by_snmp} families by SNMP, {by_ssh} by SSH, and what each yields where a device has it all. How a family is written, and",
        "how to start one for a device that is not here: docs/plugins.md.",
        "",
        *_by_snmp(found),
        "",
        *_by_ssh(found),
    ]
    return "\n".join(lines) + "\n"


def _by_snmp(found: list[Listed]) -> Iterator[str]:
    recorded = Counter(
        path.relative_to(GOLDEN).with_suffix("").as_posix().partition("@")[0] for path in GOLDEN.rglob("*.jsonl")
    )
    yield "## By SNMP"
    yield ""
    yield "The standard MIBs (interfaces, and sensors, parts, processors, memory and storage as far as a device has them) come with"
    yield "nearly every family."
    yield ""
    yield "| family | what it is | identity | measurements | sensors | states | recorded |"
    yield "|---|---|---|---|---|---|---|"
    for family in found:
        if yields := family.snmp:
            cells = (yields.facts, yields.measurements, yields.sensors, yields.states)
            columns = " | ".join(", ".join(cell) for cell in cells)
            yield f"| `{family.name}` | {family.description} | {columns} | {recorded[family.name]} |"


def _by_ssh(found: list[Listed]) -> Iterator[str]:
    yield "## By SSH"
    yield ""
    yield "What an account has to be allowed: these commands, and what a login takes (privileged mode, paging off). Where nobody says"
    yield "what a device is, it is asked a few of them to find out. Of several in brackets a device is asked the first that it knows."
    yield "The last column says what is taken from here although SNMP has it too."
    yield ""
    yield "| family | what it is | commands | measurements | sensors | rather than SNMP |"
    yield "|---|---|---|---|---|---|"
    for family in found:
        if yields := family.ssh:
            commands = "; ".join(map(_alternatives, yields.commands)) or "one script on the standard input of `sh -s`"
            columns = " | ".join(", ".join(cell) for cell in (yields.measurements, yields.sensors, yields.wins))
            yield f"| `{family.name}` | {family.description} | {commands} | {columns} |"


def _alternatives(texts: list[str]) -> str:
    shown = ", ".join(f"`{text.replace('|', chr(92) + '|')}`" for text in texts)
    return f"({shown})" if len(texts) > 1 else shown


def main() -> int:
    """Exit status 1 where --check finds a document that differs from what would be written."""
    stale = 0
    for name, text in (("metrics.md", metrics()), ("cli.md", reference()), ("families.md", families())):
        path = HERE / name
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != NOTICE + text:
                print(f"{path} is out of date: run `make docs`", file=sys.stderr)
                stale = 1
        else:
            path.write_text(NOTICE + text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
