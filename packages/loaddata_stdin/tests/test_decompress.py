from __future__ import annotations

import builtins
import gzip
import io
import json
import lzma
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import MIB, Limits
from loaddata_stdin.read.decompress import _zstd_library

from .streams import COMPRESSIONS, ENCODINGS, A, B, objects, values, zipped, zstd

TEXT = json.dumps([A, B], ensure_ascii=False)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("name", [None, *COMPRESSIONS])
@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_every_compression_and_encoding_gives_the_objects(name, encoding, piece):
    data = TEXT.encode(encoding)
    sent = COMPRESSIONS[name](data) if name else data

    assert values(sent, piece) == [A, B]


@given(st.sampled_from(sorted(COMPRESSIONS)), st.data())
def test_compressed_data_cut_anywhere_are_refused(name, data):
    sent = COMPRESSIONS[name](TEXT.encode())
    end = data.draw(st.integers(1, len(sent) - 1))

    with pytest.raises(FixtureSyntaxError):
        objects(sent[:end])


@pytest.mark.parametrize("name", COMPRESSIONS)
def test_damaged_data_are_one_line(name):
    sent = bytearray(COMPRESSIONS[name](TEXT.encode() * 20))
    sent[40:60] = b"\xff" * 20

    with pytest.raises(FixtureSyntaxError) as caught:
        objects(bytes(sent))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["gzip", "bz2", "xz", "zstd"])
def test_runs_of_one_compression_are_one_text(name):
    data = TEXT.encode()
    character = data.index("漢".encode()) + 1
    compress = COMPRESSIONS[name]

    assert values(compress(data[:character]) + compress(data[character:])) == [A, B]


def test_different_compressions_and_none_may_follow_each_other():
    parts = [compress(TEXT.encode()) for compress in COMPRESSIONS.values()]
    [*others, archive] = parts

    assert values(b"".join(others) + archive) == [A, B] * 6
    assert values(b"".join(others) + TEXT.encode()) == [A, B] * 6


@pytest.mark.parametrize("name", ["gzip", "xz"])
def test_zeros_after_the_end_are_no_data(name):
    sent = COMPRESSIONS[name](TEXT.encode()) + b"\0" * 100_000

    assert values(sent) == [A, B]
    assert values(sent + COMPRESSIONS[name](TEXT.encode())) == [A, B] * 2


def test_compressed_data_may_be_compressed_again_but_not_for_ever():
    twice = gzip.compress(zipped(gzip.compress(TEXT.encode())))

    assert values(twice) == [A, B]
    with pytest.raises(FixtureSyntaxError, match="compressed more than 4 times"):
        objects(gzip.compress(gzip.compress(twice)))


def test_the_files_of_an_archive_are_documents_of_their_own():
    one = b"model: shop.item\nfields: {name: a}"
    two = b'  \n[{"model": "shop.item",'
    sent = zipped(one, one, "\ufeff" + TEXT, TEXT.encode("utf-16"), b"")

    assert [item.model for item in objects(sent)] == ["shop.item"] * 6
    assert [item.line for item in objects(zipped(b"\n\n" + one, one))] == [3, 1]
    with pytest.raises(FixtureSyntaxError, match=r"^line 2, column 24: no JSON: .*cut"):
        objects(zipped(two, b'"fields": {}}]'))


def test_what_is_given_back_does_not_run_into_the_next_file():
    sent = zipped(TEXT + "\nmodel: a\nfields: {}", "model: b\nfields: {}")

    assert [item.model for item in objects(sent)] == [
        "shop.item",
        "shop.item",
        "a",
        "b",
    ]


def test_an_empty_archive_and_folders_hold_nothing():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("folder/", b"")

    assert objects(file.getvalue()) == []
    assert objects(zipped()) == []


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(zipped(TEXT) + zipped(TEXT), id="two archives"),
        pytest.param(zipped(TEXT) + b"\n[]", id="text behind"),
    ],
)
def test_an_archive_must_come_alone_since_its_readers_see_only_the_last(sent):
    with pytest.raises(FixtureSyntaxError, match="before or after the zip archive"):
        objects(sent)


def test_files_of_an_archive_that_overlap_are_refused():
    """As those of https://www.bamsoftware.com/hacks/zipbomb/ do."""
    sent = zipped(TEXT, TEXT, TEXT)
    place = sent.rindex(b"PK\x01\x02") + 42  # the offset of the last file's header
    second = int.from_bytes(sent[place : place + 4], "little") // 2
    sent = sent[:place] + second.to_bytes(4, "little") + sent[place + 4 :]

    with pytest.raises(FixtureSyntaxError) as caught:
        objects(sent)

    assert str(caught.value) == (
        "'folder/2' in the zip archive overlaps another file; pack it again."
    )


def test_a_stream_of_many_frames_looks_for_the_library_once():
    _zstd_library.cache_clear()

    assert values(zstd.compress(b"") * 1000 + zstd.compress(TEXT.encode())) == [A, B]

    assert _zstd_library.cache_info().misses == 1


def test_an_archive_of_another_method_is_refused():
    with pytest.raises(FixtureSyntaxError, match="another method than deflate"):
        objects(zipped(TEXT, method=zipfile.ZIP_LZMA))


def _xz(dictionary):
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": dictionary}]
    return lzma.compress(TEXT.encode(), filters=filters)


def _zstd(window_log):
    options = {zstd.CompressionParameter.window_log: window_log}
    compressor = zstd.ZstdCompressor(options=options)
    # Without the size of the whole, the window is what was asked for.
    data = compressor.compress(TEXT.encode(), zstd.ZstdCompressor.FLUSH_BLOCK)
    return data + compressor.flush()


@pytest.mark.parametrize(
    ("small", "large"),
    [
        pytest.param(_xz(8 * MIB), _xz(16 * MIB), id="xz"),
        pytest.param(_zstd(23), _zstd(24), id="zstd"),
    ],
)
def test_a_window_larger_than_8_mib_is_refused_until_it_is_allowed(small, large):
    assert values(small) == [A, B]
    with pytest.raises(FixtureSyntaxError, match="more than 8 MiB; raise --max-window"):
        objects(large)
    assert values(large, limits=Limits(window_size=16 * MIB)) == [A, B]


def test_a_text_that_stops_being_utf_16_is_refused():
    with pytest.raises(FixtureSyntaxError, match="begins as utf-16-le and does not"):
        objects(TEXT.encode("utf-16-le") + b"\0")


def test_without_a_library_for_zstd_the_message_names_the_extra(monkeypatch):
    real_import = builtins.__import__

    def import_without_zstd(name, *args, **kwargs):
        if name in {"backports", "compression"}:
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_without_zstd)
    _zstd_library.cache_clear()

    with pytest.raises(FixtureSyntaxError, match=r"fieldkit-loaddata-stdin\[zstd\]"):
        objects(zstd.compress(b"[]"))
