from __future__ import annotations

import os

import dj_database_url

DATABASES = {
    "default": {
        **dj_database_url.parse(os.environ["DATABASE_URL"]),
        "TEST": {"NAME": "test_wagtail_derived_fields"},
    },
    "sqlite": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "modelsearch",
    "wagtail_derived_fields",
    "tests.testapp",
]
SECRET_KEY = "tests"
USE_TZ = True
DATABASE_ROUTERS = ["tests.routers.PostgresOnly"]
