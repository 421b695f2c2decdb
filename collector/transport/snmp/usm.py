"""SNMPv3's user-based security model: keys, digests, ciphers (RFC 3414, RFC 3826, RFC 7860).

AES-192 and AES-256 never became standards; both ways in use to lengthen a short key are here: Blumenthal's
(draft-blumenthal-aes-usm-04), and Reeder's (draft-reeder-snmpv3-usm-3desede-00), which Cisco and others took.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm

AuthProtocol = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
PrivProtocol = Literal["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"]

TIME_WINDOW_S = 150

DIGEST_OCTETS: dict[AuthProtocol, int] = {"md5": 12, "sha1": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}

_KEY_OCTETS: dict[PrivProtocol, int] = {
    "des": 16,  # 8 of them are the pre-IV
    "aes128": 16,
    "aes192": 24,
    "aes256": 32,
    "aes192c": 24,
    "aes256c": 32,
}
_STRETCHED_OCTETS = 1 << 20


@lru_cache(maxsize=4096)
def master_key(auth: AuthProtocol, passphrase: bytes) -> bytes:
    """The user's key Ku (RFC 3414, A.2): the digest of a megabyte of repeated passphrase. Costs a millisecond or two.

    Raises:
        ValueError: the passphrase is empty.
    """
    if not passphrase:
        raise ValueError("an SNMPv3 passphrase cannot be empty")
    repeats = _STRETCHED_OCTETS // len(passphrase) + 1
    return hashlib.new(auth, (passphrase * repeats)[:_STRETCHED_OCTETS]).digest()


def localized_key(auth: AuthProtocol, key: bytes, engine_id: bytes) -> bytes:
    """The key Kul for one engine (RFC 3414, 2.6)."""
    return hashlib.new(auth, key + engine_id + key).digest()


def privacy_key(auth: AuthProtocol, priv: PrivProtocol, key: bytes, engine_id: bytes) -> bytes:
    """The localized key for a cipher, lengthened where the digest is too short for it."""
    localized = localized_key(auth, key, engine_id)
    octets = _KEY_OCTETS[priv]
    last = localized
    while len(localized) < octets:
        if priv in ("aes192c", "aes256c"):
            last = localized_key(auth, master_key(auth, last), engine_id)
            localized += last
        else:
            localized += hashlib.new(auth, localized).digest()
    return localized[:octets]


class LocalKeys(NamedTuple):
    """A user's keys for one engine; empty where the user has none."""

    auth: bytes
    priv: bytes

    def __repr__(self) -> str:
        return "LocalKeys(<secret>)"


class User:
    """Whom a session speaks as, and how secretly.

    Args:
        auth_passphrase, priv_passphrase: what their protocols need; ignored without one.

    Raises:
        ValueError: a passphrase is empty, or there is a privacy protocol without an authentication protocol.
    """

    def __init__(
        self,
        name: str,
        *,
        auth: AuthProtocol | None = None,
        auth_passphrase: str = "",
        priv: PrivProtocol | None = None,
        priv_passphrase: str = "",
    ) -> None:
        if priv and not auth:
            raise ValueError(f"user {name!r} has a privacy protocol ({priv}) without an authentication protocol")
        self.name = name.encode()
        self.auth = auth
        self.priv = priv
        self._auth_key = master_key(auth, auth_passphrase.encode()) if auth else b""
        self._priv_key = master_key(auth, priv_passphrase.encode()) if auth and priv else b""

    def __repr__(self) -> str:
        return f"User({self.name!r}, auth={self.auth}, priv={self.priv})"

    def keys(self, engine_id: bytes) -> LocalKeys:
        """The user's keys for the engine."""
        if not self.auth:
            return LocalKeys(b"", b"")
        auth_key = localized_key(self.auth, self._auth_key, engine_id)
        priv_key = privacy_key(self.auth, self.priv, self._priv_key, engine_id) if self.priv else b""
        return LocalKeys(auth_key, priv_key)


def digest(auth: AuthProtocol, key: bytes, message: bytes) -> bytes:
    """The msgAuthenticationParameters of a message in which they are still zeros."""
    return hmac.digest(key, message, auth)[: DIGEST_OCTETS[auth]]


def digest_is_right(auth: AuthProtocol, key: bytes, message: bytes, start: int, stop: int) -> bool:
    """Whether message[start:stop], its msgAuthenticationParameters, are those of the message."""
    blank = b"".join((message[:start], bytes(stop - start), message[stop:]))
    return hmac.compare_digest(digest(auth, key, blank), message[start:stop])


class Cipher:
    """Encrypts what goes to one engine and decrypts what comes from it.

    Args:
        random: makes the start of the salt, which then counts up.
    """

    def __init__(self, priv: PrivProtocol, key: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        self._priv = priv
        self._key = key
        self._salt = int.from_bytes(random(8), "big")

    def __repr__(self) -> str:
        return f"Cipher({self._priv})"

    def encrypt(self, boots: int, time_s: int, plain: bytes) -> tuple[bytes, bytes]:
        """Ciphertext, and the msgPrivacyParameters to send with it."""
        self._salt = (self._salt + 1) % (1 << 64)
        if self._priv == "des":
            salt = boots.to_bytes(4, "big") + (self._salt & 0xFFFF_FFFF).to_bytes(4, "big")
            padded = plain + bytes(-len(plain) % 8)
            return _des(self._key, salt, padded, encrypt=True), salt
        salt = self._salt.to_bytes(8, "big")
        return _aes(self._key, _aes_iv(boots, time_s, salt), plain, encrypt=True), salt

    def decrypt(self, boots: int, time_s: int, salt: bytes, ciphertext: bytes) -> bytes:
        """The plaintext; with DES perhaps with padding behind it.

        Raises:
            ValueError: the salt or the ciphertext has an impossible length.
        """
        if len(salt) != 8:
            raise ValueError(f"msgPrivacyParameters of {len(salt)} octets")
        if self._priv == "des":
            if len(ciphertext) % 8:
                raise ValueError(f"{len(ciphertext)} octets encrypted by DES")
            return _des(self._key, salt, ciphertext, encrypt=False)
        return _aes(self._key, _aes_iv(boots, time_s, salt), ciphertext, encrypt=False)


def _aes_iv(boots: int, time_s: int, salt: bytes) -> bytes:
    return (boots & 0xFFFF_FFFF).to_bytes(4, "big") + (time_s & 0xFFFF_FFFF).to_bytes(4, "big") + salt


def _aes(key: bytes, iv: bytes, data: bytes, *, encrypt: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    cipher = Primitive(AES(key), _cfb()(iv))
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


def _des(key: bytes, salt: bytes, data: bytes, *, encrypt: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    iv = bytes(a ^ b for a, b in zip(key[8:16], salt, strict=True))
    cipher = Primitive(_triple_des()(key[:8] * 3), CBC(iv))  # three times the same key is DES
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


@cache
def _cfb() -> Callable[[bytes], "CFB"]:
    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:  # where it was before it was declared decrepit
        import cryptography.hazmat.primitives.ciphers.modes as modes

        return modes.CFB
    return CFB


@cache
def _triple_des() -> Callable[[bytes], "CipherAlgorithm"]:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

    return TripleDES
