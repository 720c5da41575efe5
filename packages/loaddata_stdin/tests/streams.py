"""What the tests of reading send, and how they look at what comes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zipfile

from loaddata_stdin.objects import native
from loaddata_stdin.read.fixture import FixtureReader

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

A = {"model": "shop.item", "pk": 1, "fields": {"name": "a", "sizes": [1, 2.5, None]}}
B = {"model": "shop.item", "fields": {"name": "b, ü 漢 😀"}}


class Pieces(io.RawIOBase):
    """Bytes that come in pieces of one size, as from a pipe that nobody buffers."""

    def __init__(self, data, size):
        self._data = io.BytesIO(data)
        self._size = size

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._data.readinto(memoryview(buffer)[: self._size])


def reader(content, piece=1 << 20, **options):
    data = content.encode() if isinstance(content, str) else content
    return FixtureReader(Pieces(data, piece), **options)


def objects(content, piece=1 << 20, **options):
    return list(reader(content, piece, **options))


def values(content, piece=1 << 20, **options):
    """What a parser of YAML 1.1 makes of the scalars, where the format is YAML."""
    return [native(item.values) for item in objects(content, piece, **options)]


def zipped(*contents, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"folder/{number}", content)
    return file.getvalue()


COMPRESSIONS = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "zstd": zstd.compress,
    "zip": zipped,
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]
