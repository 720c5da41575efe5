"""A module that is parsed in parts tells the same as one that is parsed whole."""

from __future__ import annotations

import ast
import importlib.util
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbv_lazy_urls.analysis.facts import Reading
from cbv_lazy_urls.analysis.statements import split_module

TEXTS = {
    "docstring with code in it": '''
        """Title.

        class Ghost:
            pass
        """
        class Real: ...
    ''',
    "string with code at the margin": (
        "TEXT = '''\nclass Ghost:\n    pass\n'''\n\nclass Real: ...\n"
    ),
    "docstring of a function at the margin": (
        'def real():\n    """Text.\nclass Ghost:\n    pass\n"""\n\nclass Other: ...\n'
    ),
    "decorators": (
        "@first\n@second(\n    1,\n)\n# why\nclass Real:\n    pass\n\n"
        "@third\nasync def other(): ...\n@fourth\ndef last(): ...\n"
    ),
    "branches": (
        "try:\n    import a\nexcept ImportError:\n    a = None\nelse:\n    b = 1\n"
        "finally:\n    c = 2\nif a:\n    class Real: ...\nelse_value = 3\n"
    ),
    "closing brackets": "A = [\n    1,\n]\nB = (\n    2\n)\nclass Real(\n    object\n):\n    x = 1\n",
    "twice": "class Real: ...\nclass Real: ...\n",
    "twice in kinds": "Real = 1\nclass Real: ...\n",
    "comments": "# class Ghost: ...\nclass Real: ...\n# def ghost(): ...\n",
    "form feed": "x = 1\n\f\nclass Real: ...\n\fclass Other: ...\n",
    "one line": "class Real: x = 1; y = 2\ndef other(): return 1\n",
    "quotes in quotes": "A = \"'''\"\nclass Real: ...\nB = \"'''\"\nclass Other: ...\n",
    "continued string": "A = 'x\\\nclass Ghost:\\\n'\nclass Real: ...\n",
    "empty": "",
    "spaces only": "\n\n   \n",
    "windows": "class Real:\r\n    x = 1\r\n\r\ndef other():\r\n    return 1\r\n",
}


def facts(source):
    reading = Reading(source, "module", is_package=False)
    names = sorted(reading.names)
    return {name: reading.fact(name) for name in names}


def whole(source):
    """Return the facts of a module of which nothing is set aside."""
    return facts(source + "\n# cbv_lazy_urls\n")


@pytest.mark.parametrize("title", TEXTS)
def test_parts_tell_the_same_as_the_whole(title):
    source = textwrap.dedent(TEXTS[title])

    assert facts(source) == whole(source)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "django.views.generic.base",
            "django.views.generic.edit",
            "django.forms.forms",
        ),
        *(
            "django.contrib.admin.options",
            "django.urls.resolvers",
            "rest_framework.views",
        ),
        *(
            "rest_framework.viewsets",
            "asyncio.tasks",
            "typing",
            "argparse",
            "unittest.mock",
        ),
    ],
)
def test_real_modules_tell_the_same_in_parts(name):
    source = Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")
    source = source.replace("cbv_lazy_urls", "").replace("global ", "nonlocal_ = ")

    assert facts(source) == whole(source)


def test_classes_and_functions_are_set_aside():
    rest, named = split_module(
        "import a\n\n@a.b\nclass C:\n    x = 1\n\ndef d(): ...\ne = 2\n"
    )

    assert rest == "import a\n\ne = 2\n"
    assert list(named) == ["C", "d"]


@given(st.lists(st.sampled_from(sorted(TEXTS)), min_size=2, max_size=4))
def test_any_order_of_statements(titles):
    source = "\n".join(textwrap.dedent(TEXTS[title]) for title in titles)
    ast.parse(source)

    assert facts(source) == whole(source)
