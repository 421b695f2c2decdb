"""The SSH side of hosts: logins, protocols, jump hosts, pinned keys."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.model import Community, Credential, Host, Secret, Settings, SshLogin, UsmUser
from tests.inventory.write import inventory, problems

SERVER = Credential(name="server", ssh=SshLogin(user="reader", agent=True))
LAN = Credential(name="lan", snmp=Community(version="2c", community=Secret("env:C")))
BOTH = Credential(name="both", snmp=UsmUser(user="reader"), ssh=SshLogin(user="reader", password=Secret("env:P")))

CREDENTIALS = """
[credentials]
lan.snmp = { version = "2c", community = "env:C" }
server.ssh = { user = "reader", agent = true }
[credentials.both]
snmp = { version = "3", user = "reader" }
ssh = { user = "reader", password = "env:P" }
"""


def test_everything_of_a_login(tmp_path: Path) -> None:
    loaded = inventory(
        tmp_path,
        """
        [credentials.all.ssh]
        user = "reader"
        password = "env:PASSWORD"
        key = "file:id_ed25519"
        passphrase = "keyring:collector/key"
        agent = true
        enable = "env:ENABLE"
        """,
    )
    login = SshLogin(
        user="reader",
        password=Secret("env:PASSWORD"),
        key=Secret(f"file:{tmp_path}/id_ed25519"),
        passphrase=Secret("keyring:collector/key"),
        agent=True,
        enable=Secret("env:ENABLE"),
    )
    assert loaded.credentials == {"all": Credential(name="all", ssh=login)}


def test_a_key_may_stand_in_the_file(tmp_path: Path) -> None:
    text = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    loaded = inventory(tmp_path, f'[credentials.a.ssh]\nuser = "u"\nkey = """\n{text}"""\n')
    assert loaded.credentials["a"].ssh == SshLogin(user="u", key=Secret(text))


def test_a_host_over_its_defaults(tmp_path: Path) -> None:
    hosts = inventory(
        tmp_path,
        f"""
        {CREDENTIALS}
        [defaults]
        credentials = ["both"]
        ssh_port = 2222
        legacy_ssh = true
        jump = "bastion"
        ssh_tools = ["smartctl"]
        [hosts]
        bastion = {{ address = "10.0.0.1", ssh_port = 22, legacy_ssh = false }}
        r1 = {{ address = "10.0.0.2" }}
        r2 = {{ address = "10.0.0.3", jump = "", ssh_tools = ["ipmitool", "dmidecode"] }}
        """,
    ).hosts
    bastion, r1, r2 = hosts["bastion"], hosts["r1"], hosts["r2"]
    assert (bastion.ssh_port, bastion.legacy_ssh, bastion.jump) == (22, False, "")
    assert (r1.ssh_port, r1.legacy_ssh, r1.jump, r1.ssh_tools) == (2222, True, "bastion", ("smartctl",))
    assert (r2.jump, r2.ssh_tools) == ("", ("ipmitool", "dmidecode"))


def test_a_host_of_csv(tmp_path: Path) -> None:
    main = f'include = ["h.csv"]\n{CREDENTIALS}'
    header = "name;address;transport;ssh_port;legacy_ssh;jump;ssh_tools;credentials\n"
    rows = "a;10.0.0.1;ssh;2222;true;b;smartctl; dmidecode;server\nb;10.0.0.2;;;;;;lan;server\n"
    rows = rows.replace("smartctl; dmidecode", '"smartctl; dmidecode"').replace("lan;server", '"lan;server"')
    a, b = inventory(tmp_path, main, h_csv=header + rows).hosts.values()
    assert a == Host(
        name="a",
        address="10.0.0.1",
        transport="ssh",
        ssh_port=2222,
        legacy_ssh=True,
        jump="b",
        ssh_tools=("smartctl", "dmidecode"),
        credentials=(SERVER,),
    )
    assert b == Host(name="b", address="10.0.0.2", credentials=(LAN, SERVER))


@pytest.mark.parametrize(
    ("transport", "snmp", "ssh"),
    [
        ("auto", ("lan", "both"), ("server", "both")),
        ("snmp", ("lan", "both"), ()),
        ("ssh", (), ("server", "both")),
        ("local", (), ()),
    ],
)
def test_the_credentials_of_each_protocol(
    tmp_path: Path, transport: str, snmp: tuple[str, ...], ssh: tuple[str, ...]
) -> None:
    host = f'[hosts.r1]\naddress = "10.0.0.1"\ntransport = "{transport}"\ncredentials = ["lan", "server", "both"]'
    r1 = inventory(tmp_path, f"{CREDENTIALS}\n{host}\n").hosts["r1"]
    assert r1.credentials == (LAN, SERVER, BOTH)
    assert tuple(credential.name for credential in r1.snmp_credentials) == snmp
    assert tuple(credential.name for credential in r1.ssh_credentials) == ssh
    assert r1.is_local == (transport == "local")


def test_without_a_transport_the_credentials_decide(tmp_path: Path) -> None:
    main = f'{CREDENTIALS}\n[hosts]\na = {{ address = "a", credentials = ["lan"] }}\nb = {{ address = "b" }}\n'
    a, b = inventory(tmp_path, main).hosts.values()
    assert (a.transport, a.snmp_credentials, a.ssh_credentials) == ("auto", (LAN,), ())
    assert (b.transport, b.snmp_credentials, b.ssh_credentials) == ("auto", (), ())


def test_settings(tmp_path: Path) -> None:
    written = inventory(tmp_path, '[collector]\nssh_sessions = 20\nssh_keep = true\nknown_hosts = "keys"\n').settings
    assert (written.ssh_sessions, written.ssh_keep, written.known_hosts) == (20, True, f"{tmp_path}/keys")
    default = inventory(tmp_path, '[collector]\nstate_dir = "state"\n').settings
    assert (default.ssh_sessions, default.ssh_keep) == (100, False)
    assert default.known_hosts == f"{tmp_path}/state/known_hosts"
    assert Settings(state_dir="/s").known_hosts == "/s/known_hosts"
    assert Settings(state_dir="/s", known_hosts="/etc/keys").known_hosts == "/etc/keys"


def test_one_private_address_behind_two_jump_hosts(tmp_path: Path) -> None:
    main = f"""
    {CREDENTIALS}
    [defaults]
    credentials = ["server"]
    [hosts]
    north = {{ address = "10.0.0.1" }}
    south = {{ address = "10.0.0.2", enabled = false }}
    north-bts = {{ address = "192.168.1.1", jump = "north" }}
    south-bts = {{ address = "192.168.1.1", jump = "south" }}
    """
    assert len(inventory(tmp_path, main).hosts) == 4


def test_a_broken_credential_is_told_alone(tmp_path: Path) -> None:
    """Not once more for each host that goes without it."""
    main = """
    [credentials]
    a.ssh = { user = "u" }
    [hosts]
    r1 = { address = "10.0.0.1", credentials = ["a"], transport = "ssh" }
    r2 = { address = "10.0.0.2", credentials = ["a"], jump = "r1" }
    """
    said = [line.partition(": ")[2] for line in problems(tmp_path, main)]
    assert said == [
        "credentials.a.ssh: has nothing to log in with, allowed: password, key, agent = true, or several of them"
    ]


NAMES = [f"h{number}" for number in range(6)]


def ends(name: str, jumps: dict[str, str]) -> bool:
    """Whether the way from a host over its jump hosts ends: it does within as many steps as there are hosts."""
    for _ in jumps:
        name = jumps.get(name, "")
    return not name


@settings(deadline=None, max_examples=60)
@given(st.fixed_dictionaries({name: st.sampled_from(["", *NAMES]) for name in NAMES}))
def test_ways_over_jump_hosts_end_or_are_told(jumps: dict[str, str]) -> None:
    hosts = "".join(
        f'{name} = {{ address = "10.0.0.{number}", jump = "{jumps[name]}" }}\n' for number, name in enumerate(NAMES, 1)
    )
    main = f'{CREDENTIALS}\n[defaults]\ncredentials = ["server"]\n[hosts]\n{hosts}'
    with tempfile.TemporaryDirectory() as folder:
        said = problems(Path(folder), main)
    circles = [line.partition("leads back: ")[2].split(" > ") for line in said]
    for circle in circles:
        assert circle[0] == circle[-1]
        assert all(jumps[name] == following for name, following in pairwise(circle))
    on_circles = [name for circle in circles for name in circle[1:]]
    assert len(on_circles) == len(set(on_circles))
    assert bool(said) == (not all(ends(name, jumps) for name in NAMES))
    without = {name: "" if name in on_circles else jump for name, jump in jumps.items()}
    assert all(ends(name, without) for name in NAMES)
