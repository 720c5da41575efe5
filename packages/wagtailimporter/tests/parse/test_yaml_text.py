from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
import yaml
from django.db import models
from hypothesis import example, given
from hypothesis import strategies as st

from wagtailimporter import ImportFailed
from wagtailimporter.fields.scalars import model_value
from wagtailimporter.parse import yaml_text as parse_module
from wagtailimporter.parse.values import Mapping
from wagtailimporter.parse.yaml_text import parse


def parsed(text: str):
    return parse(text.encode(), "f.yaml")


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _either_loader(request, monkeypatch):
    """PyYAML may come without libyaml."""
    monkeypatch.setattr(parse_module, "_Loader", getattr(yaml, request.param))


def problem(data: bytes) -> str:
    with pytest.raises(ImportFailed) as caught:
        parse(data, "f.yaml")
    return str(caught.value)


def plain_scalar(text: str) -> bool:
    """Whether YAML reads `key: TEXT` as a plain scalar that is all of TEXT."""
    try:
        node = yaml.compose(f"key: {text}\n", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    value = node.value[0][1] if isinstance(node, yaml.MappingNode) else node
    is_plain = isinstance(value, yaml.ScalarNode) and not value.style
    return is_plain and value.value == text and not value.tag.startswith("!")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"])))
@example("no")
@example("010")
@example("1e3")
@example("12:30")
@example("2024-01-01")
@example("0x1F")
@example("1_000")
@example("null")
@example("~")
@example("")
@example("<<")
@example("=")
def test_a_text_field_gets_every_plain_scalar_as_written(text):
    if plain_scalar(text):
        (document,) = parsed(f"key: {text}")

        assert model_value(models.CharField(), document.entries["key"]) == text


class CompositeField(models.Field):
    """What a field of a PostgreSQL composite type shows of its type."""

    class composite:
        def __init__(self, **members):
            self.members = members

        street, number = models.CharField(), models.IntegerField(null=True)
        street.name, number.name = "street", "number"
        _meta = SimpleNamespace(fields=[street, number])


def test_a_mapping_gives_the_members_of_a_composite_type():
    (document,) = parsed("key: {street: no, number: 7}")

    value = model_value(CompositeField(), document.entries["key"])

    assert value.members == {"street": "no", "number": 7}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        pytest.param("{number: x}", "f.yaml:1:15: .x. value must be an", id="value"),
        pytest.param(
            "{numbers: 7}",
            "f.yaml:1:7: composite has no member 'numbers'; did you mean 'number'",
            id="name",
        ),
    ],
)
def test_a_member_that_does_not_fit_is_reported_where_it_stands(members, message):
    (document,) = parsed(f"key: {members}")

    with pytest.raises(ImportFailed, match=message):
        model_value(CompositeField(), document.entries["key"])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"a: 1\nb: [\n", "f.yaml:3:1: not YAML", id="syntax"),
        pytest.param(b"a: 1\n\ta: 2", "f.yaml:2:1: not YAML", id="tab"),
        pytest.param(b"a: 1\nbb: \xff", "f.yaml:2:5: not YAML", id="encoding"),
        pytest.param(
            b"a: 1\nb: 2\na: 3", "f.yaml:3:1: 'a' is here twice (line 1)", id="twice"
        ),
        pytest.param(b"? [x]\n: 1", "f.yaml:1:3: a key is not text", id="key"),
        pytest.param(
            b"a: *b", "f.yaml:1:4: not YAML: found undefined alias", id="alias"
        ),
        pytest.param(b"a: &a [*a]", "f.yaml:1:4: an alias contains itself", id="cycle"),
        pytest.param(b"a: !!python/name:os.system x", "f.yaml:1:4: tag", id="python"),
        pytest.param(b"<<: x", "f.yaml:1:5: '<<' takes a mapping", id="merge"),
        pytest.param(b"[" * 150 + b"]" * 150, "f.yaml:1:101: nested deeper", id="deep"),
    ],
)
@pytest.mark.usefixtures("_either_loader")
def test_malformed_yaml_is_one_line_with_its_place(data, expected):
    message = problem(data)

    assert expected in message
    assert "\n" not in message


@pytest.mark.usefixtures("_either_loader")
def test_nesting_without_end_is_refused():
    assert re.search("nested deeper|exceeded maximum", problem(b"[" * 100_000))


def test_an_alias_bomb_is_refused():
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    message = problem("\n".join(["a0: &a0 lol", *levels]).encode())

    assert "f.yaml:5:5: the aliases of this unfold to more than 100000" in message


def test_merged_aliases_are_counted_before_they_are_merged(monkeypatch):
    merged = []
    monkeypatch.setattr(parse_module, "_merge", lambda *both: merged.append(both))
    keys = ", ".join(f"k{n}: 1" for n in range(4000))
    uses = "\n".join(f"b{n}: {{<<: *a}}" for n in range(1500))

    message = problem(f"a: &a {{{keys}}}\n{uses}".encode())

    assert "f.yaml:1:4: the aliases of this unfold to more than 100000" in message
    assert len(merged) <= 100_000 / 4000


def test_a_file_without_aliases_may_be_long():
    (document,) = parsed("\n".join(f"- {{a: {n}, b: [x]}}" for n in range(40_000)))

    assert len(document.items) == 40_000


def test_aliases_and_merge_keys_are_read():
    (document,) = parsed("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}\nz: {<<: [*b]}")

    assert document.entries["more"].entries["x"].text == "1"
    assert document.entries["more"].entries["y"].text == "3"
    assert document.entries["z"] == document.entries["base"]


def test_empty_documents_are_left_out():
    assert [type(d) for d in parsed("---\n---\na: 1\n---\n# nothing\n")] == [Mapping]
    assert parsed("") == []


def test_the_loaders_of_others_are_left_alone():
    parsed("!page {url: /}")

    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        with pytest.raises(yaml.constructor.ConstructorError):
            yaml.load("!page {url: /}", Loader=loader)
