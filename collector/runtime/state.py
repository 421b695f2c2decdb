"""The state directory: what the collector remembers of each host between polls.

One small file a host and kind, so that a damaged one costs one host one relearning. A file is magic, CRC-32, payload
(MessagePack); what does not fit its checksum or its type is set aside as `NAME@damaged` (no host's file has an @) and
reported, never fatal.

A file is overwritten where it lies, neither synced nor replaced: file systems write a replaced file to the disk at once, which
for thousands of hosts a minute is what would take longest. After a power cut the checksum tells, and the device is asked again.
"""

import logging
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

import msgspec

log = logging.getLogger(__name__)

MAGIC = b"COL1"
_HEADER_BYTES = len(MAGIC) + 4

Remembered = TypeVar("Remembered", bound=msgspec.Struct)


class StateError(Exception):
    """The state directory cannot be used; the message names it and says why."""


class StateDir:
    """Typed files below one directory: `load(HostFacts, "r1")` reads `facts/r1`."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the directory, making it where it is not there. With `read_only`, `save` and `forget` do nothing.

        Raises:
            StateError: it cannot be made or written.
        """
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o750)
        except OSError as error:
            raise StateError(f"collector.state_dir: cannot make {path}: {error.strerror}") from error
        if not os.access(path, os.W_OK | os.X_OK):
            raise StateError(f"collector.state_dir: {path} is not writable for user {os.getuid()}")
        self.read_only = read_only
        self._folders: dict[type[msgspec.Struct], Path] = {}
        self._decoders: dict[type[msgspec.Struct], msgspec.msgpack.Decoder[msgspec.Struct]] = {}
        self._encoder = msgspec.msgpack.Encoder()

    def _folder(self, kind: type[msgspec.Struct]) -> Path:
        folder = self._folders.get(kind)
        if folder is None:
            folder = self.path / kind.__name__.removeprefix("Host").lower()
            folder.mkdir(exist_ok=True)
            self._folders[kind] = folder
        return folder

    def _file(self, kind: type[msgspec.Struct], host: str) -> Path:
        name = quote(host, safe="")
        return self._folder(kind) / (name if name.strip(".") else name.replace(".", "%2E"))

    def load(self, kind: type[Remembered], host: str) -> Remembered | None:
        """What was saved of `host`, or None where nothing was or where it is damaged (then it is set aside)."""
        file = self._file(kind, host)
        try:
            with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - half the time of Path's way, twice a host and cycle
                data = opened.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"cannot read {file}: {error.strerror}") from error
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = self._decoders[kind] = msgspec.msgpack.Decoder(kind)
        try:
            if not data.startswith(MAGIC) or len(data) < _HEADER_BYTES:
                raise ValueError("not a state file")
            if zlib.crc32(data[_HEADER_BYTES:]) != int.from_bytes(data[len(MAGIC) : _HEADER_BYTES], "big"):
                raise ValueError("its checksum is wrong")
            value = decoder.decode(memoryview(data)[_HEADER_BYTES:])
        except (ValueError, msgspec.MsgspecError) as error:
            if self.read_only:  # its owner may be writing it just now
                return None
            aside = file.with_name(file.name + "@damaged")
            file.replace(aside)
            log.warning("%s: state set aside as %s and learnt anew: %s", host, aside, error, extra={"host": host})
            return None
        return value if isinstance(value, kind) else None

    def all(self, kind: type[Remembered]) -> Iterator[tuple[str, Remembered]]:
        """Every host of which something of this type is saved, with it."""
        for file in sorted(self._folder(kind).iterdir()):
            if "@" not in file.name and (value := self.load(kind, unquote(file.name))) is not None:
                yield unquote(file.name), value

    def save(self, host: str, value: msgspec.Struct) -> None:
        """Replace what is saved of `host` and of this type. The caller holds the host's lease.

        Raises:
            StateError: it cannot be written.
        """
        if self.read_only:
            return
        payload = self._encoder.encode(value)
        data = MAGIC + zlib.crc32(payload).to_bytes(4, "big") + payload
        descriptor = os.open(self._file(type(value), host), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            if os.pwrite(descriptor, data, 0) != len(data):
                raise StateError(f"cannot write {self._file(type(value), host)}: the disk is full")
            os.ftruncate(descriptor, len(data))
        except OSError as error:
            raise StateError(f"cannot write {self._file(type(value), host)}: {error.strerror}") from error
        finally:
            os.close(descriptor)

    def forget(self, kind: type[msgspec.Struct], host: str) -> None:
        """Drop what is saved of `host`, where anything is."""
        if not self.read_only:
            self._file(kind, host).unlink(missing_ok=True)
