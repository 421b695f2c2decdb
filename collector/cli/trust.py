"""`collector trust`: see the host keys of devices and pin them."""

import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector.cli.app import EXIT_FAILED, EXIT_OK, App, printable

if TYPE_CHECKING:
    from collector.runtime.trust import Shown
    from collector.transport.ssh.known_hosts import HostKey, KnownHosts
    from inventory.model import Host, Inventory

NAMES_SHOWN = 8
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")


@click.command()
@click.argument("select", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Pin new keys without asking, for scripts.")
@click.option(
    "--fingerprint", metavar="SHA256:...", help="Pin the key of the one host if it is this one, without asking."
)
@click.option("--replace", is_flag=True, help="Also put keys that have changed in place of the pinned ones.")
@click.option("--show", "--dry-run", "only_show", is_flag=True, help="Only show what is pinned and what is not.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a host.")
@click.pass_obj
def trust(
    app: App,
    select: tuple[str, ...],
    yes: bool,
    fingerprint: str | None,
    replace: bool,
    only_show: bool,
    as_json: bool,
) -> None:
    """Pin the SSH host keys of devices, so that nobody can stand between them and the collector.

    SELECT names hosts as for poll ('*' is all). Each that is asked by SSH is connected to, many at once, without a login. New
    keys are pinned after one question; compare their fingerprints with what the devices themselves say. A key that has
    changed is pinned with --replace only: do that where the device was replaced or set up anew.

    \b
    Exit codes: 0 all keys are pinned; 1 some are not, or some hosts are unreachable; 2 usage or configuration.

    \b
    Examples:
      collector trust r1
      collector trust role=switch district='bac son'
      collector trust r1 --fingerprint SHA256:uNiVztksCsDhcc0u9e8BrrQXVUpKZIDTMczCvj3tD2s
      collector trust '*' --show                       is every key pinned?
      collector trust r1 --replace                     r1 was replaced
    """
    asks = not (yes or only_show or fingerprint)
    if as_json and asks:
        app.fail("--json asks no questions: add --yes, --show or --fingerprint")
    if asks and not sys.stdin.isatty():
        app.fail("standard input is no terminal to ask at: add --yes to pin new keys, or --show to only see them")
    if fingerprint and not _FINGERPRINT.fullmatch(fingerprint):
        app.fail(f'--fingerprint: found "{fingerprint}", allowed: SHA256:... as ssh-keygen -l shows it')
    inventory = app.inventory()
    hosts = _with_ssh(app, app.select(inventory, select))
    if fingerprint and len(hosts) > 1:
        app.fail(f"--fingerprint is of one host, and {len(hosts)} are selected")
    shown, known_hosts = _look(app, inventory, hosts)
    if not as_json:
        _print_table(shown)
    _warn(shown, inventory, known_hosts)
    another = fingerprint and _is_another(shown[0], fingerprint)
    wanted = [each for each in shown if each.state == "new" or (replace and each.state == "changed")]
    if another or only_show or (asks and wanted and not _agreed(wanted)):
        wanted = []
    _pin(app, wanted, known_hosts, replace=replace)
    pinned = {each.host.name for each in (*wanted, *(each for each in shown if each.state == "pinned"))}
    if as_json:
        _print_json(shown, pinned)
    elif wanted:
        click.echo(f"{_counted(len(wanted), 'key')} pinned in {known_hosts.path}")
    _tell_left([each for each in shown if each.host.name not in pinned], replace=replace)
    sys.exit(EXIT_FAILED if another or len(pinned) < len(shown) else EXIT_OK)


def _with_ssh(app: App, chosen: "list[Host]") -> "list[Host]":
    hosts = [host for host in chosen if host.ssh_credentials]
    others = [host.name for host in chosen if not host.ssh_credentials]
    if not hosts:
        app.fail(f"not asked by SSH, as they have no credentials for it: {_some(others)}")
    if others:
        click.echo(f"{_counted(len(others), 'host')} not asked by SSH left out", err=True)
    return hosts


def _look(app: App, inventory: "Inventory", hosts: "list[Host]") -> "tuple[list[Shown], KnownHosts]":
    from rich.console import Console

    from collector.runtime.engine import SshPools
    from collector.runtime.state import StateDir, StateError
    from collector.runtime.trust import look
    from collector.transport.contract import TransportError

    async def work() -> "tuple[list[Shown], KnownHosts]":
        pools = SshPools(inventory, StateDir(Path(inventory.settings.state_dir)))
        try:
            pool = pools.pool()
            shown = await look(hosts, pool, inventory.settings.ssh_sessions)
        finally:
            await pools.close()
        return shown, pool.known_hosts

    with Console(stderr=True).status(f"connecting to {_counted(len(hosts), 'host')}"):
        try:
            return asyncio.run(work())
        except (StateError, TransportError) as error:
            app.fail(str(error))


def _print_table(shown: "Sequence[Shown]") -> None:
    """Plain lines, never cropped: a fingerprint is compared to its end."""
    rows = [("host", "address", "state", "key")]
    for each in shown:
        what = _key(each.key) if each.key else "; ".join(filter(None, (each.error, each.hint)))
        rows.append((each.host.name, _address(each.host), _STATES.get(each.state, each.state), what))
        if each.state == "changed":
            rows += [("", "", "pinned is", _key(key)) for key in each.before]
    cells = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        click.secho(line, fg=_COLOURS.get(row[2]))


_STATES = {"changed": "CHANGED", "revoked": "REVOKED"}
_COLOURS = {"new": "yellow", "CHANGED": "red", "REVOKED": "red", "pinned is": "red", "unreachable": "red"}


def _key(key: "HostKey") -> str:
    return f"{key.type} {key.fingerprint}"


def _address(host: "Host") -> str:
    address = f"[{host.address}]" if ":" in host.address else host.address
    return f"{address}:{host.ssh_port}{f' via {host.jump}' if host.jump else ''}"


def _warn(shown: "Sequence[Shown]", inventory: "Inventory", known_hosts: "KnownHosts") -> None:
    from collector.runtime.trust import shared_keys

    warnings = list(known_hosts.problems)
    for key, names in shared_keys(shown, inventory.hosts.values(), known_hosts).items():
        warnings.append(
            f"{_some(names)} have the same key, {_key(key)}: one device twice, or copies of one installation, each of"
            " which can pass for the others: give each a key of its own"
        )
    for warning in warnings:
        click.echo(printable(f"warning: {warning}"), err=True)


def _is_another(shown: "Shown", fingerprint: str) -> bool:
    """Whether the one host showed another key than that, which is told."""
    if shown.key is None or shown.key.fingerprint == fingerprint.rstrip("="):
        return False
    click.echo(
        f"{shown.host.name} shows another key than {fingerprint}; of a device with keys of several types that of its"
        f" {printable(shown.key.type)} is needed",
        err=True,
    )
    return True


def _agreed(wanted: "Sequence[Shown]") -> bool:
    changed = sum(1 for each in wanted if each.state == "changed")
    new = len(wanted) - changed
    parts = [
        f"pin {_counted(new, 'new key')}" if new else "",
        f"replace {_counted(changed, 'changed key')}" if changed else "",
    ]
    question = " and ".join(filter(None, parts)).capitalize()
    click.echo("Compare the fingerprints with what the devices themselves say.", err=True)
    return click.confirm(f"{question}?", default=False, err=True)


def _pin(app: App, wanted: "Sequence[Shown]", known_hosts: "KnownHosts", *, replace: bool) -> None:
    from collector.transport.contract import TransportError

    keys = [(each.host.address, each.host.ssh_port, each.key) for each in wanted if each.key]
    if not keys:
        return
    try:
        known_hosts.pin_all(keys, replace=replace)
    except TransportError as error:
        app.fail(str(error), EXIT_FAILED)


def _print_json(shown: "Sequence[Shown]", pinned: set[str]) -> None:
    import msgspec

    for each in shown:
        entry: dict[str, Any] = {
            "host": each.host.name,
            "address": each.host.address,
            "port": each.host.ssh_port,
            "jump": each.host.jump,
            "state": each.state,
            "key_type": each.key.type if each.key else "",
            "fingerprint": each.key.fingerprint if each.key else "",
            "before": [key.fingerprint for key in each.before],
            "pinned": each.host.name in pinned,
            "error": each.error,
            "hint": each.hint,
        }
        click.echo(msgspec.json.encode(entry).decode())


def _tell_left(left: "Sequence[Shown]", *, replace: bool) -> None:
    """What is not pinned, and why."""
    remedies = {
        "new": "not pinned",
        "changed": "not replaced" if replace else "changed: find out why, then pin with --replace",
        "revoked": "revoked in the file of pinned keys: never pinned",
        "unreachable": "unreachable",
    }
    for state, remedy in remedies.items():
        if names := [each.host.name for each in left if each.state == state]:
            click.echo(printable(f"{remedy}: {_some(names)}"), err=True)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _some(names: "Sequence[str]") -> str:
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
