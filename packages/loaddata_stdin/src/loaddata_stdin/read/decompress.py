"""The plain bytes of a stream, however it is compressed, in little memory."""

from __future__ import annotations

import bz2
import codecs
import lzma
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import pairwise
from typing import IO, Any

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.objects import short
from loaddata_stdin.read.sniff import HEAD_SIZE, compression, encoding
from loaddata_stdin.read.source import CHUNK_SIZE, Readable

__all__ = ["utf8_chunks"]

# A fixture compressed again and again is no fixture.
MOST_LAYERS = 4
# What the last record of a zip archive begins with, and its size without a comment.
_END, _END_SIZE = b"PK\x05\x06", 22
_LZMA_OVERHEAD = 2 * 1024 * 1024  # What liblzma takes beside the window.


def utf8_chunks(stream: Readable, limits: Limits) -> Iterator[bytes]:
    """Yield the text of a stream as UTF-8, in chunks.

    What follows the end of compressed data is read by the same rules. An empty chunk
    stands between the files of a zip archive.

    Args:
        stream: is read to its end and not closed.
        limits: say how far a decompressor may look back.

    Raises:
        FixtureSyntaxError: the data are damaged or cut off, take too much memory, or
            need a library that is not installed.
    """
    raw = iter(lambda: stream.read(CHUNK_SIZE), b"")
    yield from _plain(_Bytes(raw), limits, MOST_LAYERS)


class _Bytes:
    """Chunks that can be looked at before they are taken."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._first = b""

    def head(self) -> bytes:
        """Return the next bytes, enough to tell what they are where there are as many."""
        while len(self._first) < HEAD_SIZE:
            more = next(self._chunks, b"")
            if not more:
                break
            self._first += more
        return self._first

    def take(self) -> bytes:
        """Return the next bytes; none at the end."""
        data, self._first = self._first, b""
        return data or next(self._chunks, b"")

    def give_back(self, data: bytes) -> None:
        self._first = data + self._first

    def skip_zeros(self) -> None:
        while data := self.take():
            if rest := data.lstrip(b"\0"):
                self.give_back(rest)
                return


def _plain(data: _Bytes, limits: Limits, layers: int) -> Iterator[bytes]:
    while head := data.head():
        kind = compression(head)
        if kind is None:
            yield from _transcoded(data)
        elif not layers:
            message = (
                f"it is compressed more than {MOST_LAYERS} times; send the fixture."
            )
            raise FixtureSyntaxError(message)
        elif kind == "zip":
            yield from _unzipped(data, limits, layers - 1)
        else:
            inflated = _Bytes(_inflated(kind, data, limits))
            yield from _plain(inflated, limits, layers - 1)


def _transcoded(data: _Bytes) -> Iterator[bytes]:
    """Yield what is left as UTF-8; what is UTF-8 already is not looked at."""
    name = encoding(data.head())
    if name.startswith("utf-8"):
        yield from iter(data.take, b"")
        return
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for chunk in iter(data.take, b""):
            if text := decoder.decode(chunk):
                yield text.encode()
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        message = f"it begins as {name} and does not go on so: {error}."
        raise FixtureSyntaxError(message) from error


class _Gzip:
    """zlib with the face that the other decompressors have."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(
            self._inflate.unconsumed_tail + data, max_length
        )

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data


def _lzma(window_size: int) -> Any:
    return lzma.LZMADecompressor(memlimit=window_size + _LZMA_OVERHEAD)


@cache  # A stream may have 100,000 frames, and a failed import is not remembered.
def _zstd_library() -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found]  # Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError as error:
            message = (
                "it is compressed by zstd, which needs a library:"
                " pip install 'fieldkit-loaddata-stdin[zstd]'."
            )
            raise FixtureSyntaxError(message) from error
    return zstd


def _zstd(window_size: int) -> Any:
    zstd = _zstd_library()
    option = zstd.DecompressionParameter.window_log_max
    largest = max(window_size.bit_length() - 1, 10)
    return zstd.ZstdDecompressor(options={option: largest})


_DECOMPRESSORS: dict[str, Callable[[int], Any]] = {
    "gzip": lambda _: _Gzip(),
    "bz2": lambda _: bz2.BZ2Decompressor(),
    "xz": _lzma,
    "lzma": _lzma,
    "zstd": _zstd,
}


def _inflated(kind: str, data: _Bytes, limits: Limits) -> Iterator[bytes]:
    """Yield what compressed data hold; other data that follow stay in `data`.

    Runs of one kind are one text, as their own tools have it: parallel compressors
    begin a new one anywhere, in the middle of a character too.
    """
    while compression(data.head()) == kind:
        yield from _inflated_run(kind, data, limits)
        if kind in {"gzip", "xz"}:  # Tapes and block devices append zeros to them.
            data.skip_zeros()


def _inflated_run(kind: str, data: _Bytes, limits: Limits) -> Iterator[bytes]:
    inflate = _DECOMPRESSORS[kind](limits.window_size)
    chunk = b""
    while not inflate.eof:
        if inflate.needs_input and not (chunk := data.take()):
            message = f"the {kind} data end early: is the stream cut off?"
            raise FixtureSyntaxError(message)
        try:
            plain = inflate.decompress(chunk, CHUNK_SIZE)
        except Exception as error:  # Each library has errors of its own.
            raise _refusal(kind, error, limits) from error
        chunk = b""
        if plain:
            yield plain
    data.give_back(inflate.unused_data)


def _refusal(kind: str, error: Exception, limits: Limits) -> FixtureSyntaxError:
    text = " ".join(str(error).split()) or type(error).__name__
    if "emory" in text:  # "Memory usage limit exceeded", "too much memory"
        mib = limits.window_size // 1024**2
        return FixtureSyntaxError(
            f"to decompress the {kind} data takes a window of more than {mib} MiB;"
            " raise --max-window, or compress with a lower level."
        )
    return FixtureSyntaxError(f"the {kind} data are damaged: {text}.")


def _unzipped(data: _Bytes, limits: Limits, layers: int) -> Iterator[bytes]:
    """Yield the files of a zip archive, one after the other.

    Its directory stands at the end, so the whole goes to the disk.
    """
    with tempfile.TemporaryFile() as file:
        for chunk in iter(data.take, b""):
            file.write(chunk)
        try:
            with zipfile.ZipFile(file) as archive:
                _check_whole(archive, file)
                for number, info in enumerate(_members(archive)):
                    if number:
                        yield b""
                    with archive.open(info) as member:
                        read = partial(member.read, CHUNK_SIZE)
                        yield from _plain(_Bytes(iter(read, b"")), limits, layers)
        except (zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
            message = f"the zip archive is damaged or cut off: {error}."
            raise FixtureSyntaxError(message) from error


def _check_whole(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """Refuse archives put together: a reader of zip sees the last one only."""
    file.seek(-_END_SIZE - len(archive.comment), os.SEEK_END)
    is_last = file.read(len(_END)) == _END
    entries = sorted(archive.infolist(), key=lambda info: info.header_offset)
    if not is_last or (entries and entries[0].header_offset):
        message = "other data stand before or after the zip archive; send it alone."
        raise FixtureSyntaxError(message)
    # Python checks that itself in the later releases of each version.
    for entry, following in pairwise(entries):
        if entry.header_offset + entry.compress_size >= following.header_offset:
            message = (
                f"{short(following.filename)!r} in the zip archive overlaps another"
                " file; pack it again."
            )
            raise FixtureSyntaxError(message)


def _members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    allowed = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
    for info in archive.infolist():
        if info.flag_bits & 1 or info.compress_type not in allowed:
            message = (
                f"{short(info.filename)!r} in the zip archive is encrypted or compressed by"
                " another method than deflate or bzip2; pack it again."
            )
            raise FixtureSyntaxError(message)
        if not info.is_dir():
            yield info
