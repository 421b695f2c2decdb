"""What an agent's reports mean: the counters of RFC 3414, section 5, RFC 3412 and RFC 3413 that a report names."""

from collector.smi.oid import Oid, decode, encode
from collector.transport.contract import (
    DecryptionError,
    NotInTimeWindowError,
    SecurityError,
    UnknownEngineError,
    UnknownUserError,
    UnsupportedLevelError,
    WrongDigestError,
)
from collector.transport.snmp.errors import WRONG_PRIVACY_HINT

_USM_STATS = "1.3.6.1.6.3.15.1.1"

NOT_IN_TIME_WINDOWS = encode(f"{_USM_STATS}.2.0")
UNKNOWN_ENGINE_IDS = encode(f"{_USM_STATS}.4.0")

_ERRORS: dict[Oid, tuple[type[SecurityError], str, str]] = {
    encode(f"{_USM_STATS}.1.0"): (
        UnsupportedLevelError,
        "the agent does not support this security level for this user",
        "the user has no auth or priv key on the agent, or not of these protocols: compare `auth` and `priv`",
    ),
    NOT_IN_TIME_WINDOWS: (
        NotInTimeWindowError,
        "the agent finds the message out of time, also after a synchronisation",
        "its clock or its boots counter does not hold still: look for two devices with one address or one engine id",
    ),
    encode(f"{_USM_STATS}.3.0"): (
        UnknownUserError,
        "the agent does not know this user",
        "check `user`; on some agents a user belongs to one engine id and is lost when that changes",
    ),
    UNKNOWN_ENGINE_IDS: (
        UnknownEngineError,
        "the agent does not know the engine id that it told",
        "its engine id does not hold still: look for two devices with one address",
    ),
    encode(f"{_USM_STATS}.5.0"): (
        WrongDigestError,
        "the agent finds the digest wrong",
        "wrong auth passphrase or protocol",
    ),
    encode(f"{_USM_STATS}.6.0"): (
        DecryptionError,
        "the agent cannot decrypt the message",
        WRONG_PRIVACY_HINT,
    ),
    encode("1.3.6.1.6.3.12.1.4.0"): (
        SecurityError,
        "the agent's context is not available",
        "check `context`",
    ),
    encode("1.3.6.1.6.3.12.1.5.0"): (
        SecurityError,
        "the agent does not know this context",
        "check `context`",
    ),
}


def report_error(reason: Oid, host: str) -> SecurityError:
    """The error that a report with this counter is."""
    if reason in _ERRORS:
        kind, message, hint = _ERRORS[reason]
        return kind(message, host=host, hint=hint)
    return SecurityError(f"the agent refuses with report {decode(reason) if reason else 'of nothing'}", host=host)
