from pathlib import Path

import pytest

from tests.inventory.write import inventory


def warned(folder: Path, main: str, mode: int = 0o600, **files: str) -> list[str]:
    (folder / "hosts.toml").touch(mode)
    (folder / "hosts.toml").chmod(mode)
    return [warning.replace(f"{folder}/", "") for warning in inventory(folder, main, **files).warnings]


CLEAN = """
[sites.s]
[credentials]
a.snmp = { version = "2c", community = "env:A" }
b.snmp = { version = "3", user = "u", auth = "sha1", auth_key = "env:B" }
server.ssh = { user = "u", password = "env:P" }
[hosts]
r1 = { address = "h", site = "s", credentials = ["a", "b"], links."Gi0/1" = { contract_in_bps = "2M" } }
me = { transport = "local", site = "s" }
"""


def test_nothing_to_say(tmp_path: Path) -> None:
    assert warned(tmp_path, CLEAN, mode=0o644) == []


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        (
            '[credentials.c.snmp]\nversion = "2c"\ncommunity = "public"',
            [
                (
                    "hosts.toml: credentials.c.snmp.community: the secret itself is in the file, "
                    "better: env:NAME, file:PATH or keyring:SERVICE/USER"
                ),
                "hosts.toml: credentials.c.snmp: a community of SNMPv2c that everybody knows (public, private)",
            ],
        ),
        (
            '[credentials.c.snmp]\nversion = "3"\nuser = "u"',
            ["hosts.toml: credentials.c.snmp: SNMPv3 without authentication is no safer than a community"],
        ),
        (
            '[store]\nkind = "influxdb"\nurl = "http://db:8086"\nbucket = "b"\ntoken = "env:T"\nverify_tls = false',
            [
                "hosts.toml: store.verify_tls: whoever can pretend to be the server gets the token and the data",
                "hosts.toml: store.url: token or password cross the network unencrypted, better: https",
            ],
        ),
        (
            '[store]\nkind = "influxdb"\nurl = "http://127.0.0.1:8086"\nbucket = "b"\ntoken = "env:T"',
            [],
        ),
        ('[hosts.r2]\naddress = "h2"\ncredentials = ["a"]', ["hosts.toml: hosts: 1 without site: r2"]),
        (
            '[hosts.r2]\naddress = "h2"\nsite = "s"',
            ["hosts.toml: hosts: 1 without credentials, so only pinged: r2"],
        ),
        ('[hosts.r2]\naddress = "h2"\nsite = "s"\ncredentials = ["server"]\ntransport = "ssh"', []),
        (
            '[hosts.r2]\naddress = "h2"\nsite = "s"\ncredentials = ["server"]\nlegacy_ssh = true',
            ["hosts.toml: hosts: 1 with legacy_ssh, so with algorithms that can be broken: r2"],
        ),
        (
            '[hosts.r2]\naddress = "h2"\nsite = "s"\ncredentials = ["a"]\nssh_tools = ["smartctl"]',
            ["hosts.toml: hosts: 1 with ssh_tools but without SSH credentials: r2"],
        ),
        (
            '[hosts.r2]\naddress = "h2"\nsite = "s"\ncredentials = ["server"]\nssh_tools = ["smartctl"]',
            [],
        ),
        (
            '[hosts.r2]\naddress = "h2"\nsite = "s"\ncredentials = ["a"]\nlinks.x = { contract_out_bps = 2 }',
            ['hosts.toml: hosts.r2.links.x.contract_out_bps: 2 bit/s; are Mbit/s meant, "2M"?'],
        ),
    ],
)
def test_each_warning(tmp_path: Path, addition: str, expected: list[str]) -> None:
    assert warned(tmp_path, f"{CLEAN}\n{addition}\n") == expected


def test_secrets_in_a_file_that_others_can_read(tmp_path: Path) -> None:
    main = f'{CLEAN}\n[store]\nkind = "influxdb"\nurl = "https://db"\ndatabase = "d"\nuser = "u"\npassword = "p"\n'
    assert warned(tmp_path, main, mode=0o644) == [
        (
            "hosts.toml: store.password: the secret itself is in the file, "
            "better: env:NAME, file:PATH or keyring:SERVICE/USER"
        ),
        "hosts.toml: has secrets and can be read by others (mode 0644), better: chmod 600 hosts.toml",
    ]


def test_each_literal_secret_of_a_login(tmp_path: Path) -> None:
    main = f"""
    {CLEAN}
    [credentials.c.ssh]
    user = "u"
    password = "p"
    key = "-----BEGIN OPENSSH PRIVATE KEY-----"
    passphrase = "p"
    enable = "e"
    """
    assert [line.partition(": the secret itself")[0] for line in warned(tmp_path, main)] == [
        f"hosts.toml: credentials.c.ssh.{key}" for key in ("password", "key", "passphrase", "enable")
    ]


def test_what_the_defaults_say_of_ssh_concerns_only_hosts_with_ssh(tmp_path: Path) -> None:
    defaults = '[defaults]\nlegacy_ssh = true\nssh_tools = ["smartctl"]'
    assert warned(tmp_path, f"{defaults}\n{CLEAN}") == []
    r2 = 'r2 = { address = "h2", site = "s", credentials = ["server"] }'
    assert warned(tmp_path, f"{defaults}\n{CLEAN}{r2}") == [
        "hosts.toml: hosts: 1 with legacy_ssh, so with algorithms that can be broken: r2"
    ]


def test_the_tools_of_this_machine_need_no_login(tmp_path: Path) -> None:
    main = CLEAN.replace('transport = "local"', 'transport = "local", ssh_tools = ["smartctl"]')
    assert warned(tmp_path, main) == []


def test_many_hosts_are_one_warning_a_file(tmp_path: Path) -> None:
    rows = "".join(f"r{n},10.0.0.{n},a\n" for n in range(1, 9))
    said = warned(
        tmp_path,
        'include = ["h.csv"]\n[credentials]\na.snmp = { version = "1", community = "env:A" }',
        h_csv=f"name,address,credentials\n{rows}",
    )
    assert said == ["h.csv: hosts: 8 without site: r1, r2, r3, r4, r5, ..."]


def test_the_warning_of_a_link_names_its_own_file(tmp_path: Path) -> None:
    said = warned(tmp_path, f'include = ["l.csv"]\n{CLEAN}', l_csv="host,interface,contract_in_bps\nr1,Gi0/2,100\n")
    assert said == ['l.csv:2: links.r1."Gi0/2".contract_in_bps: 100 bit/s; are Mbit/s meant, "100M"?']


def test_a_commune_that_its_district_does_not_have(tmp_path: Path) -> None:
    said = warned(
        tmp_path,
        f'include = ["s.csv", "c.csv"]\n{CLEAN}',
        s_csv="id,commune,district\na,Hữu Kiên,Chi Lăng\nb,Hưu Kiên,Chi Lăng\nc,Hưu Kiên,Chi Lăng\nd,Any,Lộc Bình\ne,,Chi Lăng\n",
        c_csv="commune,district\nHữu Kiên,Chi Lăng\n",
    )
    assert said == [
        (
            's.csv:3: sites.b.commune (and 1 more): found "Hưu Kiên", which is none of the communes of Chi Lăng, '
            'did you mean "Hữu Kiên"?'
        )
    ]
