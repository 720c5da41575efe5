from __future__ import annotations

import doctest

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.shop import models

REFERENCE = models.README.parent / "docs" / "reference.md"
PARSER = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)


@pytest.mark.django_db
def test_the_examples_of_the_reference_run_one_after_the_other():
    parsed = Sybil([PARSER]).parse(REFERENCE)
    parsed.namespace.update(vars(models))

    for example in parsed.examples():
        example.evaluate()
