"""Opens secrets, at the moment of use. What comes out must not be kept, logged or put in a message."""

import os
import stat

from inventory.model import Secret

_LONGEST = 64 * 1024


class SecretError(Exception):
    """A secret cannot be had. The message names the reference, never the secret."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(f"{reference}: {reason}")
        self.reference = reference


def reveal(secret: Secret) -> str:
    """The secret itself.

    env: the variable's value; file: the file's text without its last newline; keyring: the entry of the desktop's or
    the server's key store; anything else is the secret already.

    Raises:
        SecretError: it is not there, empty, or a file that others can read.
    """
    if secret.literal:
        return secret._written
    scheme, _, name = secret.reference.partition(":")
    # no local variable of a frame that raises may hold a secret: tracebacks can print them
    match scheme:
        case "env":
            found = _of_environment(name)
        case "file":
            found = _of_file(name)
        case _:
            found = _of_keyring(name)
    if not found:
        raise SecretError(secret.reference, "is empty")
    return found


def _of_environment(name: str) -> str:
    if name not in os.environ:
        raise SecretError(f"env:{name}", "the environment has no such variable")
    return os.environ[name]


def _of_file(name: str) -> str:
    reference = f"file:{name}"
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is no path"
        raise SecretError(reference, f"cannot be read: {reason}") from None
    try:
        status = os.fstat(handle)
        mode = stat.S_IMODE(status.st_mode)
        if not stat.S_ISREG(status.st_mode):
            raise SecretError(reference, "is no regular file")
        if status.st_uid not in (0, os.geteuid()):
            raise SecretError(reference, f"belongs to user {status.st_uid}, allowed: root or the one who runs this")
        if mode & 0o077:
            raise SecretError(reference, f"has mode {mode:04o}, allowed: 0600 or 0400 (chmod 600 {name})")
        if status.st_size > _LONGEST:
            raise SecretError(reference, f"has {status.st_size} octets, allowed: {_LONGEST}")
        text = _text(os.read(handle, _LONGEST))
    finally:
        os.close(handle)
    if text is None:
        raise SecretError(reference, "is not UTF-8")
    return text.removesuffix("\n").removesuffix("\r")


def _text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:  # holds the data, so it ends here
        return None


def _of_keyring(name: str) -> str:
    reference = f"keyring:{name}"
    service, _, user = name.rpartition("/")
    try:
        import keyring
    except ImportError:
        raise SecretError(reference, 'needs the package keyring: pip install "collector[keyring]"') from None
    try:
        return keyring.get_password(service, user) or ""
    except Exception as error:  # noqa: BLE001 (back ends of the key store raise what they like)
        raise SecretError(reference, f"the key store failed ({type(error).__name__})") from None
