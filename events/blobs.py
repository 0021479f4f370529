"""Files on disk: written once, safe before anybody names them; what nobody names is swept away.

A file is on disk, its name too, before its record is committed; it is removed after the record is. So a
crash leaves at worst a file without record, never a record without file. Calls that write files hold
their account's folder while they last; the sweep passes over folders that are held.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.storage import storages

from events import preview_files
from events.models import Attachment

GRACE = 3600.0  # seconds; younger files are left alone by the automatic sweep


def _root() -> Path:
    return Path(storages["attachments"].path(""))


def blob_name(account_id: int, file_id: str) -> str:
    """Where a file is kept, below the root of all files."""
    return f"{account_id}/{file_id[-2:]}/{file_id}"


class Writer:
    """Writes one new file; the digest is made on the way."""

    def __init__(self, name: str) -> None:
        self.path = _root() / name
        _make_folder(self.path.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self.handle = os.fdopen(os.open(self.path, flags, 0o600), "wb")
        self.sha256 = hashlib.sha256()
        self.size = 0  # bytes

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self.handle.write(chunk)
        self.sha256.update(chunk)
        self.size += len(chunk)

    def finish(self) -> bytes:
        """Bring file and name to the disk; the SHA-256 digest."""
        self.handle.flush()
        os.fsync(self.handle.fileno())
        self.handle.close()
        _sync_folder(self.path.parent)
        return self.sha256.digest()


def _make_folder(folder: Path) -> None:
    """Make missing folders, each known to the disk."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_blob(name: str) -> BinaryIO:
    """The bytes of a file. Raises FileNotFoundError."""
    return cast("BinaryIO", storages["attachments"].open(name))


def remove(name: str) -> None:
    """Remove a file, if it is there, with the previews made of it."""
    (_root() / name).unlink(missing_ok=True)
    account_id, _, file_id = name.split("/")
    preview_files.discard(int(account_id), file_id)


def remove_all(account_id: int) -> None:
    """Remove all files of an account that has ended, with their previews; may be repeated."""
    shutil.rmtree(_root() / str(account_id), ignore_errors=True)
    preview_files.discard_all(account_id)


@contextmanager
def held(account_id: int) -> Iterator[None]:
    """Hold an account's folder while files are there that no record names yet."""
    folder = _root() / str(account_id)
    _make_folder(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else holds the folder, for the block."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


def sweep(older_than: float = GRACE) -> int:
    """Remove files that no record names and that are older (seconds); how many they were."""
    before = time.time() - older_than
    return sum(_sweep_account(folder, before) for folder in _root().iterdir() if folder.name.isdecimal())


def _sweep_account(folder: Path, before: float) -> int:
    removed = 0
    with _alone(folder) as alone:
        if not alone:
            return 0
        recorded = set(Attachment.objects.filter(account_id=int(folder.name)).values_list("blob", flat=True))
        for path in folder.glob("*/*"):
            name = path.relative_to(_root()).as_posix()
            if name not in recorded and path.stat().st_mtime <= before:
                remove(name)
                removed += 1
    return removed


def sweep_alone() -> int:
    """The same, unless another process is at it."""
    with suppress(FileNotFoundError), _alone(_root()) as alone:
        if alone:
            return sweep()
    return 0
