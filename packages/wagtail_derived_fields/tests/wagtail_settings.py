"""A site with Wagtail: its search app takes the place of modelsearch's."""

from __future__ import annotations

from .settings import *  # noqa: F403
from .settings import DATABASES, INSTALLED_APPS

DATABASES["default"]["TEST"] = {"NAME": "test_wagtail_derived_fields_wagtail"}
INSTALLED_APPS = [
    *(app for app in INSTALLED_APPS if app not in ("modelsearch", "tests.testapp")),
    "taggit",
    "wagtail",
    "wagtail.admin",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.sites",
    "wagtail.users",
    "tests.wagtailapp",
]
WAGTAIL_SITE_NAME = "Tests"
WAGTAILADMIN_BASE_URL = "http://localhost"
STATIC_URL = "/static/"
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "wagtail_derived_fields.search.database"}
}
