"""manage.py demo: deploy the site and serve it on this machine."""

from __future__ import annotations

import os
import secrets
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from wagtail.images import get_image_model
from wagtail.models import Page

from devices.simulated import Simulation
from home.renditions import forget_lost_renditions
from home.reset import place, start_over
from home.server import HOST, DemoError, DemoServer, bind, port_from, prove
from ixdjango.environment import database_url
from jobs.models import FeedPartner, Job
from testproject.environment import keep_secret_key
from wagtailimporter import ImportFailed

QUERY = "compost"
STOP_TIMEOUT_S = 10


class Command(BaseCommand):
    """Deploy, make the admin user, serve, and say where everything is."""

    help = "Deploys the site and serves it on this machine until Ctrl-C."
    requires_system_checks = []  # A step of the deploy, once the database answers.

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --port, --once and --reset."""
        parser.add_argument(
            "--port",
            help="Where to serve: 8000 if not given, and with --once any free port.",
        )
        parser.add_argument(
            "--once",
            action="store_true",
            help="Fetch two pages from the served site, print the proof and stop.",
        )
        parser.add_argument(
            "--reset",
            action="store_true",
            help="Start over: delete all data and uploads first. Asks on a terminal.",
        )

    def handle(self, **options: Any) -> None:
        """Run the demo.

        Raises:
            CommandError: no database is named, the port cannot be used, the deploy
                failed, or with --once the site did not answer as it should.
        """
        if not database_url(os.environ):
            message = (
                "DATABASE_URL is not set; `make demo` starts a PostgreSQL and sets it."
            )
            raise CommandError(message)
        started = time.perf_counter()
        default = "0" if options["once"] else "8000"
        is_quiet = options["verbosity"] < 2
        try:
            # Held from here on, so that nobody takes it while the deploy runs.
            port = port_from(options["port"] or default)
            with bind(port, is_quiet=is_quiet) as server:
                if options["reset"]:
                    self._reset()
                self._deploy(server.server_port, options)
                duration_s = time.perf_counter() - started
                server.load()
                if options["once"]:
                    self._prove(server)
                    self._report(server.server_port, duration_s, "")
                else:
                    self._serve(server, duration_s)
        except DemoError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _serve(self, server: DemoServer, duration_s: float) -> None:
        """Serve until Ctrl-C, with two devices that talk to the server."""
        address = f"http://{HOST}:{server.server_port}"
        with Simulation(address) as simulation:
            line = f"\n  devices: {address}/devices/ with {simulation.text}"
            self._report(server.server_port, duration_s, line)
            server.serve_forever()

    def _reset(self) -> None:
        if sys.stdin.isatty():
            answer = input(f"Delete everything in {place()}? [y/N] ")
            if answer.strip().lower() not in ("y", "yes"):
                message = "nothing was deleted."
                raise DemoError(message)
        start_over()

    def _deploy(self, port: int, options: dict[str, Any]) -> None:
        os.environ["PORT"] = str(port)
        os.environ["JOB_FEED_TOKEN"] = _feed_token()
        if not os.environ.get("DJANGO_SECRET_KEY"):
            keep_secret_key(settings.SECRET_KEY, Path(settings.SECRET_KEY_FILE))
        try:
            # The steps say what they do at -v 2; by default each is one line.
            call_command(
                "deploy",
                # The files may differ although the revision does not.
                force=True,
                no_color=options["no_color"],
                verbosity=max(options["verbosity"] - 1, 0),
            )
        except CommandError as error:
            # What editors did may leave no room for a page of the files.
            is_refusal = isinstance(
                getattr(error.__cause__, "__cause__", 0), ImportFailed
            )
            if not (is_refusal and Page.objects.filter(depth__gt=2).exists()):
                raise
            self.stderr.write(
                f"{error}\nThe site is served as editors left it;"
                " `make demo ARGS=--reset` starts over from the files."
            )
        forget_lost_renditions()

    def _report(self, port: int, duration_s: float, devices: str) -> None:
        backend = settings.WAGTAILSEARCH_BACKENDS["default"]["BACKEND"]
        pages = Page.objects.live().filter(depth__gt=1).count()
        jobs, open_jobs = Job.objects.count(), Job.objects.open().count()
        images = get_image_model().objects.count()
        self.stdout.write(
            f"\nFieldkit Commons is ready after {duration_s:.1f} s:"
            f" http://{HOST}:{port}/ (Ctrl-C stops it)"
            f"\n  {pages} pages, {images} images, {jobs} jobs ({open_jobs} open),"
            f" search: {backend.rpartition('.')[2]}{devices}"
            f"\n  edit: http://{HOST}:{port}/admin/ as admin, {self._login()}"
        )
        self.stdout.flush()

    def _login(self) -> str:
        users = get_user_model().objects
        if users.filter(username="admin").exists():
            return (
                "password as at the first run;"
                " `make manage ARGS='changepassword admin'` sets a new one"
            )
        password = secrets.token_urlsafe(12)
        users.create_superuser("admin", "", password)
        return f"password {password} (printed only now)"

    def _prove(self, server: DemoServer) -> None:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            for path in ("/", f"/search/?q={QUERY}"):
                proof = prove(f"http://{HOST}:{server.server_port}{path}")
                self.stdout.write(f"GET {path} {proof}")
        finally:
            server.shutdown()
            serving.join(STOP_TIMEOUT_S)  # Else its loop meets the end of Python.


def _feed_token() -> str:
    """Return the environment's token, else the one that is stored, else a new one."""
    token = os.environ.get("JOB_FEED_TOKEN")
    if (
        not token
        and FeedPartner._meta.db_table in connection.introspection.table_names()
    ):
        token = FeedPartner.objects.values_list("token", flat=True).first()
    return token or secrets.token_urlsafe(32)
