"""Errors and hints that more than one engine raises."""

import errno

from collector.transport.contract import ErrorStatus, UnreachableError

SILENCE_HINT = "check address and port, community or user, the agent's access list and view, firewalls, and the line"
WRONG_PRIVACY_HINT = (
    "wrong privacy passphrase or protocol (there are two kinds of AES-192 and AES-256: try aes192c or aes256c)"
)
ONLY_DISCOVERY_HINT = (
    "it answers discovery but not this user: check user, passphrases, protocols, and the agent's access list"
)
_PORT_CLOSED = "the agent does not run, or listens on another port or address"
_NO_ROUTE = "the network says that there is no way to it: check address, routes and the line"


def unreachable(error: OSError, host: str) -> UnreachableError:
    """What a socket's error says of the way to `host`."""
    refused = error.errno == errno.ECONNREFUSED
    return UnreachableError(
        "port closed" if refused else f"unreachable: {error.strerror}",
        host=host,
        hint=_PORT_CLOSED if refused else _NO_ROUTE,
    )


def status_name(error_status: int) -> str:
    """An error-status for people: `5 (GEN_ERR)`."""
    try:
        return f"{error_status} ({ErrorStatus(error_status).name})"
    except ValueError:
        return str(error_status)
