"""Time a deploy of five steps, and a follower, against manage.py itself.

Run: python -m dev_services run --throw-away --services postgresql -- \
    python packages/ixdjango/benchmarks/deploy.py

A start is `manage.py check` of the same site. Rounds are interleaved; the table shows
medians. Goals: five steps within 1.15 of a start plus the steps themselves; a follower
with nothing to do within 1.1 of a start.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
SETTINGS = """
import os
from pathlib import Path
import dj_database_url
from ixdjango import Step
BASE_DIR = Path(__file__).parent
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
SECRET_KEY = "for the benchmark only"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static_root"
INSTALLED_APPS = [
    "ixdjango", "django.contrib.auth",
    "django.contrib.contenttypes", "django.contrib.messages",
    "django.contrib.sessions", "django.contrib.sites", "django.contrib.staticfiles",
]
ROOT_URLCONF = "urls"
CACHES = {"default": {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cached"}}
quiet = {"verbosity": 0}
STEPS = [
    Step("check"),
    Step("migrate", options={**quiet, "interactive": False}),
    Step("createcachetable", options=quiet),
    Step("collectstatic", options={**quiet, "interactive": False}),
    Step("clearsessions", options=quiet),
]
IXDJANGO_DEPLOY_STEPS = STEPS
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "settings.py").write_text(SETTINGS)
        (Path(folder) / "urls.py").write_text("urlpatterns = []\n")
        environ = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "settings",
            "PYTHONPATH": folder,
            "REVISION": "follower",
        }

        def run(*words: str) -> tuple[float, str]:
            started = time.perf_counter()
            ended = subprocess.run(
                [sys.executable, "-m", "django", *words],
                env=environ,
                cwd=folder,
                capture_output=True,
                text=True,
            )
            assert ended.returncode == 0, ended.stderr
            return time.perf_counter() - started, ended.stdout

        run("deploy")
        start, five, steps, follower, separate = [], [], [], [], []
        for number in range(ROUNDS):
            start.append(run("check")[0])
            took_s, said = run("deploy", "--revision", f"round {number}")
            five.append(took_s)
            found = re.search(r"total +([0-9.]+) s", said)
            assert found
            steps.append(float(found[1]))
            follower.append(
                run("deploy", "--verbosity", "0", "--revision", f"round {number}")[0]
            )
            if number < 3:
                names = ("migrate", "createcachetable", "clearsessions", "check")
                one_by_one = [run(name)[0] for name in names]
                one_by_one.append(run("collectstatic", "--noinput")[0])
                separate.append(sum(one_by_one))
    medians = {
        "start": statistics.median(start),
        "five steps": statistics.median(five),
        "steps themselves": statistics.median(steps),
        "follower": statistics.median(follower),
        "five processes": statistics.median(separate),
    }
    for name, seconds in medians.items():
        print(f"{name:18} {seconds:7.3f} s")
    alone = medians["start"] + medians["steps themselves"]
    ratios = {
        "five steps": round(medians["five steps"] / alone, 3),
        "follower": round(medians["follower"] / medians["start"], 3),
        "five processes": round(medians["five processes"] / medians["five steps"], 2),
    }
    print(
        json.dumps({"ratios": ratios, "goals": {"five steps": 1.15, "follower": 1.1}})
    )


if __name__ == "__main__":
    main()
