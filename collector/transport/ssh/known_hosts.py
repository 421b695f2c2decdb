"""Pinned host keys, in OpenSSH's format (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).

`[address]:port keytype base64`, the port and brackets where it is not 22; names hashed as ssh hashes them are
understood, @revoked is heeded, @cert-authority is not for us. What `ssh-keyscan` prints can be pasted in.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

import msgspec

from collector.transport.contract import TransportError


class Trust(Enum):
    """What the pinned keys say of a key."""

    PINNED = "pinned"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    REVOKED = "revoked"


class HostKey(msgspec.Struct, frozen=True):
    """A public host key: its type ("ssh-ed25519") and its blob (RFC 4253, section 6.6)."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen prints it: SHA256:..."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")


def _is_whole(key: HostKey) -> bool:
    """Whether the blob begins with its type, and is strings of their announced lengths (RFC 4253, section 6.6) to its end."""
    at, strings = 0, list[bytes]()
    while at < len(key.blob):
        length = int.from_bytes(key.blob[at : at + 4], "big")
        strings.append(key.blob[at + 4 : at + 4 + length])
        at += 4 + length
    return at == len(key.blob) and len(strings) > 1 and strings[0] == key.type.encode()


def host_pattern(address: str, port: int) -> str:
    """A device as the file names it."""
    return address if port == 22 else f"[{address}]:{port}"


class _Held(msgspec.Struct):
    """What a file held.

    Attributes:
        stamp: of the file as it was read, to tell that it is another by now; None where there was none.
        problems: lines that are none.
        keys: by the names as `host_pattern` writes them.
        hashed: salt and digest of a name, and its key.
    """

    stamp: tuple[int, int, int] | None
    problems: list[str] = []
    keys: dict[str, set[HostKey]] = {}
    hashed: list[tuple[bytes, bytes, HostKey]] = []
    revoked: set[HostKey] = set()

    def take(self, line: str) -> bool:
        """Take up a line; False where it is none."""
        words = line.split()
        marker = words.pop(0) if words[0].startswith("@") else ""
        if len(words) < 3 or marker not in ("", "@revoked", "@cert-authority"):
            return False
        try:
            key = HostKey(words[1], base64.b64decode(words[2], validate=True))
        except (binascii.Error, ValueError):
            return False
        if not _is_whole(key):
            return False
        if marker == "@cert-authority":
            return True
        for name in words[0].split(","):
            if marker:
                self.revoked.add(key)
            elif name.startswith("|1|"):
                try:
                    salt, digest = (base64.b64decode(part, validate=True) for part in name[3:].split("|"))
                except (binascii.Error, ValueError):
                    return False
                self.hashed.append((salt, digest, key))
            else:
                self.keys.setdefault(name.lower(), set()).add(key)
        return True


class KnownHosts:
    """The pinned keys of one file, read again when it has changed: what `collector trust` pins counts at once for who polls."""

    def __init__(self, path: Path) -> None:
        """Read the file; one that is not there holds nothing.

        Raises:
            TransportError: it cannot be read.
        """
        self.path = path
        self._held = self._read()

    @property
    def problems(self) -> list[str]:
        """The lines that are none; they are kept."""
        return self._held.problems

    def _read(self) -> _Held:
        held = _Held(self._stamp())
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return held
        except OSError as error:
            raise self._unreadable(error) from error
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line.lstrip().startswith("#") and not held.take(line):
                held.problems.append(
                    f"{self.path}:{number}: no line of known_hosts, allowed: [ADDRESS]:PORT TYPE BASE64"
                )
        return held

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _unreadable(self, error: OSError) -> TransportError:
        return TransportError(f"{self.path}: pinned host keys cannot be read: {error.strerror}")

    def _now(self) -> _Held:
        """What the file holds. Called from many threads: whoever has an older one goes on with that."""
        if self._held.stamp != self._stamp():
            self._held = self._read()
        return self._held

    def of(self, address: str, port: int) -> set[HostKey]:
        """The keys pinned for a device.

        Raises:
            TransportError: the file has changed and cannot be read.
        """
        return _of(self._now(), address, port)

    def judge(self, address: str, port: int, shown: HostKey) -> Trust:
        """What to make of the key that a device shows.

        Raises:
            TransportError: the file has changed and cannot be read.
        """
        held = self._now()
        if shown in held.revoked:
            return Trust.REVOKED
        pinned = _of(held, address, port)
        if shown in pinned:
            return Trust.PINNED
        return Trust.CHANGED if pinned else Trust.UNKNOWN

    def pin(self, address: str, port: int, key: HostKey, *, replace: bool = False) -> None:
        """As `pin_all`, one key."""
        self.pin_all([(address, port, key)], replace=replace)

    def pin_all(self, keys: Iterable[tuple[str, int, HostKey]], *, replace: bool = False) -> None:
        """Add keys of (address, port) to the file, in place of the others of those devices with `replace`, in one step and
        under a lock: two may be at it.

        Raises:
            TransportError: it cannot be written.
        """
        lines = {
            f"{(name := host_pattern(address.lower(), port))} {key.type} {base64.b64encode(key.blob).decode()}": name
            for address, port, key in keys
        }
        try:
            self._rewrite(frozenset(lines.values() if replace else ()), list(lines))
        except OSError as error:
            raise TransportError(f"{self.path}: host keys cannot be pinned: {error.strerror}") from error
        self._held = self._read()

    def _rewrite(self, without: frozenset[str], lines: list[str]) -> None:
        """Append `lines`, taking the names in `without` out of the others; by a neighbour, so that no reader meets half a file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(self.path.name + ".lock").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            old = self.path.read_text(encoding="utf-8", errors="surrogateescape") if self.path.exists() else ""
            kept = [_without(each, without) if without else each for each in old.removesuffix("\n").split("\n") if old]
            neighbour = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
            text = "".join(f"{each}\n" for each in [*kept, *lines] if each is not None)
            neighbour.write_text(text, encoding="utf-8", errors="surrogateescape")
            neighbour.chmod(self.path.stat().st_mode & 0o777 if self.path.exists() else 0o644)
            neighbour.replace(self.path)


def _of(held: _Held, address: str, port: int) -> set[HostKey]:
    name = host_pattern(address.lower(), port)
    hashed = {key for salt, digest, key in held.hashed if hmac.digest(salt, name.encode(), "sha1") == digest}
    return held.keys.get(name, set()) | hashed


def _without(line: str, names: frozenset[str]) -> str | None:
    """A line that pins no key for `names` any more; None where it pinned one for nothing else."""
    words = line.split(None, 1)
    if len(words) < 2 or line.lstrip().startswith(("#", "@")):
        return line
    kept = [each for each in words[0].split(",") if not _is_one(each, names)]
    return f"{','.join(kept)} {words[1]}" if kept else None


def _is_one(written: str, names: frozenset[str]) -> bool:
    return any(_is(written, name) for name in names) if written.startswith("|1|") else written.lower() in names


def _is(written: str, name: str) -> bool:
    """Whether a hashed name (HashKnownHosts of ssh_config(5)) is that one."""
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in written[3:].split("|"))
    except (binascii.Error, ValueError):
        return False
    return hmac.digest(salt, name.encode(), "sha1") == digest
