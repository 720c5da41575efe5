"""Whether all of a stream came."""

from __future__ import annotations

import gzip

import pytest

from loaddata_stdin.exceptions import FixtureSyntaxError, LoaddataStdinError

from .testapp.models import Author

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "content", ["", " \n", "[]", "---\n", "# nothing\n", "<django-objects/>"]
)
def test_a_stream_without_objects_is_refused_unless_it_says_so(loaddata, content):
    with pytest.raises(FixtureSyntaxError, match="stdin: no objects; send a fixture"):
        loaddata(content)

    with pytest.warns(RuntimeWarning, match="No fixture data found"):
        assert "Installed 0 object(s)" in loaddata(content, expect=0)
    with pytest.warns(RuntimeWarning, match="No fixture data found"):
        assert "Installed 0 object(s)" in loaddata(content + '\n{"count": 0}')


LINE = '{"model": "testapp.author", "fields": {"name": "Mei"}}\n'


def test_an_end_that_nothing_marks_is_said(loaddata, capsys):
    loaddata(LINE)

    assert capsys.readouterr().err == (
        "stdin: nothing marks its end, so it is not known whether all of it came; end"
        " YAML with '...', or send a last record {\"count\": N}, or give --expect 1.\n"
    )


@pytest.mark.parametrize(
    ("content", "options"),
    [
        pytest.param(f"[{LINE}]", {}, id="JSON"),
        pytest.param(LINE + '{"count": 1}', {}, id="count"),
        pytest.param(LINE, {"expect": 1}, id="expected"),
        pytest.param(LINE, {"verbosity": 0}, id="not asked"),
    ],
)
def test_of_an_end_that_is_known_nothing_is_said(loaddata, capsys, content, options):
    loaddata(content, **options)

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "options"),
    [
        pytest.param(f"[{LINE},", {}, id="JSON"),
        pytest.param(LINE + '{"count": 2}', {}, id="count"),
        pytest.param(LINE, {"expect": 2}, id="expected"),
        pytest.param(LINE, {"expect": "end"}, id="unmarked"),
        pytest.param(gzip.compress(LINE.encode())[:-1], {}, id="gzip"),
    ],
)
def test_of_a_stream_that_is_cut_off_nothing_is_written(loaddata, content, options):
    with pytest.raises(FixtureSyntaxError, match=r"^stdin: .*cut off"):
        loaddata(content, **options)

    assert not Author.objects.exists()


def test_what_is_expected_of_standard_input_is_refused_for_files_alone(loaddata):
    with pytest.raises(LoaddataStdinError, match="--expect is for '-'"):
        loaddata("[]", "authors.json", "--expect", "0")
