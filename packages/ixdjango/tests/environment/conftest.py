from __future__ import annotations

import os
import re

import pytest

OURS = re.compile(
    r"DB_.*_URL|(DEPLOY_)?DATABASE_URL|REDIS_.*|MEMCACHE_.*|ELASTICSEARCH_.*|EMAIL_.*"
    r"|SITE_.*|SYSLOG_.*|LOG_LEVEL|ENVIRONMENT|DJANGO_(SECRET_KEY|DEBUG)|SECRET_KEY"
    r"|ALLOWED_HOSTS|TRUSTED_PROXIES|STORAGE_DIR|DEFAULT_FROM_EMAIL|IXDJANGO_BUILD|DEVNAME"
)
NEEDED = {"DJANGO_SECRET_KEY": "k3y", "DATABASE_URL": "postgresql://u:s3cret@h/d"}


@pytest.fixture
def environ(monkeypatch):
    """Set variables: the needed ones and those given; None leaves one out."""
    for name in filter(OURS.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)

    def set_to(**variables):
        for name, value in {**NEEDED, **variables}.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    set_to()
    return set_to
