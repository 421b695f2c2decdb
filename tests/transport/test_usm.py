"""Keys, digests and ciphers of SNMPv3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.transport.snmp.usm import (
    DIGEST_OCTETS,
    AuthProtocol,
    Cipher,
    PrivProtocol,
    User,
    digest,
    digest_is_right,
    localized_key,
    master_key,
    privacy_key,
)

ENGINE_ID = bytes.fromhex("000000000000000000000002")
PRIVS: list[PrivProtocol] = ["des", "aes128", "aes192", "aes256", "aes192c", "aes256c"]


@pytest.mark.parametrize(
    ("auth", "master", "localized"),
    [  # RFC 3414, A.3.1 and A.3.2
        ("md5", "9faf3283884e92834ebc9847d8edd963", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha1", "9fb5cc0381497b3793528939ff788d5d79145211", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_are_those_of_the_rfc(auth: AuthProtocol, master: str, localized: str) -> None:
    key = master_key(auth, b"maplesyrup")
    assert key.hex() == master
    assert localized_key(auth, key, ENGINE_ID).hex() == localized


def test_keys_are_lengthened_by_blumenthal() -> None:
    key = master_key("sha1", b"maplesyrup")
    lengthened = privacy_key("sha1", "aes256", key, ENGINE_ID)
    assert lengthened.hex() == "6695febc9288e36282235fc7151f128497b38f3f505e07eb9af25568fa1f5dbe"


def test_keys_are_lengthened_by_reeder() -> None:
    # draft-reeder-snmpv3-usm-3desede-00, B.1 and B.2
    md5 = privacy_key("md5", "aes256c", master_key("md5", b"maplesyrup"), ENGINE_ID)
    assert md5.hex() == "526f5eed9fcce26f8964c2930787d82b79eff44a90650ee0a3a40abfac5acc12"
    sha1 = privacy_key("sha1", "aes256c", master_key("sha1", b"maplesyrup"), ENGINE_ID)
    assert sha1.hex() == "6695febc9288e36282235fc7151f128497b38f3f9b8b6d78936ba6e7d19dfd9c"


@pytest.mark.parametrize("priv", PRIVS)
@pytest.mark.parametrize("auth", DIGEST_OCTETS)
def test_every_cipher_gets_enough_key(auth: AuthProtocol, priv: PrivProtocol) -> None:
    key = privacy_key(auth, priv, master_key(auth, b"maplesyrup"), ENGINE_ID)
    assert len(key) == {"des": 16, "aes128": 16, "aes192": 24, "aes192c": 24}.get(priv, 32)


@given(st.binary(max_size=300), st.sampled_from(PRIVS), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_what_is_encrypted_decrypts(plain: bytes, priv: PrivProtocol, boots: int, time_s: int) -> None:
    key = privacy_key("sha512", priv, bytes(64), ENGINE_ID)
    cipher = Cipher(priv, key, random=bytes)
    first, salt = cipher.encrypt(boots, time_s, plain)
    second, other_salt = cipher.encrypt(boots, time_s, plain)
    assert salt != other_salt
    assert not plain or first != second
    decrypted = cipher.decrypt(boots, time_s, salt, first)
    assert decrypted[: len(plain)] == plain
    assert len(decrypted) - len(plain) < 8


@given(st.sampled_from(PRIVS), st.binary(max_size=20), st.binary(max_size=100))
def test_only_value_errors_come_of_decrypting_nonsense(priv: PrivProtocol, salt: bytes, ciphertext: bytes) -> None:
    cipher = Cipher(priv, privacy_key("sha512", priv, bytes(64), ENGINE_ID))
    try:
        cipher.decrypt(1, 1, salt, ciphertext)
    except ValueError:
        assert len(salt) != 8 or len(ciphertext) % 8


@pytest.mark.parametrize("auth", DIGEST_OCTETS)
def test_a_digest_covers_every_octet(auth: AuthProtocol) -> None:
    octets = DIGEST_OCTETS[auth]
    message = b"head" + bytes(octets) + b"tail"
    signed = b"head" + digest(auth, b"key", message) + b"tail"
    assert digest_is_right(auth, b"key", signed, 4, 4 + octets)
    for at in range(len(signed)):
        changed = signed[:at] + bytes((signed[at] ^ 0x80,)) + signed[at + 1 :]
        assert not digest_is_right(auth, b"key", changed, 4, 4 + octets)


def test_a_users_keys_are_not_shown() -> None:
    user = User("me", auth="sha1", auth_passphrase="correct horse", priv="des", priv_passphrase="battery staple")
    keys = user.keys(ENGINE_ID)
    shown = repr(user) + repr(keys) + repr(Cipher("des", keys.priv)) + str(keys)
    assert keys.auth.hex() not in shown
    assert repr(keys.auth) not in shown
    assert "horse" not in shown


def test_privacy_needs_authentication() -> None:
    with pytest.raises(ValueError, match="'me' has a privacy protocol"):
        User("me", priv="des", priv_passphrase="battery staple")


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        User("me", auth="md5")
