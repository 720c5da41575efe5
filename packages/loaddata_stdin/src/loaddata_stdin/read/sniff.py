"""Tell from its first bytes what a stream is."""

from __future__ import annotations

import json

__all__ = ["HEAD_SIZE", "compression", "encoding", "format_of"]

# So many bytes tell all of them apart.
HEAD_SIZE = 13

_COMPRESSIONS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # An empty one
}
_SPACE = b" \t\r\n"


def compression(head: bytes) -> str | None:
    """Return "gzip", "bz2", "xz", "lzma", "zstd" or "zip"; None for plain text."""
    for magic, name in _COMPRESSIONS.items():
        if head.startswith(magic):
            return name
    return "lzma" if _is_lzma(head) else None


def _is_lzma(head: bytes) -> bool:
    """Return whether the head is that of .lzma, which has no magic number.

    The properties byte of every encoder but a few is 0x5D; then come the size of the
    dictionary, a power of two or 1.5 times one, and eight bytes of the content's size.
    """
    dictionary = int.from_bytes(head[1:5], "little")
    has_size = len(head) >= HEAD_SIZE and dictionary >= 4096
    return (
        head[:1] == b"\x5d" and has_size and f"{dictionary:b}".strip("0") in {"1", "11"}
    )


def encoding(head: bytes) -> str:
    """Return the encoding of a text, from its byte order mark or its null bytes."""
    return json.detect_encoding(head)


def format_of(start: bytes) -> str:
    """Return the format of a document that begins with `start`, after white space."""
    first = start.lstrip(_SPACE)[:1]
    return {b"[": "json", b"{": "json", b"<": "xml"}.get(first, "yaml")
