from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.library.models import Shelf


def load():
    output = io.StringIO()
    call_command("loadixfixtures", stdout=output, stderr=output)
    return output.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("as_list", [True, False])
def test_the_fixtures_of_the_setting_are_loaded(settings, tmp_path, as_list):
    fixture = tmp_path / "shelves.json"
    shelf = {"model": "library.shelf", "pk": 7, "fields": {"name": "maps"}}
    fixture.write_text(json.dumps([shelf]))
    settings.IX_FIXTURES = [str(fixture)] if as_list else str(fixture)

    assert "Installed 1 object(s)" in load()
    assert Shelf.objects.get().pk == 7


def test_without_the_setting_a_line_says_so(settings):
    settings.IX_FIXTURES = None

    assert load() == "IX_FIXTURES is not set; nothing was loaded.\n"


def test_a_setting_of_another_form_is_refused(settings):
    settings.IX_FIXTURES = [7]

    with pytest.raises(CommandError, match=r"IX_FIXTURES is \[7\]; list the names"):
        load()
