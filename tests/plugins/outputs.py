"""Recorded outputs of commands beside the families' cli.toml, and the rows they were reviewed to give.

`python -m tests.plugins.outputs [FAMILY...]` writes the rows of all outputs anew: read what changed before it is committed.

An output lies in the family's folder as `show_interfaces.raw`, further ones as `show_interfaces@c2960.raw`: the command with
underscores for all that is neither a letter nor a digit. Its rows lie beside it as `.yml`.
"""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

import plugins
from collector.plugin.cli.model import CliFamily, Command
from collector.plugin.cli.rows import Parsed, parse
from collector.plugin.registry import Registry

FOLDER = Path(plugins.__path__[0])


def file_name(command: str) -> str:
    """A command as a file is called."""
    return re.sub(r"[^A-Za-z0-9]+", "_", command).strip("_")


def outputs(family: str) -> list[Path]:
    """All recorded outputs of a family."""
    return sorted((FOLDER / family).glob("*.raw"))


def command_of(family: CliFamily, raw: Path) -> Command:
    """Which of the family's commands gave an output."""
    wanted = raw.stem.partition("@")[0]
    for command in family.commands:
        if wanted in map(file_name, command.texts):
            return command
    names = [file_name(text) for command in family.commands for text in command.texts]
    raise LookupError(f"{raw}: no command of {family.name} is called {wanted}; there are {', '.join(names)}")


def text_of(raw: Path) -> str:
    """An output as the transport hands it on: lines end in a newline, neither echo nor prompt."""
    return raw.read_text(encoding="utf-8")


def told(parsed: Parsed) -> list[dict[str, Any]]:
    """Rows as they stand in the `.yml`."""
    return [{"measurement": row.measurement, "tags": row.tags, "fields": row.fields} for row in parsed.rows]


def main(families: list[str]) -> None:
    """Write the `.yml` of every output."""
    registry = Registry.open()
    for name in families or registry.cli_names():
        family = registry.cli(name)
        if family is None:
            raise LookupError(f"{name} has no cli.toml")
        for raw in outputs(name):
            parsed = parse(command_of(family, raw), text_of(raw))
            if parsed.problems:
                sys.stdout.write("\n  ".join([str(raw), *parsed.problems]) + "\n")
            text = yaml.safe_dump(told(parsed), sort_keys=False, allow_unicode=True, width=120)
            raw.with_suffix(".yml").write_text(text, encoding="utf-8")
            sys.stdout.write(f"{raw.relative_to(FOLDER)}: {len(parsed.rows)} rows\n")


if __name__ == "__main__":
    main(sys.argv[1:])
