"""Settings of a site with views that push, for test_push.py."""

from __future__ import annotations

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.devices.pushing_site"
