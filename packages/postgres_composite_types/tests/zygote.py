"""Run commands of projects in forks of one process, which imports Django only once.

Reads a job in JSON from each line of standard input and answers with the exit code.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback

import dj_database_url  # noqa: F401
import django
import django.contrib.postgres.fields
import django.core.management.commands.makemigrations
import django.core.management.commands.migrate
import django.db.backends.postgresql.base

import postgres_composite_types.column.django_private
import postgres_composite_types.database.checks
import postgres_composite_types.detection.hook
import postgres_composite_types.partners.array_edges
import postgres_composite_types.partners.serializers  # noqa: F401


def run(commands):
    django.setup()
    for command in commands:
        importlib.invalidate_caches()  # for the migrations that the one before wrote
        if command[0] == "python":
            exec(command[1], {})
        else:
            django.core.management.call_command(*command)


def become(job):
    output = os.open(job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.chdir(job["path"])
    os.environ.update(job["environ"])
    sys.path.insert(0, job["path"])
    code = 1
    try:
        run(job["commands"])
        code = 0
    except SystemExit as exit:
        code = int(exit.code or 0)
    except BaseException:  # noqa: BLE001 # it ends the process
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


for line in sys.stdin:
    child = os.fork()
    if not child:
        become(json.loads(line))
    _, status = os.waitpid(child, 0)
    sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
    sys.stdout.flush()
