"""A small site that deploys; SHOP_STEPS chooses among lists of steps."""

from __future__ import annotations

import os
from pathlib import Path

from ixdjango import Step
from ixdjango.environment import database_settings

BASE_DIR = Path(os.environ["SHOP_FOLDER"])
DATABASES = database_settings(os.environ) or {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(BASE_DIR / "shop.sqlite3"),
    }
}
INSTALLED_APPS = ["ixdjango", "tests.deploy.shop"]
SECRET_KEY = "for the tests only"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

WORK = "tests.deploy.shop.work."
MIGRATE = Step("migrate", options={"interactive": False, "verbosity": 0})
FILL = Step(f"{WORK}note", ("fill",))
ONCE = Step(f"{WORK}note", ("gift",), once=True, key="gift")
LOCAL = Step(f"{WORK}local", scope="container")
IXDJANGO_DEPLOY_STEPS = {
    "whole": [MIGRATE, FILL, ONCE, LOCAL, Step(f"{WORK}note", ("end",))],
    "waits": [MIGRATE, FILL, Step(f"{WORK}wait"), Step(f"{WORK}note", ("end",)), LOCAL],
    "fails": [MIGRATE, Step(f"{WORK}wait"), Step(f"{WORK}fail"), FILL, LOCAL],
    "once": [
        MIGRATE,
        Step(f"{WORK}wait", once=True, key="wait"),
        Step(f"{WORK}note", ("end",)),
    ],
    "always": [
        Step(f"{WORK}fail"),
        Step(f"{WORK}local", ("never",), scope="container"),
        Step(f"{WORK}local", ("always",), always=True),
    ],
    "query": [MIGRATE, Step(f"{WORK}sleep_in_the_database")],
    "program": [MIGRATE, Step(("sh", "-c", "sleep 600 & echo $! >pid; wait"))],
    "loud": [
        Step(f"{WORK}shout"),
        Step(("sh", "-c", "printf '\\377raw\\n'; sleep 300 & echo $! >pid")),
    ],
    "locked": [
        Step("migrate", options={"verbosity": 0}, lock_timeout_s=0.2, retries=6),
        Step(f"{WORK}show_timeouts", lock_timeout_s=0.25, statement_timeout_s=2.5),
    ],
    "phases": [
        Step(f"{WORK}local", ("early",), phase="before"),
        Step(f"{WORK}local", ("late",), phase="after"),
        Step(f"{WORK}local", ("odd",), condition=f"{WORK}is_odd"),
    ],
    "bad condition": [Step(f"{WORK}local", condition=f"{WORK}fail")],
    "usage": ["migrate --noinput"],
    "none": [],
}[os.environ.get("SHOP_STEPS", "whole")]
if os.environ.get("SHOP_PROBLEM"):
    from django.core.exceptions import ImproperlyConfigured

    raise ImproperlyConfigured("A is not set; example: A=1\nB is no number; B=2")
