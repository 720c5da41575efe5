from __future__ import annotations

import os

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

if not os.environ.get("DATABASE_URL"):
    message = "DATABASE_URL is not set; name a PostgreSQL database for the tests."
    raise ImproperlyConfigured(message)

# A test database of its own: suites may run side by side on one server.
DATABASES = {
    "default": {
        **dj_database_url.parse(os.environ["DATABASE_URL"]),
        "TEST": {"NAME": "test_wagtailimporter"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "tests.testapp",
    "wagtailimporter",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.embeds",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
]
ROOT_URLCONF = "wagtail.urls"
SECRET_KEY = "for tests only"
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    }
]
TIME_ZONE = "Australia/Melbourne"
USE_TZ = True
WAGTAIL_SITE_NAME = "Tests"
WAGTAILADMIN_BASE_URL = "http://localhost"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
