"""The settings of Django's own tests, with this package's loaddata in place of Django's."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import dj_database_url

from .tested import TESTED_APPS

# A database and a folder for each way: they run side by side.
_name = f"loaddata_stdin_django_{os.environ['FIELDKIT_SUITE_WAY']}"
_databases = {
    "postgresql": {
        **dj_database_url.parse(os.environ["DATABASE_URL"]),
        "TEST": {"NAME": f"test_{_name}"},
    },
    "sqlite": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DATABASES = {
    "default": _databases[os.environ["FIELDKIT_SUITE_DATABASE"]],
    "other": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = [
    "loaddata_stdin",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sites",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.sessions",
    "django.contrib.messages",
    *TESTED_APPS,
]
# As in Django's runtests.py: the tables of these apps are made without migrations.
MIGRATION_MODULES = {"auth": None, "contenttypes": None, "sessions": None}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "urls"
SECRET_KEY = "tests"
SILENCED_SYSTEM_CHECKS = ["fields.W342"]
SITE_ID = 1
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
TEST_RUNNER = "tests.django_suite.runner.Runner"
USE_TZ = False
# Left there by the tests that write files.
MEDIA_ROOT = str(
    Path(tempfile.gettempdir()) / f"{_name}_{os.environ['FIELDKIT_SUITE_DATABASE']}"
)
