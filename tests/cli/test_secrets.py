"""No command tells a secret: not on the terminal, in a log, in an answer, nor in anything it writes."""

import base64
import itertools
import json
import signal
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from collector.transport.snmp.native import CommunityEngine
from tests.cli.farm import COMMUNITY, DEAD, OTHER, SWITCH
from tests.cli.place import Place
from tests.store.faults import FaultServer, Reply, Request
from tests.transport.snmpd import AUTH_PASSPHRASE, PRIV_PASSPHRASE

SECRETS = {
    "community": COMMUNITY,
    "wrong_community": "a-community-of-nobody",
    "auth_key": AUTH_PASSPHRASE,
    "priv_key": PRIV_PASSPHRASE,
    "wrong_auth_key": "an auth passphrase that is wrong",
    "wrong_priv_key": "a priv passphrase that is wrong",
    "token": "influx-token-Zm9v==",
    "password": "influx pass/word&1",
}

CONFIG = """
[collector]
state_dir = "state"
[store]
{store}
[credentials]
right.snmp = {{ version = "2c", community = "{community}" }}
wrong.snmp = {{ version = "2c", community = "{wrong_community}" }}
v3.snmp = {{ version = "3", user = "sha1-aes128", auth = "sha1", auth_key = "{auth_key}", priv = "aes128", priv_key = "{priv_key}" }}
wrong-auth.snmp = {{ version = "3", user = "sha1-aes128", auth = "sha1", auth_key = "{wrong_auth_key}", priv = "aes128", priv_key = "{priv_key}" }}
wrong-priv.snmp = {{ version = "3", user = "sha1-aes128", auth = "sha1", auth_key = "{auth_key}", priv = "aes128", priv_key = "{wrong_priv_key}" }}
[defaults]
ping = false
limits = {{ timeout_s = 0.15, retries = 0 }}
[hosts]
sw1 = {{ address = "{switch}", credentials = ["wrong", "right"] }}
dead = {{ address = "{dead}", credentials = ["right"] }}
silent = {{ address = "{other}", credentials = ["wrong", "right"] }}
server = {{ address = "127.0.0.1:{snmpd}", credentials = ["v3"] }}
refused = {{ address = "[::1]:{snmpd}", credentials = ["wrong-auth", "wrong-priv"] }}
"""

STORES = {
    "duckdb": 'kind = "duckdb"',
    "v1": 'kind = "influxdb"\nurl = "{url}"\ndatabase = "d"\nuser = "u"\npassword = "{password}"',
    "v2": 'kind = "influxdb"\nurl = "{url}"\norg = "o"\nbucket = "b"\ntoken = "{token}"',
}

ABOUT_DEVICES = [
    "poll -vv",
    "poll --output json --all -vv --log-json",
    "poll --output line --all -vv",
    "poll --dry-run --all -vv",
    "probe sw1 --pause 0 --all -vv --write --capture {folder}/sw1.snmprec",
    "probe server --pause 0 --json -vv --capture {folder}/server.snmprec",
    "probe refused --pause 0 -vv",
    "probe silent --pause 0 --json -vv",
    "probe {stranger} --community --pause 0 -vv --json",
    "discover -vv",
    "discover --json -vv",
    "hosts -vv",
    "hosts --json -vv",
    "show sw1 -vv",
    "check -vv",
    "families --json -vv",
    "replay {folder}/sw1.snmprec {folder}/server.snmprec -vv",
    "report all -vv -o {folder}/reports",
    "report coverage monitoring -vv --format json",
    "store info -vv",
    "store compact -vv",
    "store backup {folder}/backup.duckdb -vv",
    "spool status -vv",
]
ABOUT_STORES = [
    "poll -vv",
    "poll -vv --log-json",
    "probe sw1 --pause 0 --json -vv --write",
    "show sw1 -vv",
    "show sw1 --json -vv",
    "report coverage monitoring -vv --format json",
    "check -vv",
    "store info -vv",
    "store info --json",
    "spool status -vv",
    "spool flush -vv",
]


def forms_of(secret: str) -> list[bytes]:
    """A secret as it is, and as it travels."""
    plain = secret.encode()
    return [
        plain,
        base64.b64encode(plain),
        base64.b64encode(f"u:{secret}".encode()),
        urllib.parse.quote(secret, safe="").encode(),
        urllib.parse.quote_plus(secret).encode(),
        json.dumps(secret)[1:-1].encode(),
        plain.hex().encode(),
    ]


def told(text: bytes, secrets: Mapping[str, str] = SECRETS) -> list[str]:
    """Names of the secrets that `text` holds."""
    return [name for name, secret in secrets.items() if any(form in text for form in forms_of(secret))]


def echo(status: int) -> object:
    """A server that puts all it was told into what it answers, as careless proxies do."""

    def answer(request: Request) -> Reply:
        heard = f"{request.headers} {request.parameters} {request.path}"
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic":
            heard = f"no rights for {base64.b64decode(credentials).decode()}: {heard}"
        return Reply(status, json.dumps({"code": "unauthorized", "error": heard, "message": heard}))

    return answer


@contextmanager
def _server(kind: str) -> Iterator[str]:
    script = {"takes": [], "refuses": [echo(401)], "fails": [echo(503)], "rejects": [echo(400)]}[kind]
    with closing(FaultServer(*script)) as server:
        yield server.url


def written(place: Place, form: str, secrets: Mapping[str, str] = SECRETS) -> dict[str, str]:
    """The secrets as hosts.toml has them."""
    if form == "literal":
        return {name: json.dumps(secret)[1:-1] for name, secret in secrets.items()}
    if form == "env":
        place.env |= {name.upper(): secret for name, secret in secrets.items()}
        return {name: f"env:{name.upper()}" for name in secrets}
    folder = place.folder / "secrets"
    folder.mkdir()
    for name, secret in secrets.items():
        (folder / name).write_text(secret + "\n")
        (folder / name).chmod(0o600)
    return {name: f"file:{folder / name}" for name in secrets}


def _write(place: Place, form: str, store: str, snmpd: int, url: str) -> None:
    settings = written(place, form)
    at = place.farm.at
    text = CONFIG.format(
        store=STORES[store].format(url=url, **settings),
        switch=at(SWITCH),
        dead=at(DEAD),
        other=at(OTHER),
        snmpd=snmpd,
        **settings,
    )
    place.config.write_text(text)
    place.config.chmod(0o600)


def assert_nothing_told(place: Place, secrets: Mapping[str, str] = SECRETS) -> None:
    """In all that was written, but for where the secrets were put by the user."""
    for path in place.folder.rglob("*"):
        if path.is_file() and path != place.config and path.parent != place.folder / "secrets":
            assert told(path.read_bytes(), secrets) == [], path


def assert_silence_about_secrets(place: Place, commands: list[str]) -> None:
    for command in commands:
        arguments = command.format(folder=place.folder, stranger=place.farm.at("127.4.0.6")).split()
        result = place.run(*arguments, env={"COLLECTOR_COMMUNITY": COMMUNITY})
        assert told(result.output.encode()) == [], f"{command}\n{result.output}"
    assert_nothing_told(place)


@pytest.mark.server
@pytest.mark.parametrize("form", ["literal", "env", "file"])
def test_no_command_tells_what_opens_devices(place: Place, snmpd: int, form: str) -> None:
    _write(place, form, "duckdb", snmpd, "")
    once = (".snmprec", "report all", "families")
    commands = [each for each in ABOUT_DEVICES if form == "literal" or not any(word in each for word in once)]
    assert_silence_about_secrets(place, commands)


@pytest.mark.parametrize(
    ("form", "store", "answers"),
    [
        ("env", "v1", "takes"),
        ("file", "v2", "takes"),
        ("literal", "v1", "refuses"),
        ("env", "v2", "refuses"),
        ("file", "v1", "rejects"),
        ("literal", "v2", "rejects"),
        ("literal", "v2", "fails"),
    ],
)
def test_no_command_tells_what_opens_the_store(place: Place, form: str, store: str, answers: str) -> None:
    with _server(answers) as url:
        _write(place, form, store, 161, url)
        text = place.config.read_text()
        place.config.write_text(text[: text.index("dead = {")])  # the store is what this is about
        assert_silence_about_secrets(place, ABOUT_STORES)


@pytest.mark.server
def test_the_commands_above_do_what_they_are_for(place: Place, snmpd: int) -> None:
    """Otherwise there would be nothing to tell."""
    _write(place, "literal", "duckdb", snmpd, "")
    assert place.run("poll").exit_code == 1
    stored = place.run("poll", "--output", "json", "--all").stdout
    ok = {
        point["tags"]["host"]: point["fields"]["outcome"]
        for point in map(json.loads, stored.splitlines())
        if point["measurement"] == "poll"
    }
    assert {name for name, outcome in ok.items() if outcome == "ok"} == {"sw1", "server"}
    assert {point["measurement"] for point in map(json.loads, stored.splitlines())} >= {"interface", "memory"}


@pytest.mark.server
def test_a_traceback_tells_no_secret(place: Place, snmpd: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: CommunityEngine, *_: object, **__: object) -> object:
        raise RuntimeError(f"a defect of {self!r}")

    monkeypatch.setattr(CommunityEngine, "exchange", broken)
    _write(place, "literal", "duckdb", snmpd, "")
    for options in (["-vv"], ["-vv", "--log-json"]):
        result = place.run("poll", *options)
        assert "Traceback" in result.stderr
        assert "a defect of" in result.stderr
        assert told(result.output.encode()) == []
    assert_nothing_told(place)


def test_settings_print_without_secrets(place: Place) -> None:
    from inventory.load import load

    _write(place, "literal", "v1", 161, "http://127.0.0.1:1")
    inventory = load(place.config)
    for thing in (inventory, *inventory.hosts.values(), inventory.store, *inventory.credentials.values()):
        assert told(repr(thing).encode()) == []
        assert told(str(thing).encode()) == []


@pytest.mark.parametrize("key", ["comunity", "community2", "user"])
def test_a_mistake_beside_a_secret_is_told_without_it(place: Place, key: str) -> None:
    place.write({"sw1": SWITCH})
    place.config.write_text(place.config.read_text().replace("community =", f"{key} ="))
    for command in ("check", "poll", "hosts", "discover", "show sw1", "store info", "report summary"):
        result = place.run(*command.split())
        assert result.exit_code == 2
        assert "credentials.lan" in result.stderr
        assert COMMUNITY not in result.output


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o000])
def test_a_secret_that_cannot_be_had_is_named_by_its_reference(place: Place, mode: int) -> None:
    secret = place.folder / "community"
    secret.write_text(COMMUNITY)
    secret.chmod(mode)
    place.write({"sw1": SWITCH}, community=f"file:{secret}")
    result = place.run("poll", "-vv")
    if mode:  # root may read what nobody may
        assert result.exit_code == 1
        assert f"file:{secret}" in result.stderr
        assert "chmod 600" in result.stderr
    assert COMMUNITY not in result.output
    place.write({"sw1": SWITCH}, community="env:NOBODY_HAS_SET_THIS")
    result = place.run("poll")
    assert result.exit_code == 1
    assert "env:NOBODY_HAS_SET_THIS" in result.stderr


@pytest.mark.server
def test_the_resident_poller_tells_no_secret(place: Place, snmpd: int) -> None:
    with closing(FaultServer(echo(401))) as server:
        _write(place, "env", "v2", snmpd, server.url)
        place.config.write_text(place.config.read_text().replace("[collector]", "[collector]\ninterval_s = 1", 1))
        with place.background("run", "-vv") as running:
            running.wait_for("cycle: ")
            running.signal(signal.SIGHUP)
            running.wait_for("inventory read again")
            assert all(secret not in _command_line(running.process.pid) for secret in SECRETS.values())
            running.signal(signal.SIGTERM)
            assert running.process.wait(20) == 0
            assert told(running.log().encode()) == []
    assert_nothing_told(place)


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_forms_are_found() -> None:
    for (name, secret), form in itertools.product(SECRETS.items(), range(len(forms_of("x")))):
        assert name in told(b"..." + forms_of(secret)[form] + b"...")
