"""Time the import of ixdjango.environment and the reading of the variables, beyond Django.

Run: python packages/ixdjango/benchmarks/environment.py

The peer is Django's own settings import; goal: 40 ms more for import and 40 variables.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

ROUNDS = 25
BEFORE = "import time, django.conf, django.core.signals; t = time.perf_counter(); "
AFTER = "; print((time.perf_counter() - t) * 1000)"
CODES = {
    "ours": "from ixdjango.environment import read_environment; read_environment()",
    "environs alone": "import environs",
    "addresses only": "from ixdjango.environment import database_settings",
}
VARIABLES = {
    "DJANGO_SECRET_KEY": "k",
    "DATABASE_URL": "postgresql://u:p@h/d",
    "REDIS_URL": "redis://r:6379/0",
    "EMAIL_HOST": "mail",
    "EMAIL_PORT": "587",
    "SITE_DOMAIN": "commons.example",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "SYSLOG_SERVER": "logs",
    **{f"DB_D{n}_URL": "postgresql://u:p@h/d" for n in range(32)},
}


def main() -> None:
    environ = {**os.environ, **VARIABLES}
    # Modules are compiled once, as on a server.
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    times: dict[str, list[float]] = {name: [] for name in CODES}
    for _ in range(ROUNDS):
        for name, code in CODES.items():
            ran = subprocess.run(
                [sys.executable, "-c", BEFORE + code + AFTER],
                env=environ,
                capture_output=True,
                text=True,
                check=True,
            )
            times[name].append(float(ran.stdout))
    medians = {
        name: round(statistics.median(found), 1) for name, found in times.items()
    }
    for name, ms in medians.items():
        print(f"{name:16} {ms:6.1f} ms")
    print(json.dumps({"milliseconds": medians, "goals": {"ours": 40}}))


if __name__ == "__main__":
    main()
