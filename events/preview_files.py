"""Previews that are made already, as files below a folder of their own; any of them may be removed."""

import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings


def folder_of(account_id: int, file_id: str) -> Path:
    """Where the previews of a file are kept."""
    return Path(settings.PREVIEWS_DIR) / str(account_id) / file_id[-2:] / file_id


def keep(path: Path, content: bytes, modified: str) -> None:
    """Into place at once, so that nobody reads half a file; those of older versions go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("*.jpg"):
        if not old.name.startswith(f"{modified}-"):
            old.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)


def discard(account_id: int, file_id: str) -> None:
    """Remove the previews of a deleted file."""
    shutil.rmtree(folder_of(account_id, file_id), ignore_errors=True)


def discard_all(account_id: int) -> None:
    """Remove the previews of an account."""
    shutil.rmtree(Path(settings.PREVIEWS_DIR) / str(account_id), ignore_errors=True)
