from __future__ import annotations

import pytest
from wagtail.models import Page, Site

from tests.folders import Folder
from tests.testapp.models import HomePage


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
