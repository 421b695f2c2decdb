"""Help, where the configuration comes from, and how little a start costs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from collector.cli.app import App
from collector.cli.main import COMMANDS, SUMMARIES, cli
from tests.cli.farm import SWITCH
from tests.cli.lines import lines, router
from tests.cli.place import Place
from tests.transport.ssh.sshd import USER, Sshd

HEAVY = {
    "duckdb",
    "numpy",
    "babel",
    "xlsxwriter",
    "rich",
    "pysnmp",
    "cryptography",
    "asyncio",
    "influxdb_client",
    "netmiko",
    "tomlkit",
    "urllib.request",
}
NOT_FOR_A_POLL = {
    "numpy",
    "babel",
    "pysnmp",
    "influxdb_client",
    "netmiko",
    "rich",
    "tomlkit",
    "cryptography",
    "urllib.request",
}
NOT_WITHOUT_SSH = {
    "paramiko",
    "netmiko",
    "textfsm",
    "asyncssh",
    "collector.plugin.cli.compile",
    "collector.runtime.ssh_visit",
    "collector.transport.ssh",
    "collector.transport.linux",
}


def every_command() -> Iterator[tuple[str, click.Command]]:
    """All commands and their commands, by what a user types."""
    context = click.Context(cli, obj=App())
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command
        yield from _with_inner(name, command)


def _with_inner(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for inner in command.commands:
            yield from _with_inner(f"{name} {inner}", command.commands[inner])


@pytest.mark.parametrize(("name", "command"), [pytest.param(*each, id=each[0]) for each in every_command()])
def test_help_has_an_example_and_the_options_that_all_share(place: Place, name: str, command: click.Command) -> None:
    result = place.run_bare(*name.split(), "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Example" in result.stdout
    assert f"collector {name.split()[0]}" in result.stdout
    assert all(option in result.stdout for option in ("--config", "--verbose", "--quiet", "--log-json"))
    assert place.run_bare(*name.split(), "-h").stdout == result.stdout
    undocumented = [
        each.name
        for each in command.params
        if isinstance(each, click.Option) and not each.help and not each.show_default
    ]
    assert undocumented == []


def test_summaries_are_the_first_lines_of_the_commands_help() -> None:
    context = click.Context(cli, obj=App())
    own = {}
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command
        assert command.help
        own[name] = command.help.split("\n\n")[0].replace("\n", " ").strip()
    shortened = {name: _agreeing(SUMMARIES[name], own[name]) for name in SUMMARIES}
    assert shortened == own


def _agreeing(summary: str, own: str) -> str:
    """A summary may leave out what its command's help has in brackets or behind a colon."""
    stem = summary.removesuffix(".")
    return own if own.startswith(stem) else summary


def test_help_of_all_names_every_command_once(place: Place) -> None:
    result = place.run_bare("--help")
    listed = [line.split()[0] for line in result.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert [name for name in listed if name in COMMANDS] == list(COMMANDS)


def test_version(place: Place) -> None:
    assert place.child("--version").stdout.startswith("collector, version ")


@pytest.mark.parametrize("arguments", [["pol"], ["poll", "--no-such-option"]])
def test_unknown_words_are_usage_errors(place: Place, arguments: list[str]) -> None:
    result = place.run_bare(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "No such" in result.stderr


def _modules_after(place: Place, *arguments: str) -> set[str]:
    script = (
        "import sys\nfrom collector.cli.main import main\nsys.argv[0] = 'collector'\n"
        "try:\n    main()\nexcept SystemExit as ended:\n    assert not ended.code, ended.code\n"
        "print(*sys.modules, file=open('modules', 'w'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=place.folder, env=place._environment({}), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    return set((place.folder / "modules").read_text().split())


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["poll", "--help"], ["probe", "--help"], ["report", "--help"]]
)
def test_help_imports_nothing_heavy(place: Place, arguments: list[str]) -> None:
    allowed = set() if arguments[0].startswith("-") else {"asyncio"}
    assert HEAVY & _modules_after(place, *arguments) <= allowed


def test_a_poll_imports_only_what_it_uses(place: Place) -> None:
    place.write({"sw1": SWITCH})
    modules = _modules_after(place, "poll")
    assert "duckdb" in modules
    assert (NOT_FOR_A_POLL | NOT_WITHOUT_SSH) & modules == set()
    place.write({"sw1": SWITCH}, store='kind = "stdout"')
    assert "duckdb" not in _modules_after(place, "poll")


def test_a_poll_by_ssh_imports_only_what_it_uses(place: Place) -> None:
    never = NOT_FOR_A_POLL - {"cryptography", "netmiko"} | {"asyncssh", "ntc_templates", "invoke.collection"}
    with lines(place, r1=router(1)) as it:
        it.write({"r1": it.table("r1", ', family = "huawei/vrp"')})
        modules = _modules_after(place, "poll")
        assert {"paramiko", "netmiko", "textfsm"} <= modules
        assert never & modules == set()
        modules = _modules_after(place, "check") | _modules_after(place, "hosts")
        assert {"paramiko", "netmiko", "textfsm", "cryptography"} & modules == set()


@pytest.mark.server
def test_a_poll_of_a_server_needs_nothing_of_command_lines(place: Place, sshd: Sshd) -> None:
    login = f'[credentials.key.ssh]\nuser = "{USER}"\nkey = "file:{sshd.folder.parent / "key"}"\n'
    table = f'{{ address = "127.0.0.1", ssh_port = {sshd.port}, transport = "ssh", credentials = ["key"], family = "linux/server" }}'
    place.write({"server": table}, more=login)
    place.state.mkdir()
    (place.state / "known_hosts").write_text(sshd.known_hosts())
    modules = _modules_after(place, "poll")
    assert "paramiko" in modules
    assert {"netmiko", "textfsm", "asyncssh", "rich", "pysnmp"} & modules == set()


def test_the_configuration_may_stand_before_and_behind_the_command(place: Place) -> None:
    place.write({"sw1": SWITCH})
    config = str(place.config)
    for arguments in (["--config", config, "hosts"], ["hosts", "--config", config]):
        result = place.run_bare(*arguments)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "sw1" in result.stdout
    other = place.folder / "other.toml"
    other.write_text(place.config.read_text().replace("sw1", "sw2"))
    other.chmod(0o600)
    assert "sw2" in place.run_bare("--config", config, "hosts", "--config", str(other)).stdout


def test_the_configuration_may_be_in_the_environment_or_the_folder(place: Place) -> None:
    place.write({"sw1": SWITCH})
    assert "sw1" in place.run_bare("hosts", env={"COLLECTOR_CONFIG": str(place.config)}).stdout
    assert "sw1" in place.child("hosts").stdout
    other = place.folder / "other.toml"
    other.write_text(place.config.read_text().replace("sw1", "sw2"))
    other.chmod(0o600)
    assert "sw2" in place.child("hosts", env={"COLLECTOR_CONFIG": "other.toml"}).stdout
    assert "sw1" in place.child("hosts", "--config", "hosts.toml", env={"COLLECTOR_CONFIG": "other.toml"}).stdout


@pytest.mark.parametrize(
    "command",
    ["poll", "run", "hosts", "check", "show sw1", "discover", "store info", "spool status", "report summary"],
)
def test_no_configuration_is_told(place: Place, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    result = place.run_bare(*command.split())
    assert (result.exit_code, result.stdout) == (2, "")
    for place_to_look in ("--config", "$COLLECTOR_CONFIG", "hosts.toml", "/etc/collector/hosts.toml"):
        assert place_to_look in result.stderr


@pytest.mark.parametrize(
    "command",
    ["poll", "run", "hosts", "check", "show sw1", "discover", "store info", "spool status", "report summary"],
)
def test_a_configuration_that_is_not_there_is_told(place: Place, command: str) -> None:
    result = place.run(*command.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(place.config) in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(place: Place, shell: str) -> None:
    result = place.run_bare("completion", shell)
    assert result.exit_code == 0
    assert "_COLLECTOR_COMPLETE" in result.stdout


def test_completion_completes(place: Place) -> None:
    words = {"_COLLECTOR_COMPLETE": "bash_complete", "COMP_WORDS": "collector po", "COMP_CWORD": "1"}
    script = [sys.executable, "-c", "from collector.cli.main import main; main()"]
    done = subprocess.run(script, env=place._environment(words), capture_output=True, text=True)
    assert done.stdout.splitlines() == ["plain,poll"]


def test_a_reader_that_has_seen_enough_causes_no_complaint(place: Place) -> None:
    place.write({f"sw{number}": f'{{ address = "10.0.{number // 250}.{number % 250 + 1}" }}' for number in range(3000)})
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "collector.cli.main", "hosts"],
        cwd=place.folder,
        env=place._environment({}),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert done.stderr == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_nowhere(place: Place, closed: str) -> None:
    place.write({"sw1": '{ address = "10.0.0.1" }'})
    for command in (["hosts"], ["report", "inventory"], ["hosts", "nobody"]):
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "collector.cli.main", *command],
            cwd=place.folder,
            env=place._environment({}),
            capture_output=True,
            text=True,
        )
        assert done.returncode == (2 if "nobody" in command else 0), done.stderr
        assert "Traceback" not in done.stderr


def test_every_command_that_prints_json_prints_json(place: Place) -> None:
    place.write({"sw1": SWITCH})
    assert place.run("poll").exit_code == 0
    for arguments in (
        ["hosts", "--json"],
        ["families", "--json"],
        ["show", "sw1", "--json"],
        ["store", "info", "--json"],
        ["spool", "status", "--json"],
        ["discover", "sw1", "--json"],
        ["report", "inventory", "--format", "json"],
    ):
        result = place.run(*arguments)
        assert (result.exit_code, result.stderr) == (0, ""), arguments
        text = result.stdout
        assert [json.loads(line) for line in text.splitlines()] if text.count("\n}") == 0 else json.loads(text)
