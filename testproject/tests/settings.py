"""The site's settings; what tests write goes to a folder of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from testproject.environment import search_backends, secret_key
from testproject.settings import *  # noqa: F403

# A site that a test starts as a process is told its folder by the same variable.
_FILES = os.environ.get("TEST_SITE_FILES") or tempfile.mkdtemp(prefix="fieldkit-site-")
if "TEST_SITE_FILES" not in os.environ:
    atexit.register(shutil.rmtree, _FILES, ignore_errors=True)
MEDIA_ROOT = Path(_FILES, "media")
STATIC_ROOT = Path(_FILES, "static")
SECRET_KEY_FILE = Path(_FILES, "secret_key")
SECRET_KEY = secret_key(os.environ, production=False, kept=SECRET_KEY_FILE)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The tests name the back end they search with.
if "TEST_SITE_FILES" not in os.environ:
    WAGTAILSEARCH_BACKENDS = search_backends({})
