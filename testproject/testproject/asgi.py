"""The site as an ASGI application, with the devices beside the pages."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testproject.settings")

_django = get_asgi_application()

from devices.endpoints.application import with_devices  # noqa: E402 - needs Django's apps

application = with_devices(_django)
