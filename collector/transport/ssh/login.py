"""From a credential to an authenticated connection: key, agent, password, in that order, and each once (RFC 4252)."""

import io

import paramiko
from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType, SSHException

from collector.transport.contract import NoAnswerError
from collector.transport.ssh.errors import ClosedError, KeyFileError, LoginRefusedError
from inventory.model import SshLogin
from inventory.secrets import reveal

MAX_AGENT_KEYS = 3
"""of an agent: each is a failed try to the server, and servers count them (sshd: MaxAuthTries 6)"""
_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)


def authenticate(transport: paramiko.Transport, login: SshLogin, host: str, *, suffix: str = "") -> str:
    """Log in; returns the way that worked: "key", "agent" or "password". `suffix` stands behind the user's name.

    Raises:
        LoginRefusedError: none of the ways; which ones the server takes is in the message.
        KeyFileError: our own private key cannot be used.
        SecretError: a secret cannot be had.
        ClosedError, NoAnswerError: the device hung up, or says nothing.
    """
    user = login.user + suffix
    refused: list[str] = []
    taken: list[str] = []
    for way, key in _ways(login, host):
        try:
            if key is not None:
                transport.auth_publickey(user, key)
            else:
                transport.auth_password(user, _password(login))
        except BadAuthenticationType as error:
            taken = list(error.allowed_types)
        except AuthenticationException as error:
            if "timeout" in str(error).lower():
                raise NoAnswerError("no answer to the login", host=host) from None
            refused.append(way)
        except (SSHException, EOFError, OSError):
            if refused:  # some close the connection instead of saying no
                break
            raise ClosedError("the device closed the connection during the login", host=host) from None
        if transport.is_authenticated():
            return way
    raise LoginRefusedError(_refusal(login, refused, taken), host=host, hint=_HINT)


_HINT = "compare user, password and key with the device's; collector probe tries again at once"


def _refusal(login: SshLogin, refused: list[str], taken: list[str]) -> str:
    tried = f"refused: {', '.join(dict.fromkeys(refused))}" if refused else "nothing of it could be tried"
    only = f"; the device takes only {', '.join(taken)}" if taken else ""
    return f"login of user {login.user} {tried}{only}"


def _password(login: SshLogin) -> str:
    return reveal(login.password) if login.password else ""


def _ways(login: SshLogin, host: str) -> list[tuple[str, paramiko.PKey | None]]:
    ways: list[tuple[str, paramiko.PKey | None]] = []
    if login.key:
        ways.append(("key", _private_key(login, host)))
    if login.agent:
        ways += [("agent", key) for key in paramiko.Agent().get_keys()[:MAX_AGENT_KEYS]]
        if not ways:
            raise KeyFileError(
                "the SSH agent holds no keys, or there is none", host=host, hint="ssh-add; $SSH_AUTH_SOCK"
            )
    if login.password:
        ways.append(("password", None))
    return ways


def _private_key(login: SshLogin, host: str) -> paramiko.PKey:
    if login.key is None:
        raise KeyFileError("no private key", host=host)
    text = reveal(login.key) + "\n"
    passphrase = reveal(login.passphrase) if login.passphrase else None
    for kind in _KEY_CLASSES:
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except paramiko.PasswordRequiredException:
            raise KeyFileError(
                f"the private key {login.key.reference} needs its passphrase", host=host, hint="set `passphrase`"
            ) from None
        except (SSHException, ValueError, IndexError, TypeError):  # of another kind, or damaged: tried with the next
            continue
    wrong = "or its passphrase is wrong" if passphrase else "of the kinds ed25519, ecdsa, rsa"
    raise KeyFileError(f"{login.key.reference} is no private key {wrong}", host=host)
