"""Which family's command line a device has, where nobody says it: by its SSH banner, else by a few harmless questions."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from collector.plugin.cli.model import CliFamily, CliRule
from collector.plugin.errors import FamilyError
from collector.plugin.registry import Registry
from collector.transport.contract import TransportError
from collector.transport.ssh.dial import Deadline
from collector.transport.ssh.errors import PromptError
from collector.transport.ssh.pool import Connection
from collector.transport.ssh.shell import run_script

UNKNOWN_PLATFORM = "autodetect"
"""netmiko's name for a command line of which nothing is known"""
_WHO = b"uname -s\n"
_MAX_QUESTIONS = 16
_ANY_PROMPT = r"(?:^|\n)[^\n]{0,20}{base}[^\n]{0,40}[#>\]%$]\s*\Z"


@dataclass(frozen=True)
class Detected:
    """A family, and what gave it away."""

    family: CliFamily
    reason: str


def by_banner(registry: Registry, banner: str) -> Detected | None:
    """The family of which the banner alone tells."""
    for family, rule in _rules(registry):
        if rule.banner and not rule.command and rule.banner.search(banner):
            return Detected(family, f"SSH calls itself {banner}")
    return None


def by_asking(
    registry: Registry, connection: Connection, log_in: Callable[[], Connection], host: str, deadline: Deadline
) -> Detected:
    """Ask what it is: a shell first where the banner is a server's, then the commands of the families' rules. The
    connection is closed in the end, and a second one made in between: many a device closes one with its first session.

    Raises:
        PromptError: no family knows it.
        TransportError: it does not answer.
    """
    banner = connection.handshake.banner
    fitting = [(family, rule) for family, rule in _rules(registry) if not rule.banner or rule.banner.search(banner)]
    said: list[str] = []
    if any(family.script for family, _ in fitting):
        try:
            said.append(_shell(connection, host, deadline))
        finally:
            connection.close()
        for family, rule in fitting:
            if family.script and rule.output and rule.output.search(said[-1]):
                return Detected(family, f"its shell says {said[-1].strip()[:40]}")
        connection = log_in()
    try:
        return _by_commands([pair for pair in fitting if not pair[0].script], connection, host, deadline, said)
    finally:
        connection.close()


def _by_commands(
    rules: Sequence[tuple[CliFamily, CliRule]], connection: Connection, host: str, deadline: Deadline, said: list[str]
) -> Detected:
    from collector.transport.ssh.cli import CliSession  # netmiko takes a fifth of a second to load

    counts = Counter(rule.command for _, rule in rules if rule.command)
    commands = [command for command, _ in counts.most_common(_MAX_QUESTIONS)]
    session = CliSession(connection.transport, _questions(commands), host, None)
    session.open(deadline)
    for command in commands:
        text = session.run(command).text
        for family, rule in rules:
            if rule.command == command and rule.output and rule.output.search(text):
                return Detected(family, f"{command!r} says so")
        said.append(text)
    begun = " | ".join(dict.fromkeys(" ".join(text.split())[:60] for text in said if text.strip()))
    raise PromptError(
        f"no family knows this command line: {connection.handshake.banner}; it says {begun!r}",
        host=host,
        hint="set `family`: collector families lists those with a command line",
    )


def _shell(connection: Connection, host: str, deadline: Deadline) -> str:
    try:
        return run_script(connection.transport, _WHO, host, deadline).output[:200].decode("utf-8", "replace")
    except TransportError as error:
        deadline.left()
        return str(error.args[0])


def _rules(registry: Registry) -> Iterable[tuple[CliFamily, CliRule]]:
    for name in registry.cli_names():
        try:
            family = registry.cli(name)
        except FamilyError as error:  # its mistakes cost its own devices
            registry.problems += error.problems
            continue
        if family:
            for rule in family.matches:
                yield family, rule


def _questions(commands: list[str]) -> CliFamily:
    """A family that knows nothing but the questions."""
    rules = tuple(CliRule(command=command) for command in commands)
    return CliFamily(
        name="unknown", description="", fingerprint="", platform=UNKNOWN_PLATFORM, prompt=_ANY_PROMPT, matches=rules
    )
