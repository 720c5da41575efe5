"""The original's settings: `from ixdjango.docker_settings import *`.

At the end of a settings module that sets `BASE_DIR`. It gives the same names, and two
that were unsafe are safe now: `ALLOWED_HOSTS` is never everything, and headers of proxies
are trusted only with `TRUSTED_PROXIES`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ixdjango.environment import read_environment

_found = read_environment()
_module = sys.modules.get(os.environ.get("DJANGO_SETTINGS_MODULE", ""))
BASE_DIR = Path(getattr(_module, "BASE_DIR", Path.cwd()))

ENVIRONMENT = os.environ.get("ENVIRONMENT")
DEVNAME = os.environ.get("DEVNAME")
MY_SITE_DOMAIN = _found.site_domain
SITE_URL = f"{_found.site_protocol}://{_found.site_domain}"
ELASTICSEARCH_URL = list(_found.search_urls)
ELASTICSEARCH_INDEX_NAME = _found.search_index
DEFAULT_FROM_EMAIL = f"do.not.reply@{_found.site_domain}"
STORAGE_DIR = str(_found.storage_dir or (BASE_DIR if _found.debug else "/storage"))
NGINX_STATIC_DIR = None if _found.debug else "/static"
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
globals().update(_found.settings(BASE_DIR))
STATIC_ROOT = str(BASE_DIR / "static")
MEDIA_ROOT = str(Path(STORAGE_DIR) / "media")
if _found.from_email:
    DEFAULT_FROM_EMAIL = _found.from_email
