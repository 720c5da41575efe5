from __future__ import annotations

import builtins

import pytest
import yaml

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.objects import short
from loaddata_stdin.read import decode_yaml

from .streams import A, B, objects, values


@pytest.mark.parametrize("has_libyaml", [True, False])
@pytest.mark.parametrize("piece", [1, 1 << 20])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "- a: b: c\n",
            "line 1, column 7: no YAML: mapping values are not allowed",
            id="syntax",
        ),
        pytest.param(
            "- {model: m, fields: {}\n",
            "line 2, column 1: no YAML: while parsing a flow mapping",
            id="cut off",
        ),
        pytest.param(
            "- !!python/object:os.system {}\n",
            "line 1, column 3: no YAML: the tag 'tag:yaml.org,2002:python/object:"
            "os.system' is nothing that a fixture holds.",
            id="tag of Python",
        ),
        pytest.param(
            "- !mine a\n",
            "line 1, column 3: no YAML: the tag '!mine' is nothing that a fixture holds.",
            id="own tag",
        ),
        pytest.param(
            "- !!int x\n",
            "line 1, column 3: no YAML: 'x' is not a YAML int.",
            id="no number",
        ),
        pytest.param(
            "- !!bool x\n",
            "line 1, column 3: no YAML: 'x' is not a YAML bool.",
            id="no truth",
        ),
        pytest.param(
            "- !!binary é\n",
            "line 1, column 3: no YAML: 'é' is not a YAML binary.",
            id="no base64",
        ),
        *(
            pytest.param(
                f"- !!{tag} {text}\n",
                f"line 1, column 3: no YAML: {short(text)!r} is not a YAML {tag}.",
                id=f"no {tag} {text[:8]}",
            )
            for tag, text in [
                ("timestamp", "x"),
                ("timestamp", "2026-13-01"),
                ("float", "_"),
                ("int", "1" * 5000),
                ("int", "1:" * 100_000 + "1"),  # 60 ** 100000: minutes
                ("float", "1:" * 100_000 + "1"),
                ("binary", "0x"),
            ]
        ),
        pytest.param(
            "model: m\nmodel: m\nfields: {}\n",
            "line 2, column 1: no YAML: the key 'model' is there twice.",
            id="the same key",
        ),
        pytest.param(
            "model: m\nfields: {a: {b: 1, b: 1}}\n",
            "line 2, column 20: no YAML: the key 'b' is there twice.",
            id="the same key deep inside",
        ),
        pytest.param(
            "- {model: m, fields: {[a]: b}}\n",
            "line 1, column 23: no YAML: a key must be text.",
            id="a list as key",
        ),
        pytest.param(
            "- {model: m, fields: {<<: a}}\n",
            "line 1, column 23: no YAML: << takes a mapping, or a list of them.",
            id="merged text",
        ),
        pytest.param(
            "- é\n- a\0b",
            "line 2, column 4: no YAML: the character U+0000 must be written as an"
            " escape, in double quotes.",
            id="NUL",
        ),
        pytest.param(
            "just words",
            "line 1, column 1, object 1: expected a mapping with 'model' and 'fields',"
            " got str.",
            id="words",
        ),
        pytest.param(
            "- model: m\n  fields: {}\n- pk: 1\n",
            "line 3, column 3, object 2: expected a mapping with 'model' and 'fields',"
            " got one with 'pk'.",
            id="no model",
        ),
        pytest.param(
            "model: m\nfields: [a]\n",
            "line 1, column 1, object 1: expected a mapping with 'model' and 'fields',"
            " got a str and a list in them.",
            id="a list of fields",
        ),
        pytest.param(
            b"- {model: m, fields: {}}\n- \xff",
            "line 2, column 3: byte 0xff is no UTF-8; convert the fixture to it.",
            id="bytes",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(
    monkeypatch, text, message, piece, has_libyaml
):
    if not has_libyaml:
        monkeypatch.setattr(decode_yaml, "_Parser", yaml.SafeLoader)

    with pytest.raises(FixtureSyntaxError) as caught:
        objects(text, piece, format_name="yaml")

    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(message)


def test_without_libyaml_the_same_is_read(monkeypatch):
    monkeypatch.setattr(decode_yaml, "_Parser", yaml.SafeLoader)
    text = yaml.safe_dump([A, B]) + "...\n" + yaml.safe_dump(A) + "[]"

    assert values(text, 100) == [A, B, A]


def test_depth_is_bounded():
    def nested(depth):
        return f"model: m\nfields: {{a: {'[' * (depth - 2)}{']' * (depth - 2)}}}"

    assert objects(nested(200))
    with pytest.raises(FixtureSyntaxError, match=r"line 2, column 211.* too deeply"):
        objects(nested(201))


LIMITS = Limits(object_size=100_000)


def test_an_object_is_as_large_as_the_limit_says():
    text = "- {{model: m, fields: {{a: {}}}}}\n"
    objects(text.format("x" * 99_900) * 3, limits=LIMITS)

    for size, which in (
        (100_000, "the object"),
        (2_000_000, "this object or the next"),
    ):
        with pytest.raises(FixtureSyntaxError) as caught:
            objects(
                text.format("a") + "\n" * 100 + text.format("x" * size), limits=LIMITS
            )
        assert str(caught.value).endswith(
            f": no YAML: {which} is longer than 100000 characters;"
            " raise --max-object-size."
        )


def test_aliases_count_each_time():
    text = "- {model: m, fields: {a: &a %s, b: *a, c: *a}}"
    objects(text % ("x" * 33_000), limits=LIMITS)

    with pytest.raises(FixtureSyntaxError, match="object is longer than 100000"):
        objects(text % ("x" * 34_000), limits=LIMITS)


def test_anchors_of_a_document_are_bounded_together():
    text = "- {model: m, fields: {a: &%s %s}}\n"
    long = "x" * 30_000
    objects("".join(text % (n, long) for n in range(3)), limits=LIMITS)

    with pytest.raises(FixtureSyntaxError, match="anchors of a document hold more"):
        objects("".join(text % (n, long) for n in range(4)), limits=LIMITS)


def test_without_pyyaml_the_message_names_the_extra(monkeypatch):
    real_import = builtins.__import__

    def import_without_yaml(name, *args, **kwargs):
        if name in {"yaml", "loaddata_stdin.read.decode_yaml"}:
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", import_without_yaml)

    with pytest.raises(FixtureSyntaxError, match=r"fieldkit-loaddata-stdin\[yaml\]"):
        objects("model: x")
