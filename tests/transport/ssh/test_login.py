"""Logins: every way and every refusal, at OpenSSH's server and at fake devices, and no secret in what is said of it."""

import gc
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm, serve_cli
from collector.simulator.ssh.faults import CliFaults
from collector.transport.contract import NoAnswerError
from collector.transport.ssh import login as login_module
from collector.transport.ssh import private_key
from collector.transport.ssh.errors import ClosedError, KeyFileError, LoginRefusedError
from inventory.model import SshLogin
from tests.transport.ssh.sshd import USER, Sshd, make_key, running_agent, running_sshd
from tests.transport.ssh.world import fails, host_at, host_of, logged_in, login, pinned, until

PASSPHRASE = "pass-Phrase-7731"
PASSWORD = "pass-Word-9042"


@pytest.fixture
def device() -> CliDevice:
    return CliDevice(password=PASSWORD)


@pytest.fixture
def farm(device: CliDevice) -> Iterator[SshFarm]:
    with serve_cli([device]) as farm:
        yield farm


def way_at(server: Sshd, folder: Path, how: SshLogin) -> str:
    with logged_in(host_at(server.port), pinned(folder, server.known_hosts()), how) as (transport, way):
        assert transport.is_authenticated()
        return way


def way_on(farm: SshFarm, device: CliDevice, folder: Path, how: SshLogin) -> str:
    with logged_in(host_of(farm, device), pinned(folder, farm.known_hosts()), how) as (_, way):
        return way


def refused(farm: SshFarm, device: CliDevice, folder: Path, how: SshLogin, *words: str) -> None:
    with fails(LoginRefusedError, f"login of user {how.user}", *words, "collector probe", host="R1"):
        way_on(farm, device, folder, how)


FORMS = [
    ("ed25519", ()),
    ("rsa", ("-b", "1024")),
    ("rsa", ("-b", "1024", "-m", "PEM")),
    ("rsa", ("-b", "1024", "-m", "PKCS8")),
    ("ecdsa", ("-b", "256")),
    ("ecdsa", ("-b", "521", "-m", "PEM")),
    ("ecdsa", ("-b", "384", "-m", "PKCS8")),
]


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_keys_of_all_forms(sshd: Sshd, tmp_path: Path, passphrase: str) -> None:
    keys = [
        make_key(tmp_path / f"key{number}", kind, passphrase, *options) for number, (kind, options) in enumerate(FORMS)
    ]
    public = "".join(path.read_text() for path in tmp_path.glob("*.pub"))
    with running_sshd(tmp_path / "server", public) as server:
        for (kind, options), key in zip(FORMS, keys, strict=True):
            secrets = {"key": key, "passphrase": passphrase} if passphrase else {"key": key}
            assert way_at(server, tmp_path, login(USER, **secrets)) == "key", (kind, options)
        unneeded = login(USER, key=(sshd.folder.parent / "key").read_text(), passphrase="not needed")
        assert way_at(sshd, tmp_path, unneeded) == "key"


def test_a_key_out_of_a_file(sshd: Sshd, tmp_path: Path) -> None:
    path = tmp_path / "id"
    path.write_text((sshd.folder.parent / "key").read_text())
    path.chmod(0o600)
    assert way_at(sshd, tmp_path, login(USER, key=f"file:{path}")) == "key"


def test_a_key_is_opened_once(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    how = login(USER, key=make_key(tmp_path / "id", "ed25519", PASSPHRASE), passphrase=PASSPHRASE)
    opened = []
    real = private_key._opened
    monkeypatch.setattr(private_key, "_opened", lambda *secrets: opened.append(1) or real(*secrets))
    found = []
    threads = [threading.Thread(target=lambda: found.append(private_key.private_key(how, "x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(opened), len({key.fingerprint for key in found}), len(found)) == (1, 1, 8)


@pytest.mark.parametrize(
    ("passphrase", "words"), [(None, "needs its passphrase"), ("wrong-Phrase-1", "its passphrase is wrong")]
)
@pytest.mark.parametrize("form", [(), ("-m", "PKCS8")])
def test_a_passphrase_that_is_missing_or_wrong(
    sshd: Sshd, tmp_path: Path, passphrase: str | None, words: str, form: tuple[str, ...]
) -> None:
    key = make_key(tmp_path / "id", "ecdsa", PASSPHRASE, *form)
    how = login(USER, key=key, passphrase=passphrase) if passphrase else login(USER, key=key)
    with fails(KeyFileError, words, "ssh-keygen"):
        way_at(sshd, tmp_path, how)


@pytest.mark.parametrize("damage", ["text", "cut", "public", "empty line", "ed448"])
def test_what_is_no_private_key(sshd: Sshd, tmp_path: Path, damage: str) -> None:
    whole = make_key(tmp_path / "id")
    path = tmp_path / "other"
    path.write_text(
        {
            "text": "root:x:0:0\n",
            "cut": whole[: len(whole) // 2],
            "public": (tmp_path / "id.pub").read_text(),
            "empty line": "\n\n",
            "ed448": _ed448(),
        }[damage]
    )
    path.chmod(0o600)
    with fails(KeyFileError, f"file:{path}"):
        way_at(sshd, tmp_path, login(USER, key=f"file:{path}"))


def _ed448() -> str:
    from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_agent(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_key(tmp_path / "other")
    with running_agent(tmp_path / "agent", tmp_path / "other", sshd.folder.parent / "key") as path:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        files = len(list(Path("/proc/self/fd").iterdir()))
        assert way_at(sshd, tmp_path, login(USER, agent=True)) == "agent"
        gc.collect()
        assert len(list(Path("/proc/self/fd").iterdir())) <= files, "the agent's socket is closed"


@pytest.mark.parametrize("what", ["unset", "gone", "empty", "rubbish"])
def test_an_agent_without_keys(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with socket.socket(socket.AF_UNIX) as server:
        if what == "gone":
            monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
        if what == "rubbish":
            server.bind(str(tmp_path / "rubbish"))
            server.listen()
            monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "rubbish"))

            def serve() -> None:
                with server.accept()[0] as sock:
                    sock.sendall(b"\x00\x00\x00\x05\x0c\xff\xff\xff\xff")

            threading.Thread(target=serve).start()
        if what == "empty":
            with running_agent(tmp_path / "agent") as path, fails(KeyFileError, "holds no keys", "ssh-add"):
                monkeypatch.setenv("SSH_AUTH_SOCK", path)
                way_at(sshd, tmp_path, login(USER, agent=True))
            return
        with fails(KeyFileError, "holds no keys", "ssh-add"):
            way_at(sshd, tmp_path, login(USER, agent=True))


def test_an_agent_that_never_signs(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_module, "AGENT_S", 0.3)
    blob = paramiko.PKey.from_path(sshd.folder.parent / "key").asbytes()
    body = b"\x0c\x00\x00\x00\x01" + len(blob).to_bytes(4, "big") + blob + b"\x00\x00\x00\x00"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "agent"))
        server.listen()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))

        def serve() -> None:
            with server.accept()[0] as sock:
                sock.sendall(len(body).to_bytes(4, "big") + body)
                while sock.recv(4096):
                    pass

        threading.Thread(target=serve).start()
        with fails(KeyFileError, "did not sign"):
            way_at(sshd, tmp_path, login(USER, agent=True))


def test_the_agent_s_keys_are_not_all_tried(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"key{number}" for number in range(5)]
    for path in paths:
        make_key(path)
    with running_agent(tmp_path / "agent", *paths) as path, running_sshd(tmp_path / "server", "") as server:
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        with fails(LoginRefusedError, "refused: agent"):
            way_at(server, tmp_path, login(USER, agent=True))
        assert server.log.count("Failed publickey") == login_module.MAX_AGENT_KEYS


def test_a_password(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    assert way_on(farm, device, tmp_path, login(password=PASSWORD)) == "password"
    assert until(lambda: (device.logins, device.failed_logins) == (1, 0))


def test_a_refused_password_counts_once(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    refused(farm, device, tmp_path, login(password="wrong-Word-1"), "refused: password")
    assert (device.logins, device.failed_logins) == (0, 1)


def test_questions_in_place_of_a_password(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    device.auth = ("keyboard-interactive",)
    assert way_on(farm, device, tmp_path, login(password=PASSWORD)) == "password"
    assert until(lambda: (device.logins, device.failed_logins) == (1, 0))
    refused(farm, device, tmp_path, login(password="wrong-Word-1"), "refused: password")
    assert device.failed_logins == 1


def test_a_password_where_the_key_is_not_known(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    key = make_key(tmp_path / "id")
    assert way_on(farm, device, tmp_path, login(key=key, password=PASSWORD)) == "password"
    assert until(lambda: (device.logins, device.failed_logins, device.refused_keys) == (1, 0, 1))
    refused(farm, device, tmp_path, login(key=key, password="wrong-Word-1"), "refused: key, password")


def test_only_keys_are_taken(farm: SshFarm, device: CliDevice, sshd: Sshd, tmp_path: Path) -> None:
    device.auth = ("publickey",)
    refused(farm, device, tmp_path, login(password=PASSWORD), "the device takes publickey")
    assert device.failed_logins == 0, "the password did not count"
    with fails(LoginRefusedError, "not complete; the device takes publickey"):
        way_at(sshd, tmp_path, login(USER, password=PASSWORD))


def test_a_login_of_two_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [make_key(tmp_path / f"key{number}") for number in range(2)]
    public = "".join(path.read_text() for path in tmp_path.glob("*.pub"))
    both = "AuthenticationMethods publickey,publickey"
    with (
        running_agent(tmp_path / "agent", tmp_path / "key1") as agent,
        running_sshd(tmp_path / "server", public, both) as server,
    ):
        monkeypatch.setenv("SSH_AUTH_SOCK", agent)
        assert way_at(server, tmp_path, login(USER, key=keys[0], agent=True)) == "agent"
        with fails(LoginRefusedError, "not complete", "takes publickey"):
            way_at(server, tmp_path, login(USER, key=keys[0]))


def test_a_server_that_hangs_up_after_the_first_refusal(tmp_path: Path) -> None:
    key = make_key(tmp_path / "id")
    with running_sshd(tmp_path / "server", "", "MaxAuthTries 1") as server:
        with fails(ClosedError, "during the login"):
            way_at(server, tmp_path, login(USER, key=key))
        with fails(LoginRefusedError):
            way_at(server, tmp_path, login(USER, password=PASSWORD))


def test_a_login_that_is_never_answered(
    farm: SshFarm, device: CliDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collector.transport.ssh import handshake

    monkeypatch.setattr(handshake, "LOGIN_S", 0.4)
    device.faults = CliFaults(login_s=30)
    with fails(NoAnswerError, "no answer to the login", host="R1"):
        way_on(farm, device, tmp_path, login(password=PASSWORD))


def test_a_locked_account_and_a_user_nobody_knows(farm: SshFarm, device: CliDevice, tmp_path: Path) -> None:
    refused(farm, device, tmp_path, login("nobody", password=PASSWORD), "user nobody")
    device.faults = CliFaults(locked=True)
    refused(farm, device, tmp_path, login(password=PASSWORD), "refused: password")
