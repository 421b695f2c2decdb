"""Private keys of our own: OpenSSH's format and PEM (PKCS#1, SEC 1, PKCS#8), with or without a passphrase."""

import hashlib
import io
import threading
from typing import TYPE_CHECKING

import paramiko

from collector.transport.ssh.errors import KeyFileError
from inventory.model import SshLogin
from inventory.secrets import reveal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

KEY_TYPES = frozenset(("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"))
"""what can be logged in with"""
_MAX_HELD = 64
_held: dict[bytes, paramiko.PKey] = {}
_lock = threading.Lock()


def private_key(login: SshLogin, host: str) -> paramiko.PKey:
    """The key of a login. A passphrase costs a quarter of a second of CPU, so that each key is opened once a process.

    Raises:
        KeyFileError: it is none, or its passphrase is missing or wrong.
        SecretError: key or passphrase cannot be had.
    """
    if login.key is None:
        raise KeyFileError("no private key", host=host, hint="set `key` in the credential's ssh table")
    found = _opened_once(login)
    if isinstance(found, str):
        raise KeyFileError(
            f"the private key {login.key.reference} {found}",
            host=host,
            hint="try it: ssh-keygen -y -f FILE; allowed: ed25519, ecdsa and rsa, OpenSSH's format or PEM",
        )
    return found


def _opened_once(login: SshLogin) -> paramiko.PKey | str:
    passphrase = login.passphrase
    # nothing that reveal() may fail in has the other secret among its variables
    return _held_or_opened(reveal(login.key) if login.key else "", reveal(passphrase) if passphrase else "")


def _held_or_opened(text: str, passphrase: str) -> paramiko.PKey | str:
    name = hashlib.sha256(f"{len(text)} {text}{passphrase}".encode()).digest()
    with _lock:  # not per key: what all threads wait for at the start is one and the same
        found: paramiko.PKey | str | None = _held.get(name)
        if found is None:
            found = _opened(text.strip().encode() + b"\n", passphrase.encode() or None)
            if not isinstance(found, str):
                if len(_held) >= _MAX_HELD:
                    _held.clear()
                _held[name] = found
    return found


def _opened(text: bytes, passphrase: bytes | None) -> paramiko.PKey | str:
    """The key, or what is wrong with it: said, not raised, as the frames of an exception would hold the text."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in text else load_pem_private_key
    try:
        key = load(text, passphrase)
    except TypeError:
        return _opened(text, None) if passphrase else "needs its passphrase: set `passphrase`"
    except UnsupportedAlgorithm:
        return "is of a kind that cannot be used"
    except ValueError:
        return "is none, or its passphrase is wrong" if passphrase else "is none: it is damaged, or something else"
    return _of_paramiko(key)


def _of_paramiko(key: "PrivateKeyTypes") -> paramiko.PKey | str:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    kinds = {
        Ed25519PrivateKey: paramiko.Ed25519Key,
        EllipticCurvePrivateKey: paramiko.ECDSAKey,
        RSAPrivateKey: paramiko.RSAKey,
    }
    for kind, theirs in kinds.items():
        if isinstance(key, kind):
            text = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
            return theirs.from_private_key(io.StringIO(text))
    return "is of a kind that cannot be used"
