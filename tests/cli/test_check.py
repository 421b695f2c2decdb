"""`collector check` and `collector hosts` as a user runs them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli import checks
from collector.cli.app import App
from collector.cli.main import cli
from collector.plugin.model import Plan, RowPlan, TablePlan
from collector.runtime.facts import HostFacts, host_address
from collector.runtime.state import StateDir
from collector.transport.ssh.known_hosts import HostKey, KnownHosts
from inventory.load import load

SECRET = "hunter2-hunter2"

MAIN = """
include = ["sites.csv"]
[collector]
state_dir = "state"
[store]
kind = "duckdb"
[credentials]
lan.snmp = {{ version = "2c", community = "{community}" }}
[hosts]
r1 = {{ address = "10.0.0.1", site = "bs", role = "wan-router", credentials = ["lan"], links."Gi0/0" = {{}} }}
sw-1 = {{ address = "[2001:db8::1]:1161", site = "bs", role = "switch", credentials = ["lan"], tags = ["ring-1"] }}
off = {{ address = "10.0.0.9", site = "bs", credentials = ["lan"], enabled = false }}
me = {{ transport = "local", site = "bs" }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


def write(folder: Path, community: str = "env:SNMP_RO", more: str = "") -> None:
    (folder / "sites.csv").write_text("id,district\nbs,Bắc Sơn\n")
    (folder / "hosts.toml").write_text(MAIN.format(community=community) + more)
    (folder / "hosts.toml").chmod(0o600)


def run(folder: Path, *arguments: str) -> Result:
    result = CliRunner(env={"SNMP_RO": "x"}).invoke(
        cli, [*arguments, "--config", str(folder / "hosts.toml")], obj=App(), catch_exceptions=False
    )
    assert SECRET not in result.output
    return result


def test_a_good_configuration(folder: Path) -> None:
    result = run(folder, "check")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["files"] == f"2: {folder}/hosts.toml and what it includes"
    assert lines["hosts"] == "4: 2 other, 1 wan-router, 1 switch; 1 disabled"
    assert lines["sites"] == "1"
    assert lines["credentials"] == "lan"
    assert lines["store"] == f"DuckDB, {folder}/state/collector.duckdb"
    assert not (folder / "state").exists(), "a check makes nothing"


def test_warnings_do_not_fail(folder: Path) -> None:
    write(folder, community=SECRET)
    result = run(folder, "check")
    assert result.exit_code == 0
    assert "warning: " in result.stderr
    assert "credentials.lan.snmp.community: the secret itself is in the file" in result.stderr


def test_all_mistakes_of_the_files(folder: Path) -> None:
    write(
        folder,
        community=SECRET,
        more='r2 = { address = "10.0.0.1", role = "router", site = "x", credentials = ["lan"] }\n',
    )
    result = run(folder, "check")
    assert result.exit_code == 2
    assert result.stdout == ""
    told = result.stderr.removeprefix("collector: ").replace(f"{folder}/", "").splitlines()
    assert [line.split(": ")[1] for line in told] == ["hosts.r2.role", "hosts.r2.site", "hosts.r2.address"]


def test_what_cannot_be_used_here(folder: Path) -> None:
    (folder / "state").write_text("a file")
    more = 'r2 = { address = "10.0.0.2", family = "cisco-iso" }\n[collector.intervals]\ninterfaces = 300\n'
    write(folder, community="file:key", more=more)
    text = (
        (folder / "hosts.toml")
        .read_text()
        .replace('state_dir = "state"', 'state_dir = "state"\nplugin_folders = ["f"]')
    )
    (folder / "hosts.toml").write_text(text)
    result = run(folder, "check")
    assert result.exit_code == 2
    told = result.stderr.replace(f"{folder}/", "").replace(str(folder), "").split("collector: ")[1].splitlines()
    assert told[0].startswith(
        "hosts.toml: collector.intervals.interfaces: there is no such measurement, allowed: device"
    )
    assert told[1:] == [
        "hosts.toml: collector.plugin_folders: f is no folder",
        'hosts.r2.family: found "cisco-iso", but there is no such family (collector families lists them)',
        "collector.state_dir: state is no folder",
        "store.path: state is no folder",
        "credentials.lan.snmp.community: file:key: cannot be read: No such file or directory",
    ]


def test_files_only(folder: Path) -> None:
    write(folder, community="file:key")
    assert run(folder, "check").exit_code == 2
    assert run(folder, "check", "--files-only").exit_code == 0


def test_a_mistake_in_a_family_of_the_user(folder: Path) -> None:
    (folder / "f").mkdir()
    (folder / "f" / "mine.toml").write_text("nonsense = 1\n")
    text = (folder / "hosts.toml").read_text()
    (folder / "hosts.toml").write_text(
        text.replace('state_dir = "state"', 'state_dir = "state"\nplugin_folders = ["f"]')
    )
    result = run(folder, "check")
    assert result.exit_code == 2
    assert "f/mine.toml" in result.stderr


def test_a_store_that_is_a_folder(folder: Path) -> None:
    (folder / "state" / "collector.duckdb").mkdir(parents=True)
    result = run(folder, "check")
    assert result.exit_code == 2
    assert f"store.path: {folder}/state/collector.duckdb is a folder, allowed: a file" in result.stderr


def test_links_of_interfaces_that_no_poll_has_seen(folder: Path) -> None:
    inventory = load(folder / "hosts.toml")
    assert checks.unseen_links(inventory, lambda _: None) == []
    assert checks.unseen_links(inventory, lambda _: {"Gi0/0", "Gi0/1"}) == []
    assert checks.unseen_links(inventory, lambda _: {"Gi0/1", "Fa0"}) == [
        'hosts.r1.links."Gi0/0": the device has no such interface; it has: Fa0, Gi0/1'
    ]


def test_interfaces_as_they_were_learnt(folder: Path) -> None:
    inventory = load(folder / "hosts.toml")
    state_dir = folder / "state"
    r1, sw_1 = inventory.hosts["r1"], inventory.hosts["sw-1"]
    assert checks.learnt_interfaces(state_dir)(r1) is None
    rows = [
        RowPlan(index=b"\x01", tags={"name": "Gi0/1"}, shape=0),
        RowPlan(index=b"\x02", tags={"name": "Fa0"}, shape=0),
    ]
    table = TablePlan(table="interface", shapes=[], rows=rows, oids=[], widths=[])
    plan = Plan(family="cisco-ios", fingerprint="", tables=[table], facts={})
    facts = HostFacts(
        address=host_address(r1),
        credential="lan",
        plan=plan,
        reason="",
        sys_object_id="",
        sys_descr="",
        learnt_s=0.0,
    )
    state = StateDir(state_dir)
    state.save("r1", facts)
    state.save("sw-1", facts)
    seen = checks.learnt_interfaces(state_dir)
    assert seen(r1) == {"Gi0/1", "Fa0"}
    assert seen(sw_1) is None, "what was learnt at another address is of another device"
    assert "the device has no such interface; it has: Fa0, Gi0/1" in run(folder, "check").stderr


def test_hosts(folder: Path) -> None:
    result = run(folder, "hosts")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["name", "r1", "sw-1", "me"]
    assert result.stderr == "1 more disabled\n"
    assert "[2001:db8::1]:1161" in result.stdout
    assert "Bắc Sơn" in result.stdout


def test_hosts_selected_as_json(folder: Path) -> None:
    write(folder, community=SECRET)
    result = run(folder, "hosts", "district=bac son", "!me", "role=switch", "--json")
    (line,) = result.stdout.splitlines()
    host = json.loads(line)
    assert (host["name"], host["credentials"], host["tags"]) == ("sw-1", ["lan"], ["ring-1"])
    assert host["site"]["district"] == "Bắc Sơn"


def test_hosts_that_nobody_has(folder: Path) -> None:
    result = run(folder, "hosts", "sw-2")
    assert (result.exit_code, result.stderr) == (2, 'collector: "sw-2" matches no host; near: sw-1\n')


SSH = """
[credentials.cli]
ssh = { user = "ro", password = "env:SSH_RO" }
[hosts]
"""


def with_ssh(folder: Path, count: int, more: str = "") -> Path:
    """The folder with `count` hosts that SSH asks; returns where their keys are pinned."""
    hosts = "".join(
        f'c{n} = {{ address = "10.1.0.{n}", transport = "ssh", site = "bs", credentials = ["cli"] }}\n'
        for n in range(1, count + 1)
    )
    text = MAIN.format(community="env:SNMP_RO").replace("[hosts]", SSH) + hosts + more
    (folder / "hosts.toml").write_text(text)
    return folder / "state" / "known_hosts"


def key(seed: int) -> HostKey:
    kind, blob = b"ssh-ed25519", bytes([seed]) * 32
    return HostKey(kind.decode(), len(kind).to_bytes(4, "big") + kind + len(blob).to_bytes(4, "big") + blob)


def test_host_keys_that_are_not_pinned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_RO", "x")
    more = 'c99 = { address = "10.1.0.99", transport = "ssh", site = "bs", credentials = ["cli"], enabled = false }\n'
    file = with_ssh(folder, 12, more)
    result = run(folder, "check")
    assert result.exit_code == 0
    assert result.stderr == (
        "warning: 12 hosts have no pinned host key, without which SSH asks nobody: collector trust"
        " c1 c2 c3 c4 c5 c6 c7 c8 ...\n"
    )
    assert not (folder / "state").exists()
    assert run(folder, "check", "--files-only").stderr == ""
    pinned = KnownHosts(file)
    pinned.pin_all([(f"10.1.0.{n}", 22, key(n)) for n in range(1, 12)])
    told = run(folder, "check").stderr
    assert told == "warning: 1 host has no pinned host key, without which SSH asks nobody: collector trust c12\n"
    pinned.pin("10.1.0.12", 22, key(12))
    assert run(folder, "check").stderr == ""


def test_damaged_lines_of_pinned_host_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_RO", "x")
    file = with_ssh(folder, 1)
    KnownHosts(file).pin("10.1.0.1", 22, key(1))
    file.write_text(file.read_text() + "10.1.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAE=\n" + "what?\n" * 9)
    told = run(folder, "check").stderr.splitlines()
    assert told[0] == f"warning: {file}:2: no line of known_hosts, allowed: [ADDRESS]:PORT TYPE BASE64"
    assert told[-1] == f"warning: {file}: 2 more such lines"
    assert len(told) == 9


def test_pinned_host_keys_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_RO", "x")
    with_ssh(folder, 1).mkdir(parents=True)
    result = run(folder, "check")
    assert result.exit_code == 2
    assert "collector.known_hosts: " in result.stderr
    assert "cannot be read: Is a directory" in result.stderr


def test_secrets_of_ssh_that_cannot_be_had(folder: Path) -> None:
    with_ssh(folder, 0, 'c1 = { address = "10.1.0.1", credentials = ["cli"], family = "linux/server" }\n')
    result = run(folder, "check")
    assert result.exit_code == 2
    assert "credentials.cli.ssh.password: env:SSH_RO: " in result.stderr
    assert "no such family" not in result.stderr, "a family may have no other side than the command line"
