"""Pinned host keys: what is pinned is found, nothing else is, and OpenSSH's own tools agree."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.transport.contract import TransportError
from collector.transport.ssh.known_hosts import HostKey, KnownHosts, Trust, host_pattern
from tests.servers import require_binary
from tests.transport.ssh.sshd import make_key
from tests.transport.ssh.world import pinned

ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}(\.[a-z]{2,8}){0,2}", fullmatch=True),
)
PORTS = st.one_of(st.just(22), st.integers(1, 65_535))
TYPES = st.sampled_from(["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])


def key_of(kind: str, content: bytes) -> HostKey:
    """A key in its form, whatever it is worth."""
    parts = (kind.encode(), content)
    return HostKey(kind, b"".join(len(part).to_bytes(4, "big") + part for part in parts))


KEYS = st.builds(key_of, TYPES, st.binary(min_size=1, max_size=64))
A, B, C = (key_of("ssh-ed25519", bytes([number]) * 32) for number in (1, 2, 3))


def line(name: str, key: HostKey) -> str:
    return f"{name} {key.type} {base64.b64encode(key.blob).decode()}\n"


@given(st.lists(st.tuples(ADDRESSES, PORTS, KEYS), max_size=8), ADDRESSES, PORTS, KEYS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_pinned_is_found_and_nothing_else(
    tmp_path: Path, pins: list[tuple[str, int, HostKey]], address: str, port: int, key: HostKey
) -> None:
    known = pinned(tmp_path)
    for pin in pins:
        known.pin(*pin)
    again = KnownHosts(known.path)
    assert again.problems == []
    for asked, at in [(address, port), *((address, port) for address, port, _ in pins)]:
        expected = {key for other, there, key in pins if (other.lower(), there) == (asked.lower(), at)}
        for held in (known, again):
            assert held.of(asked, at) == held.of(asked.upper(), at) == expected
            trust = Trust.PINNED if key in expected else Trust.CHANGED if expected else Trust.UNKNOWN
            assert held.judge(asked, at, key) is trust


def test_ipv6_and_ports_are_written_as_openssh_does() -> None:
    assert host_pattern("192.0.2.1", 22) == "192.0.2.1"
    assert host_pattern("192.0.2.1", 2222) == "[192.0.2.1]:2222"
    assert host_pattern("2001:db8::1", 22) == "2001:db8::1"
    assert host_pattern("2001:db8::1", 830) == "[2001:db8::1]:830"


def test_ssh_keygen_finds_what_we_pin(tmp_path: Path) -> None:
    make_key(tmp_path / "host")
    kind, blob, *_ = (tmp_path / "host.pub").read_text().split()
    known = pinned(tmp_path)
    names = [("10.0.0.1", 22), ("10.0.0.1", 2222), ("2001:db8::1", 22), ("2001:DB8::1", 830), ("Core.example", 22)]
    for address, port in names:
        known.pin(address, port, HostKey(kind, base64.b64decode(blob)))
    for address, port in names:
        found = keygen("-F", host_pattern(address, port), "-f", str(known.path))
        assert blob in found
    assert subprocess.run([require_binary("ssh-keygen"), "-F", "10.0.0.2", "-f", known.path]).returncode == 1
    printed = keygen("-l", "-f", str(tmp_path / "host.pub"))
    assert HostKey(kind, base64.b64decode(blob)).fingerprint in printed


def test_names_that_ssh_keygen_hashed_are_found_and_replaced(tmp_path: Path) -> None:
    make_key(tmp_path / "host")
    kind, blob, *_ = (tmp_path / "host.pub").read_text().split()
    old, new = HostKey(kind, base64.b64decode(blob)), A
    known = pinned(tmp_path)
    for address in ("core.example", "10.0.0.1", "10.0.0.2"):
        known.pin(address, 2222, old)
    keygen("-H", "-f", str(known.path))
    hashed = KnownHosts(known.path)
    assert "core.example" not in known.path.read_text()
    assert hashed.problems == []
    assert hashed.judge("CORE.example", 2222, old) is Trust.PINNED
    assert hashed.judge("10.0.0.1", 22, old) is Trust.UNKNOWN
    hashed.pin("10.0.0.1", 2222, new, replace=True)
    for held in (hashed, KnownHosts(known.path)):
        assert held.of("10.0.0.1", 2222) == {new}
        assert held.of("10.0.0.2", 2222) == held.of("core.example", 2222) == {old}


def test_a_revoked_key_is_never_trusted(tmp_path: Path) -> None:
    known = pinned(tmp_path, line("10.0.0.1", A) + "@revoked " + line("*", A))
    assert known.judge("10.0.0.1", 22, A) is Trust.REVOKED
    assert known.judge("10.0.0.9", 22, A) is Trust.REVOKED
    known.pin("10.0.0.1", 22, A, replace=True)
    assert known.judge("10.0.0.1", 22, A) is Trust.REVOKED


def test_a_certificate_authority_pins_nothing(tmp_path: Path) -> None:
    known = pinned(tmp_path, "@cert-authority " + line("10.0.0.1", A))
    assert (known.problems, known.judge("10.0.0.1", 22, A)) == ([], Trust.UNKNOWN)


def test_replacing_takes_only_that_name(tmp_path: Path) -> None:
    text = (
        "# ours\n"
        + line("10.0.0.1,core.example", A)
        + line("10.0.0.1", B)
        + line("[10.0.0.1]:2222", A)
        + line("10.0.0.10", A)
    )
    known = pinned(tmp_path, text)
    known.pin("10.0.0.1", 22, C, replace=True)
    expected = "# ours\n" + line("core.example", A) + line("[10.0.0.1]:2222", A) + line("10.0.0.10", A)
    assert known.path.read_text() == expected + line("10.0.0.1", C)


@pytest.mark.parametrize(
    "damaged",
    [
        "10.0.0.2",
        "10.0.0.2 ssh-ed25519",
        "10.0.0.2 ssh-ed25519 !!!",
        "10.0.0.2 ssh-ed25519 AAAA",
        line("10.0.0.2", A).strip()[:-12],
        "@revokd " + line("10.0.0.2", A).strip(),
        line("|1|nosalt", A).strip(),
        "\ufffd\ufffd\ufffd\x00",
    ],
)
def test_a_damaged_line_is_told_and_kept(tmp_path: Path, damaged: str) -> None:
    known = pinned(tmp_path, line("10.0.0.1", A) + damaged + "\n" + line("10.0.0.3", B))
    assert [problem.startswith(f"{known.path}:2: ") for problem in known.problems] == [True]
    known.pin("10.0.0.4", 22, C)
    assert damaged in known.path.read_text().split("\n")
    assert KnownHosts(known.path).of("10.0.0.1", 22) == {A}
    assert KnownHosts(known.path).of("10.0.0.3", 22) == {B}
    assert KnownHosts(known.path).of("10.0.0.4", 22) == {C}


@given(st.binary(max_size=400))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_file_is_too_strange(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "known_hosts"
    path.write_bytes(content)
    known = KnownHosts(path)
    known.pin("10.0.0.1", 22, A)
    assert KnownHosts(path).judge("10.0.0.1", 22, A) is not Trust.UNKNOWN
    for strange in content.replace(b"\r", b"\n").split(b"\n"):
        assert strange in path.read_bytes()


def test_a_file_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="cannot be read"):
        KnownHosts(tmp_path)
    (tmp_path / "file").write_text("")
    known = KnownHosts(tmp_path / "nowhere" / "known_hosts")
    known.path = tmp_path / "file" / "known_hosts"
    with pytest.raises(TransportError, match="cannot be pinned"):
        known.pin("10.0.0.1", 22, A)


def test_two_processes_that_pin_at_once_lose_nothing(tmp_path: Path) -> None:
    path = pinned(tmp_path).path
    processes = [subprocess.Popen([sys.executable, "-c", PIN_MANY, path, str(number)]) for number in range(2)]
    assert [process.wait(30) for process in processes] == [0, 0]
    known = KnownHosts(path)
    assert known.problems == []
    assert all(known.judge(f"10.{number}.0.{at}", 22, A) is Trust.PINNED for number in range(2) for at in range(60))
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".new")] == []


PIN_MANY = f"""
import sys
from pathlib import Path
from collector.transport.ssh.known_hosts import HostKey, KnownHosts
known = KnownHosts(Path(sys.argv[1]))
for at in range(60):
    known.pin(f"10.{{sys.argv[2]}}.0.{{at}}", 22, HostKey({A.type!r}, {A.blob!r}))
"""


def keygen(*options: str) -> str:
    command = [require_binary("ssh-keygen"), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout


def test_who_holds_the_file_sees_what_another_pins(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    polls, trusts = KnownHosts(path), KnownHosts(path)
    assert polls.judge("10.0.0.1", 22, A) is Trust.UNKNOWN
    trusts.pin("10.0.0.1", 22, A)
    assert polls.judge("10.0.0.1", 22, A) is Trust.PINNED
    trusts.pin("10.0.0.1", 22, B, replace=True)
    assert polls.of("10.0.0.1", 22) == {B}
    path.write_text("@revoked " + line("*", B) + "what?\n")
    assert polls.judge("10.0.0.1", 22, B) is Trust.REVOKED
    assert polls.problems == [f"{path}:2: no line of known_hosts, allowed: [ADDRESS]:PORT TYPE BASE64"]
    path.unlink()
    assert polls.of("10.0.0.1", 22) == set()
    path.mkdir()
    with pytest.raises(TransportError, match="cannot be read: Is a directory"):
        polls.judge("10.0.0.1", 22, A)
