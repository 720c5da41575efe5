"""The README's code runs as printed."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import isolate_apps

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.django_db(transaction=True)
@isolate_apps("tests.testapp")
def test_the_example_runs_as_printed(settings):
    settings.MODELSEARCH_BACKENDS = {
        "default": {"BACKEND": "modelsearch.backends.database.fallback"}
    }
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    [models] = [block for block in blocks if "class Job(" in block]
    [session] = [block for block in blocks if block.startswith(">>>")]
    namespace = {"__name__": "tests.testapp.readme"}
    sys.modules["tests.testapp.readme"] = sys.modules[__name__]
    exec(models, namespace)
    job = namespace["Job"]
    job._meta.db_table = "readme_job"
    with connection.schema_editor() as editor:
        editor.create_model(job)
    try:
        test = doctest.DocTestParser().get_doctest(
            session, namespace, "README", "README.md", 0
        )
        output: list[str] = []
        doctest.DocTestRunner(
            optionflags=doctest.IGNORE_EXCEPTION_DETAIL | doctest.ELLIPSIS
        ).run(test, out=output.append)
        assert not output, "".join(output)
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(job)
