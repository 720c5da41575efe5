"""Find the images and documents that the files mention, by what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import Q
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.fields import WagtailImageField
from wagtail.utils.file import hash_filelike

from wagtailimporter.exceptions import ImportFailed, Problems
from wagtailimporter.fields.scalars import scalar
from wagtailimporter.parse.values import Mapping, Place
from wagtailimporter.plan.records import Kind, Record

__all__ = ["Media", "Upload"]


@dataclass(frozen=True)
class Upload:
    """A file to store."""

    path: Path
    digest: str
    size_bytes: int
    folder: str = ""  # "images" if it was found there


class Media:
    """All images, or all documents, of a run.

    Args:
        tag: `!image` or `!document`.
        mentions: every mapping with that tag.
        problems: where problems of single mentions go.
        candidates: mappings that may be mentions; they count if they are found.
    """

    def __init__(
        self,
        tag: str,
        mentions: Iterable[Mapping],
        problems: Problems,
        candidates: Iterable[Mapping] = (),
    ) -> None:
        self._is_image = is_image = tag == "!image"
        self._uploads: dict[Path, Upload] = {}
        self._model: Any = get_image_model() if is_image else get_document_model()
        self._kind = (
            Kind("image", "images") if is_image else Kind("document", "documents")
        )
        self._by_mention: dict[int, Record] = {}
        self._by_digest: dict[str, Record] = {}
        mentions, candidates = list(mentions), list(candidates)
        self._seen = {id(mention) for mention in mentions}
        self._wanted: set[Record] = set()
        self._refused: dict[int, Problems] = {}
        found: list[tuple[Mapping, Upload]] = []
        for mention in [*mentions, *candidates]:
            own = problems
            if id(mention) not in self._seen:
                own = self._refused[id(mention)] = Problems()
            with own.collected():
                try:
                    found.append((mention, self._upload(mention)))
                except FileNotFoundError as error:
                    self._add_stored(mention, str(error))
        stored = self._stored({upload for _, upload in found})
        for mention, upload in found:
            with self._refused.get(id(mention), problems).collected():
                self._add(mention, upload, stored)
        self._wanted |= {
            record for key, record in self._by_mention.items() if key in self._seen
        }

    @property
    def all(self) -> list[Record]:
        """One for each content, those of mere candidates included."""
        return list(self._by_digest.values())

    @property
    def records(self) -> list[Record]:
        """One for each content, in the order of the files."""
        return [r for r in self._by_digest.values() if r in self._wanted]

    def find(self, reference: Mapping) -> Any:
        """Return the image or document of a reference.

        Raises:
            ImportFailed: its problem is reported already.
        """
        if id(reference) in self._refused:
            self._refused[id(reference)].raise_if_any()
        record = self._by_mention.get(id(reference))
        if record is None and id(reference) not in self._seen:
            with suppress(
                KeyError, FileNotFoundError
            ):  # rich text, whose mention is read anew
                path = _path(reference, self._kind.plural)
                record = self._by_digest.get(self._uploads[path].digest)
        if record is None:
            raise ImportFailed(())
        self._wanted.add(record)
        return record.instance

    def _upload(self, mention: Mapping) -> Upload:
        path = _path(mention, self._kind.plural)
        if path not in self._uploads:
            try:
                with path.open("rb") as stream:
                    digest, size_bytes = hash_filelike(stream), path.stat().st_size
            except OSError as error:
                message = f"'{path.name}' cannot be read: {error.strerror}."
                raise ImportFailed.at(mention.place, message) from error
            folder = path.parent.name if self._is_image else ""
            is_inside = folder == self._kind.plural
            self._uploads[path] = Upload(
                path, digest, size_bytes, folder if is_inside else ""
            )
        return self._uploads[path]

    def _stored(self, uploads: set[Upload]) -> dict[str, Any]:
        """Return stored objects by digest.

        Wagtail computes `file_hash` late, so an object made in code may have
        none yet: those of a size in question are read.
        """
        if not uploads:
            return {}
        digests = {upload.digest for upload in uploads}
        sizes = {upload.size_bytes for upload in uploads}
        objects = self._model._default_manager.order_by("-pk")
        unhashed = Q(file_hash="") & (Q(file_size__in=sizes) | Q(file_size=None))
        found = {}
        for item in objects.filter(Q(file_hash__in=digests) | unhashed):
            digest = item.file_hash or _digest_of_stored(item)
            found[digest] = item
        return found

    def _add(self, mention: Mapping, upload: Upload, stored: dict[str, Any]) -> None:
        record = self._by_digest.get(upload.digest)
        if record is None:
            record = self._record(mention, upload, stored.get(upload.digest))
            self._by_digest[upload.digest] = record
        else:
            record.merge(_fields(mention))
        self._by_mention[id(mention)] = record

    def _add_stored(self, mention: Mapping, message: str) -> None:
        """Take an image or document that is stored, though its file is not here.

        Raises:
            ImportFailed: there is none, or the files of the folder say no more.
        """
        value = scalar(mention.entries["file"])
        names = [value.text, f"{self._kind.plural}/{value.text}"]
        folder = self._model(title="x").file.field.generate_filename(self._model(), "x")
        top = folder.rpartition("/")[0]
        stored = self._model._default_manager.filter(
            file__in=[f"{top}/{name}" for name in names]
        ).first()
        if stored is None:
            raise ImportFailed.at(value.place, message)
        key = f"stored {stored.pk}"
        if key in self._by_digest:
            self._by_digest[key].merge(_fields(mention))
        else:
            name = f"{self._kind.singular} {value.text}"
            self._by_digest[key] = Record(self._kind, name, _fields(mention), stored)
        self._by_mention[id(mention)] = self._by_digest[key]

    def _record(self, mention: Mapping, upload: Upload, item: Any) -> Record:
        source = _fields(mention)
        name = f"{self._kind.singular} {upload.path.name}"
        if item is not None:
            is_lost = not item.file.storage.exists(item.file.name)
            lost = upload if is_lost else None
            return Record(self._kind, name, source, item, upload=lost)
        if self._is_image:
            _check(upload, mention.entries["file"].place)
        new = self._model(title=upload.path.stem)
        new.file.name = upload.path.name
        new.file_hash, new.file_size = upload.digest, upload.size_bytes
        return Record(self._kind, name, source, new, upload=upload)


def _path(mention: Mapping, folder: str) -> Path:
    """Return the file that a mention means, inside the folder of its YAML file.

    Raises:
        FileNotFoundError: there is none.
        ImportFailed: it is outside, or no file name.
    """
    if "file" not in mention.entries:
        raise ImportFailed.at(mention.place, f"'file' is missing in {mention.tag}.")
    value = scalar(mention.entries["file"])
    base = Path(value.place.file).parent.resolve()
    try:
        candidates = [(base / part / value.text).resolve() for part in (folder, "")]
        found = [path for path in candidates if path.is_file()]
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no file name"
        raise ImportFailed.at(value.place, f"'{value.text}': {reason}.") from error
    if not all(path.is_relative_to(base) for path in candidates):
        message = f"'{value.text}' is outside the folder of this file; move it inside."
        raise ImportFailed.at(value.place, message)
    if not found:
        message = f"there is no file '{value.text}' here or in '{folder}/'."
        raise FileNotFoundError(message)
    return found[0]


def _fields(mention: Mapping) -> Mapping:
    entries = {n: v for n, v in mention.entries.items() if n != "file"}
    return Mapping(entries, "", mention.place, dict(mention.places))


def _digest_of_stored(item: Any) -> str:
    try:
        with item.open_file() as stream:
            return str(hash_filelike(stream))
    except OSError:  # its file is lost: nothing can be the same
        return ""


def _check(upload: Upload, place: Place) -> None:
    """Refuse what Wagtail's own upload form would refuse."""
    with upload.path.open("rb") as stream:
        try:
            WagtailImageField().clean(File(stream, name=upload.path.name))
        except ValidationError as error:
            message = f"'{upload.path.name}': {' '.join(error.messages)}"
            raise ImportFailed.at(place, message) from error
