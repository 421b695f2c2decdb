"""A secret opens in one way only, and shows nowhere else."""

import copy
import os
import pickle
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from inventory.load import InventoryError
from inventory.model import Community, Credential, Host, Inventory, Secret
from inventory.secrets import SecretError, reveal
from tests.inventory.write import inventory

TOLD_NOWHERE = "hunter2-hunter2"

MAIN = f"""
[store]
kind = "influxdb"
url = "http://127.0.0.1:8086"
bucket = "b"
token = "{TOLD_NOWHERE}"
[credentials.a]
snmp = {{ version = "2c", community = "{TOLD_NOWHERE}" }}
[credentials.b]
snmp = {{ version = "3", user = "u", auth = "sha1", auth_key = "{TOLD_NOWHERE}", priv = "des", priv_key = "{TOLD_NOWHERE}" }}
[credentials.d.ssh]
user = "u"
password = "{TOLD_NOWHERE}"
key = "-----BEGIN PRIVATE KEY-----{TOLD_NOWHERE}"
passphrase = "{TOLD_NOWHERE}"
enable = "{TOLD_NOWHERE}"
[hosts.r1]
address = "10.0.0.1"
credentials = ["a", "b", "d"]
"""


def loaded(folder: Path) -> Inventory:
    return inventory(folder, MAIN)


@pytest.mark.parametrize("show", [repr, str, format, "{0!r:>20}".format, "%s".__mod__, "{0}".format])
def test_it_does_not_print(tmp_path: Path, show: Callable[[object], str]) -> None:
    whole = loaded(tmp_path)
    for value in (Secret(TOLD_NOWHERE), whole.hosts["r1"], whole.store, whole):
        assert TOLD_NOWHERE not in show(value)
    assert "<secret>" in show(Secret(TOLD_NOWHERE))


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins])
def test_it_is_not_encoded(tmp_path: Path, encode: Callable[..., object]) -> None:
    host = loaded(tmp_path).hosts["r1"]
    with pytest.raises(TypeError, match="Secret is unsupported"):
        encode(host)
    assert TOLD_NOWHERE not in str(encode(host, enc_hook=str))
    assert "<secret>" in str(encode(host, enc_hook=str))


def test_it_is_not_pickled(tmp_path: Path) -> None:
    for value in (Secret("env:X"), loaded(tmp_path).hosts["r1"]):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(value)
        with pytest.raises(TypeError, match="not pickled"):
            copy.deepcopy(value)


def test_its_reference_names_no_literal() -> None:
    assert Secret(TOLD_NOWHERE).reference == "<secret>"
    assert Secret("env:SNMP_RO").reference == "env:SNMP_RO"
    assert (Secret("env:SNMP_RO").literal, Secret("x").literal) == (False, True)


def test_it_compares_by_what_it_says() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("a") != "a"


def told(error: BaseException) -> str:
    """All that a talkative traceback would print: messages, causes, and the locals of the project's frames."""
    text = "".join(traceback.format_exception(error))
    trace: types.TracebackType | None = error.__traceback__
    while trace:
        if "/inventory/" in trace.tb_frame.f_code.co_filename and "/tests/" not in trace.tb_frame.f_code.co_filename:
            text += repr(trace.tb_frame.f_locals)
        trace = trace.tb_next
    return text


@pytest.mark.parametrize(
    "mistake",
    [
        "[hosts.r1]",
        "[hosts.r2]",
        "x = 1",
        "[credentials.c]\nsnmp = { version = 3 }",
        f'[credentials.c]\nsnmp = {{ version = "2c", comunity = "{TOLD_NOWHERE}" }}',
        f'[credentials.c]\nsnmp = {{ version = "2c", user = "{TOLD_NOWHERE}" }}',
        f'[credentials.c]\nsnmp = {{ version = "{TOLD_NOWHERE}" }}',
        f'[credentials.c]\nsnmp = "{TOLD_NOWHERE}"',
        f'[credentials.c]\nsnmp = ["{TOLD_NOWHERE}"]',
        f'[credentials]\nc = "{TOLD_NOWHERE}"',
        f'credentials = "{TOLD_NOWHERE}',
        f'[credentials.c]\ncommunity = "{TOLD_NOWHERE}"',
        f'[credentials.c]\nssh = "{TOLD_NOWHERE}"',
        f'[credentials.c]\nssh = {{ user = "u", pasword = "{TOLD_NOWHERE}" }}',
        f'[credentials.c]\nssh = {{ user = "u", key = "{TOLD_NOWHERE}" }}',
        f'[credentials.c]\nssh = {{ user = "u", agent = "{TOLD_NOWHERE}" }}',
        f'[credentials.c]\nssh = {{ user = "u", passphrase = "{TOLD_NOWHERE}" }}',
    ],
)
def test_no_error_of_the_loader_has_it(tmp_path: Path, mistake: str) -> None:
    with pytest.raises(InventoryError) as caught:
        inventory(tmp_path, f"{MAIN}\n{mistake}\n")
    assert TOLD_NOWHERE not in told(caught.value)


def test_warnings_do_not_have_it(tmp_path: Path) -> None:
    assert TOLD_NOWHERE not in "".join(loaded(tmp_path).warnings)


def test_a_literal_is_itself() -> None:
    assert reveal(Secret("public")) == "public"


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMP_RO", TOLD_NOWHERE)
    assert reveal(Secret("env:SNMP_RO")) == TOLD_NOWHERE
    monkeypatch.setenv("SNMP_RO", "")
    with pytest.raises(SecretError, match=r"^env:SNMP_RO: is empty$"):
        reveal(Secret("env:SNMP_RO"))
    monkeypatch.delenv("SNMP_RO")
    with pytest.raises(SecretError, match=r"^env:SNMP_RO: the environment has no such variable$"):
        reveal(Secret("env:SNMP_RO"))


@pytest.mark.parametrize("mode", [0o600, 0o400])
@pytest.mark.parametrize("content", [b"s\xc3\xa9cret", b"s\xc3\xa9cret\n", b"s\xc3\xa9cret\r\n"])
def test_from_a_file(tmp_path: Path, mode: int, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(mode)
    assert reveal(Secret(f"file:{path}")) == "sécret"


def test_only_the_last_newline_goes(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(" a\n\n")
    path.chmod(0o600)
    assert reveal(Secret(f"file:{path}")) == " a\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("style", ["OpenSSH", "PKCS8"])
def test_a_private_key_keeps_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: str, newline: str
) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, getattr(serialization.PrivateFormat, style), serialization.NoEncryption()
    ).replace(b"\n", newline.encode())
    path = tmp_path / "id_ed25519"
    path.write_bytes(text)
    path.chmod(0o600)
    monkeypatch.setenv("KEY", text.decode())
    read = serialization.load_ssh_private_key if style == "OpenSSH" else serialization.load_pem_private_key
    for secret in (Secret(f"file:{path}"), Secret("env:KEY"), Secret(text.decode())):
        opened = read(reveal(secret).encode(), password=None)
        assert isinstance(opened, Ed25519PrivateKey)
        assert opened.private_bytes_raw() == key.private_bytes_raw()


def fails(path: Path) -> str:
    with pytest.raises(SecretError) as caught:
        reveal(Secret(f"file:{path}"))
    assert TOLD_NOWHERE not in told(caught.value)
    assert caught.value.reference == f"file:{path}"
    return str(caught.value).removeprefix(f"file:{path}: ").replace(str(path), "PATH")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o602])
def test_a_file_that_others_can_read(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.write_text(TOLD_NOWHERE)
    path.chmod(mode)
    assert fails(path) == f"has mode {mode:04o}, allowed: 0600 or 0400 (chmod 600 PATH)"


def test_files_that_hold_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    assert fails(path) == "cannot be read: No such file or directory"
    assert fails(tmp_path) == "is no regular file"
    assert fails(Path("x\0y")) == "cannot be read: is no path"
    os.mkfifo(path, 0o600)
    assert fails(path) == "is no regular file"
    path.unlink()
    path.touch(0o600)
    assert fails(path) == "is empty"
    path.write_bytes(TOLD_NOWHERE.encode() + b"\xff")
    assert fails(path) == "is not UTF-8"
    path.write_bytes(b"x" * 70_000)
    assert fails(path) == "has 70000 octets, allowed: 65536"
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((0o100600, 1, 1, 1, 54_321, 0, 5, 0, 0, 0)))
    assert fails(path) == "belongs to user 54321, allowed: root or the one who runs this"


class KeyStore(types.ModuleType):
    def get_password(self, service: str, user: str) -> str | None:
        if service == "broken":
            raise RuntimeError(TOLD_NOWHERE)
        return f"{service}-{user}" if user == "ro" else None


def test_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", KeyStore("keyring"))
    assert reveal(Secret("keyring:collector/snmp/ro")) == "collector/snmp-ro"
    with pytest.raises(SecretError, match=r"^keyring:collector/rw: is empty$"):
        reveal(Secret("keyring:collector/rw"))
    with pytest.raises(SecretError, match=r"^keyring:broken/ro: the key store failed \(RuntimeError\)$") as caught:
        reveal(Secret("keyring:broken/ro"))
    assert TOLD_NOWHERE not in told(caught.value)


def test_without_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SecretError, match=r'needs the package keyring: pip install "collector\[keyring\]"'):
        reveal(Secret("keyring:collector/ro"))


def test_a_host_is_still_hashable_and_comparable() -> None:
    def host() -> Host:
        return Host(
            name="a",
            address="b",
            credentials=(Credential(name="c", snmp=Community(version="2c", community=Secret("x"))),),
        )

    assert host() == host()
    assert hash(host()) == hash(host())
