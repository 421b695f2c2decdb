"""Writing the files, without treading on those that somebody else wrote or changed."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

MANIFEST = ".collector-dashboards.json"
"""which files are ours, and what they held when we wrote them"""


class NotOursError(Exception):
    """Files stand in the way: `paths` with the reasons."""

    def __init__(self, folder: Path, reasons: Mapping[str, str]) -> None:
        listed = "\n".join(f"  {path}: {reason}" for path, reason in sorted(reasons.items()))
        super().__init__(f"{folder}: nothing written, as these files would be lost\n{listed}")
        self.paths = sorted(reasons)


def write(folder: Path, files: Mapping[str, str], *, force: bool = False) -> tuple[int, int]:
    """Write `files`, by path below `folder`, and remove what was written before and is no more.

    Args:
        force: whether files are replaced that somebody changed since; those that were never ours are not even then.

    Returns: how many were written, and how many removed; what is as it should be is left alone.

    Raises:
        NotOursError: a file is not ours, or was changed; nothing is written.
        OSError: the folder cannot be written.
    """
    known = _known(folder)
    former = {path for path in known if path not in files}
    reasons = {path: reason for path in (*files, *former) if (reason := _in_the_way(folder, path, known, force))}
    for path, text in files.items():
        if path in reasons and (folder / path).read_bytes() == text.encode():
            del reasons[path]
    if reasons:
        raise NotOursError(folder, reasons)
    written = 0
    for path, text in files.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != text.encode():
            file.parent.mkdir(parents=True, exist_ok=True)
            _put(file, text)
            written += 1
    removed = 0
    for path in sorted(former):
        if (folder / path).is_file():
            (folder / path).unlink()
            removed += 1
    digests = {path: _digest(text.encode()) for path, text in sorted(files.items())}
    _put(folder / MANIFEST, json.dumps(digests, indent=2) + "\n")
    return written, removed


def _put(file: Path, text: str) -> None:
    """Whole or not at all: half a file would be nobody's, and stand in the way of the next export."""
    neighbour = file.with_name(f".{file.name}.new")
    try:
        neighbour.write_text(text, encoding="utf-8")
        neighbour.replace(file)
    finally:
        neighbour.unlink(missing_ok=True)


def _in_the_way(folder: Path, path: str, known: Mapping[str, str], force: bool) -> str:
    file = folder / path
    if not file.exists():
        return ""
    if not file.is_file():
        return "is no file"
    if path not in known:
        return "was not written by this command; move it, or name another folder"
    if not force and _digest(file.read_bytes()) != known[path]:
        return "was changed since it was written; keep a copy elsewhere, then use --force"
    return ""


def _known(folder: Path) -> dict[str, str]:
    """Digests by path of what we wrote last; nothing where that is not known."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(path): str(digest) for path, digest in found.items() if not _leads_out(str(path))}


def _leads_out(path: str) -> bool:
    return Path(path).is_absolute() or ".." in Path(path).parts


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
