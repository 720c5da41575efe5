from __future__ import annotations

import os
from importlib.util import find_spec

import dj_database_url

SERVER = dj_database_url.parse(os.environ["DATABASE_URL"])
# The other one prepares every statement on the server, where the driver can.
PREPARED = {"server_side_binding": True, "prepare_threshold": 0}
DATABASES = {
    "default": {**SERVER, "TEST": {"NAME": "test_postgres_composite_types"}},
    "other": {
        **SERVER,
        "OPTIONS": PREPARED if find_spec("psycopg") else {},
        "TEST": {"NAME": "test_postgres_composite_types_other"},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "postgres_composite_types",
    "import_export",
    "rest_framework",
    "tests.testapp",
    "tests.people",
    "tests.shop",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
# The real one takes a fifth of a second for each user.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROOT_URLCONF = "tests.people.urls"
SECRET_KEY = "tests"
STATIC_URL = "static/"
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
TIME_ZONE = "UTC"
USE_TZ = True
