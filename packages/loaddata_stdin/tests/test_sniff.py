from __future__ import annotations

import lzma

import pytest

from loaddata_stdin.read.sniff import HEAD_SIZE, compression, encoding, format_of

from .streams import COMPRESSIONS, ENCODINGS, zipped


@pytest.mark.parametrize("name", COMPRESSIONS)
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_a_compression_is_told_from_the_first_bytes(name, size):
    assert compression(COMPRESSIONS[name](b"a" * size)[:HEAD_SIZE]) == name


def test_an_empty_archive_is_an_archive():
    assert compression(zipped()[:HEAD_SIZE]) == "zip"


@pytest.mark.parametrize("preset", range(10))
def test_lzma_is_told_whatever_its_level(preset):
    data = lzma.compress(b"[]", format=lzma.FORMAT_ALONE, preset=preset)

    assert compression(data[:HEAD_SIZE]) == "lzma"


@pytest.mark.parametrize(
    "head", [b"", b"]", b"[{", b"]\n\n\n\n\n\n\n\n\n\n\n\n", b"BZ", b"\x1f", b"PK: 1"]
)
def test_a_text_is_no_compression(head):
    assert compression(head) is None


@pytest.mark.parametrize("name", ENCODINGS)
def test_an_encoding_is_told_from_the_first_bytes(name):
    found = encoding('[{"model": "ü"}]'.encode(name)[:HEAD_SIZE])

    assert '[{"model": "ü"}]'.encode(name).decode(found).lstrip("\ufeff")[:2] == "[{"


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"[]", "json"),
        (b'\n  {"model": 1}', "json"),
        (b" <?xml", "xml"),
        (b"- model: x", "yaml"),
        (b"model: x", "yaml"),
        (b"--- [", "yaml"),
        (b"# [", "yaml"),
        (b"", "yaml"),
    ],
)
def test_a_format_is_told_from_the_first_character(start, name):
    assert format_of(start) == name
