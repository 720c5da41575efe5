from __future__ import annotations

import os

import dj_database_url

# A test database of its own: suites may run side by side on one server.
DATABASES = {
    "default": {
        **dj_database_url.parse(os.environ["DATABASE_URL"]),
        "TEST": {"NAME": "test_loaddata_stdin"},
    },
    "sqlite": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DATABASE_ROUTERS = ["tests.routers.PostgresOnly"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sites",
    "loaddata_stdin",
    "tests.testapp",
    "tests.pgapp",
]
SECRET_KEY = "tests"
SITE_ID = 1
USE_TZ = True
