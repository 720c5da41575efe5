from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.exceptions import FixtureSyntaxError, UnexpectedElementError
from loaddata_stdin.limits import Limits

from .streams import objects, reader, values

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
ONE = '<object model="shop.item" pk="1"><field name="name">a</field></object>'


def document(*contents):
    return f'{HEAD}<django-objects version="1.0">{"".join(contents)}</django-objects>'


def field(content, attributes=""):
    """Return what a field with this content is read as."""
    text = f'<object model="m"><field name="f"{attributes}>{content}</field></object>'
    [item] = values(document(text))
    return item["fields"]["f"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(" a\n ", "a", id="white space around"),
        pytest.param("&lt;&amp;&#228;", "<&ä", id="references to characters"),
        pytest.param("a<![CDATA[<b>]]>c", "a<b>c", id="CDATA"),
        pytest.param("a<!-- b -->c", "ac", id="comment"),
        pytest.param("<None></None>", None, id="null"),
        pytest.param("<None/>", None, id="short null"),
        pytest.param(
            "<natural>a</natural> <natural> b </natural>", ["a", "b"], id="natural key"
        ),
        pytest.param("<natural></natural>", [""], id="empty natural key"),
        pytest.param('<object pk="1"/><object pk="2"/>', ["1", "2"], id="keys"),
        pytest.param(
            '<object><natural>a</natural></object><object pk="2"/>',
            [["a"], "2"],
            id="keys of both kinds",
        ),
    ],
)
def test_a_field_is_read_as_json_would_have_it(content, expected):
    assert field(content) == expected


def test_a_many_to_many_field_without_keys_is_an_empty_list():
    assert field("", ' rel="ManyToManyRel"') == []
    assert field("", ' rel="ManyToOneRel"') == ""


@given(st.data(), st.integers(1, 20))
def test_a_document_cut_anywhere_is_refused(data, piece):
    text = document(ONE, ONE.replace(">a<", "><![CDATA[ü]]><!-- -->&lt;<"))
    end = data.draw(st.integers(1, len(text) - 1))

    with pytest.raises(FixtureSyntaxError):
        objects(text[:end], piece)


@pytest.mark.parametrize("piece", [1, 3, 64, 1 << 20])
@pytest.mark.parametrize("between", ["", "\n", "<!-- more --> \n"])
def test_documents_may_follow_each_other(piece, between):
    text = document(ONE) + between + document(ONE, ONE) + between
    source = reader(text, piece)

    assert [item.number for item in source] == [1, 2, 3]
    assert source.is_end_certain


@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
def test_objects_know_where_they_begin(piece):
    text = document("ü", ONE, "\n漢 ", ONE) + document("\n ", ONE)

    places = [(item.line, item.column) for item in objects(text, piece)]

    column = len('<django-objects version="1.0">ü') + 1
    assert places == [(2, column), (3, 3), (5, 2)]


def test_utf_16_is_read_although_it_says_so():
    text = document(ONE).replace("utf-8", "UTF-16")

    assert len(objects(text.encode("utf-16"))) == 1
    assert len(objects(text.encode("utf-16-be"), 1)) == 1


def test_an_encoding_that_expat_knows_is_read():
    text = document(ONE.replace(">a<", ">ä<")).replace("utf-8", "iso-8859-1")

    [item] = objects(text.encode("latin-1"))

    assert item.fields == {"name": "ä"}


@pytest.mark.parametrize("piece", [1, 1 << 20])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            "line 1, column 13: no XML: a document type is not allowed; remove"
            " <!DOCTYPE>.",
            id="entities",
        ),
        pytest.param(
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            "line 1, column 40: no XML: a document type is not allowed; remove"
            " <!DOCTYPE>.",
            id="external entity",
        ),
        pytest.param(
            document("&nbsp;"),
            "line 2, column 31: no XML: undefined entity.",
            id="name",
        ),
        pytest.param(
            document("\n\0"),
            "line 3, column 1: no XML: not well-formed (invalid token).",
            id="NUL",
        ),
        pytest.param(
            document("\n&#1;"),
            "line 3, column 1: no XML: reference to invalid character number.",
            id="control character",
        ),
        pytest.param(
            document("ü\n").encode("latin-1"),
            "line 2, column 31: no XML: not well-formed (invalid token).",
            id="bytes",
        ),
        pytest.param(
            "<a>\n<b></a>", "line 2, column 6: no XML: mismatched tag.", id="mismatch"
        ),
        pytest.param(
            document()[:-1],
            "line 2, column 31: no XML: unclosed token (the text ends here: is it cut"
            " off?).",
            id="cut off",
        ),
        pytest.param(
            "<a>" * 201, "line 1, column 601: no XML: nested too deeply.", id="depth"
        ),
        pytest.param(
            document("<object/>"),
            "line 2, column 31, object 1: expected a mapping with 'model' and 'fields',"
            " got one with 'fields'.",
            id="no model",
        ),
        pytest.param(
            "<html>\n<h1>502</h1></html>",
            "line 2, column 13: no XML: expected <django-objects>, got <html> without any"
            " object.",
            id="another document",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(text, message, piece):
    with pytest.raises(FixtureSyntaxError) as caught:
        objects(text, piece)

    assert str(caught.value) == message


LIMITS = Limits(object_size=10_000)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("x" * 9_950, id="text"),
        pytest.param("<None/>" * 1_420, id="elements"),
        pytest.param(f'<object pk="{"x" * 9_900}"/>', id="key"),
        pytest.param(f"</field><field name='{'x' * 9_900}'>", id="name"),
    ],
)
def test_an_object_is_as_large_as_the_limit_says(content):
    text = f'<object model="m"><field name="f">{content}</field></object>'
    assert len(text) < 10_020
    objects(document(text, text), limits=LIMITS)

    for times in (2, 100):
        larger = text.replace(content, content * times)
        with pytest.raises(FixtureSyntaxError) as caught:
            objects(document("\n", larger), limits=LIMITS)
        assert str(caught.value) == (
            "line 3, column 1: the object is longer than 10000 characters;"
            " raise --max-object-size."
        )


@pytest.mark.parametrize(
    "token",
    ['<object model="', "<!-- ", "<?pi "],
)
def test_a_single_token_cannot_fill_the_memory(token):
    with pytest.raises(FixtureSyntaxError, match="longer than 10000 characters"):
        objects(document("\n", token + "x" * 1_000_000), 64 * 1024, limits=LIMITS)


@pytest.mark.parametrize(
    "content",
    ["a <em>b</em>", "<natural>a <em>b</em></natural>", "<object><em/></object>"],
)
def test_an_element_that_django_does_not_write_is_refused(content):
    text = f'<object model="m">\n<field name="f">{content}</field></object>'

    with pytest.raises(UnexpectedElementError, match=r"^line 4, column \d+: <em> in a"):
        objects(document("\n", text))
