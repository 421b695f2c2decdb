"""Which algorithms are offered: what is held to be safe today, and what old gear needs where its host says `legacy_ssh`.

The strict choice is that of OpenSSH's client since 8.8: no SHA-1 signatures, no SHA-1 key exchange, no CBC, no MD5.
"""

from collections.abc import Mapping, Sequence

STRICT: Mapping[str, Sequence[str]] = {
    "kex": (
        "diffie-hellman-group-exchange-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group1-sha1",
        "gss-gex-sha1-toWM5Slw5Ew8Mqkay+al2g==",
        "gss-group14-sha1-toWM5Slw5Ew8Mqkay+al2g==",
        "gss-group1-sha1-toWM5Slw5Ew8Mqkay+al2g==",
    ),
    "keys": ("ssh-rsa", "ssh-dss", "ssh-rsa-cert-v01@openssh.com"),
    "pubkeys": ("ssh-rsa", "ssh-dss", "ssh-rsa-cert-v01@openssh.com"),
    "ciphers": ("aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc", "blowfish-cbc"),
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-sha1-96"),
}
"""what is not offered"""
LEGACY: Mapping[str, Sequence[str]] = {}
"""nothing is left out"""
