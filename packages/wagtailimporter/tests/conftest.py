from __future__ import annotations

import pytest
from wagtail.models import Page, Site

from tests.folders import Folder
from tests.testapp.models import HomePage


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Run last what empties the database: the migrations' pages are gone afterwards.

    pytest-django does so, too, unless pytest-randomly comes after it.
    """
    items.sort(key=_empties_the_database)


def _empties_the_database(item):
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Leave the root of the tree only, once for all tests."""
    with django_db_blocker.unblock():
        Site.objects.all().delete()
        Page.objects.filter(depth=2).delete()


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "content")


@pytest.fixture
def home(db):
    """The page /main/ below the root."""
    root = Page.objects.get()
    return root.add_child(instance=HomePage(title="Main", slug="main"))
