"""`collector probe`: explain one device."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import App

if TYPE_CHECKING:
    from collector.runtime.probe.evidence import Evidence
    from collector.runtime.probe.run import ProbeOptions
    from inventory.model import Community, Host, Inventory, Secret, UsmUser


@click.command()
@click.argument("target", metavar="HOST|ADDRESS")
@click.option("--community", is_flag=True, help="Ask for a community ($COLLECTOR_COMMUNITY, else a prompt).")
@click.option("--v1", is_flag=True, help="With --community: SNMPv1 in place of v2c.")
@click.option(
    "--v3-user",
    metavar="USER",
    help="Use SNMPv3 as this user; keys from $COLLECTOR_AUTH_KEY and $COLLECTOR_PRIV_KEY, else prompts.",
)
@click.option(
    "--auth", type=click.Choice(["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]), help="With --v3-user."
)
@click.option(
    "--priv", type=click.Choice(["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"]), help="With --v3-user."
)
@click.option("--context", default="", help="With --v3-user: SNMPv3 context.")
@click.option("--port", type=click.IntRange(1, 65535), help="SNMP port.")
@click.option("--family", help="Use this family instead of the best match.")
@click.option(
    "--pause",
    "pause_s",
    type=click.FloatRange(0, 300),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Time between the two readings; 0 for one reading.",
)
@click.option("--json", "as_json", is_flag=True, help="All evidence as JSON.")
@click.option(
    "--all", "show_all", is_flag=True, help="Show every table, interface and point, not only the telling ones."
)
@click.option(
    "--capture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a redacted recording of the device that `collector replay` reads.",
)
@click.option("--pseudonyms", is_flag=True, help="With --capture: hide names, addresses and serial numbers too.")
@click.option("--write", is_flag=True, help="Write the points to the store.")
@click.pass_obj
def probe(
    app: App,
    target: str,
    community: bool,
    v1: bool,
    v3_user: str | None,
    auth: str | None,
    priv: str | None,
    context: str,
    port: int | None,
    family: str | None,
    pause_s: float,
    as_json: bool,
    show_all: bool,
    capture: Path | None,
    pseudonyms: bool,
    write: bool,
) -> None:
    """Explain one device: does it answer, as what, with which figures.

    HOST is a name of the inventory; any other ADDRESS is tried with the inventory's credentials, or with --community or
    --v3-user. Secrets are never arguments: they come from the environment or a prompt. Nothing is stored without --write.

    \b
    Exit codes: 0 all well, 1 partly, 2 usage or configuration, 10 the name has no address, 11 unreachable, 12 the host is
    down, 13 up but silent to SNMP, 14 SNMP port closed, 15 SNMPv3 refused, 16 something else answers, 17 a family file
    is wrong, 18 the store could not be written, 19 its SSH host key is not trusted, 20 SSH login refused, 21 SSH fails
    otherwise.

    \b
    Examples:
      collector probe r1
      collector probe 10.0.0.1 --community
      collector probe 10.0.0.1 --v3-user monitor --auth sha256 --priv aes128
      collector probe r1 --capture r1.snmprec && collector replay r1.snmprec
    """
    from collector.runtime.probe.run import ProbeOptions

    inventory = app.inventory() if app.has_config() else None  # a probe works without
    snmp = _given(app, community, v1, v3_user, auth, priv, context)
    host = _host(app, inventory, target, snmp, port, family)
    if write and inventory is None:
        app.fail("--write: no inventory names a store")
    evidence = _probe(
        app,
        inventory,
        host,
        ProbeOptions(pause_s=pause_s, capture=capture, pseudonyms=pseudonyms, write=write),
        quiet=as_json,
    )
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(evidence)))
    else:
        from collector.cli.probe_view import show

        show(app.console, evidence, everything=show_all)
    sys.exit(evidence.cause)


def _probe(
    app: App, inventory: "Inventory | None", host: "Host", options: "ProbeOptions", *, quiet: bool
) -> "Evidence":
    from rich.console import Console

    from collector.runtime.lease import HeldError
    from collector.runtime.probe.run import probe_host
    from collector.runtime.state import StateError

    with Console(stderr=True, quiet=quiet).status("probing") as status:
        try:
            return asyncio.run(probe_host(host, inventory, options, lambda what: status.update(what)))
        except (HeldError, StateError, OSError) as error:
            app.fail(str(error))


def _given(
    app: App, community: bool, v1: bool, v3_user: str | None, auth: str | None, priv: str | None, context: str
) -> "Community | UsmUser | None":
    from inventory.model import Community, UsmUser

    if v3_user is not None and (community or v1):
        app.fail("--v3-user excludes --community and --v1")
    if v3_user is None and (auth or priv or context):
        app.fail("--auth, --priv and --context go with --v3-user")
    if priv and not auth:
        app.fail("--priv needs --auth")
    if v3_user is not None:
        auth_key = _ask("COLLECTOR_AUTH_KEY", "Authentication key") if auth else None
        priv_key = _ask("COLLECTOR_PRIV_KEY", "Privacy key") if priv else None
        return UsmUser(user=v3_user, auth=auth, auth_key=auth_key, priv=priv, priv_key=priv_key, context=context)  # type: ignore[arg-type] # click checked them
    if community or v1:
        return Community(version="1" if v1 else "2c", community=_ask("COLLECTOR_COMMUNITY", "Community"))
    return None


def _ask(variable: str, what: str) -> "Secret":
    import os

    from inventory.model import Secret

    if variable in os.environ:
        return Secret(f"env:{variable}")
    return Secret(click.prompt(what, hide_input=True, err=True))


def _host(
    app: App,
    inventory: "Inventory | None",
    target: str,
    snmp: "Community | UsmUser | None",
    port: int | None,
    family: str | None,
) -> "Host":
    from msgspec.structs import replace

    from inventory.address import parse_address
    from inventory.model import Credential, Host

    known = inventory.hosts.get(target) if inventory else None
    if known is None and inventory:
        known = next((host for host in inventory.hosts.values() if host.address == target), None)
    given: tuple[Credential, ...] = (Credential(name="given", snmp=snmp),) if snmp else ()
    if known:
        if known.is_local:
            app.fail(
                f'{target} is this machine (transport = "local"): there is nothing to probe; see: collector poll {target} --output json --all'
            )
        host = replace(known, credentials=given or known.credentials)
    else:
        try:
            address, in_address = parse_address(target)
        except ValueError as error:
            app.fail(f"{target}: neither a host of the inventory nor an address: {error}")
        credentials = (
            given or tuple(each for each in inventory.credentials.values() if each.snmp) if inventory else given
        )
        host = Host(name=target, address=address, snmp_port=in_address or 161, credentials=credentials)
    if not host.credentials:
        app.fail(f"{target}: no credentials to try: give --community or --v3-user, or name some in hosts.toml")
    return replace(host, snmp_port=port or host.snmp_port, family=family or host.family)
