"""Store files so that none is left behind, whatever happens to the transaction.

A rollback takes back rows, not files. They are deleted if the run fails; a run that is
killed leaves a journal, written before the first file, from which the next run learns
which files no row refers to.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from wagtailimporter.plan.records import Record

__all__ = ["StoredFiles", "remove_orphans"]

FOLDER = "wagtailimporter-journals"  # in the default storage


class StoredFiles:
    """The files of a run: deleted again if the block fails.

    Use it outside the transaction, so that a failing commit counts too.
    """

    def __init__(self) -> None:
        self._stored: list[Any] = []
        self._names: dict[int, str] = {}
        self._journal = ""

    def __enter__(self) -> StoredFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            for file in self._stored:
                file.storage.delete(file.name)
        if self._journal:
            default_storage.delete(self._journal)

    def announce(self, records: Sequence[Record]) -> None:
        """Choose the names of all files to be stored, and note them in a journal."""
        taken: set[tuple[str, str]] = set()
        for record in records:
            key = record.kind.singular, _free_name(record, taken)
            taken.add(key)
            self._names[id(record)] = key[1]
        if taken:
            content = ContentFile(json.dumps(sorted(taken)).encode())
            self._journal = default_storage.save(
                f"{FOLDER}/{uuid.uuid4()}.json", content
            )

    def store(self, record: Record) -> None:
        """Store the file of an image or document, and refer to it."""
        instance, storage = record.instance, record.instance.file.storage
        with record.upload.path.open("rb") as stream:
            name = storage.save(self._names[id(record)], File(stream))
        # Assigned, so that the width and height of an image are read.
        instance.file = name
        self._stored.append(instance.file)


def _free_name(record: Record, taken: set[tuple[str, str]]) -> str:
    """Return a name that neither the storage nor this run has used.

    What was found in `images/` keeps that folder, so that a site that the original
    filled finds its images again.
    """
    file, upload = record.instance.file, record.upload
    name: str = file.name
    if record.is_new:
        name = file.field.generate_filename(record.instance, upload.path.name)
        if upload.folder:
            folder = PurePosixPath(name).parent / upload.folder
            name = str(folder / upload.path.name)
    length = file.field.max_length
    free: str = file.storage.get_available_name(name, max_length=length)
    path = PurePosixPath(free)
    while (record.kind.singular, free) in taken:
        other = file.storage.get_alternative_name(path.stem, path.suffix)
        free = file.storage.get_available_name(str(path.parent / other), length)
    return free


def remove_orphans() -> None:
    """Delete the files that a killed run left; call it while no other run can write."""
    try:
        _, journals = default_storage.listdir(FOLDER)
    except (FileNotFoundError, NotImplementedError):
        return
    models: dict[str, Any] = {
        "image": get_image_model(),
        "document": get_document_model(),
    }
    for journal in journals:
        path = f"{FOLDER}/{journal}"
        with default_storage.open(path) as stream:
            names = json.loads(stream.read() or b"[]")
        for kind, name in names:
            if not models[kind]._base_manager.filter(file=name).exists():
                models[kind]._meta.get_field("file").storage.delete(name)
        default_storage.delete(path)
