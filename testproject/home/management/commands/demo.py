"""manage.py demo: deploy the site and serve it on this machine."""

from __future__ import annotations

import os
import secrets
import threading
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import ThreadedWSGIServer
from wagtail.images import get_image_model
from wagtail.models import Page

from home.server import HOST, DemoError, bind, load, prove
from ixdjango.environment import database_url
from jobs.models import Job

QUERY = "compost"


class Command(BaseCommand):
    """Deploy, make the admin user, print where everything is, serve."""

    help = "Deploys the site and serves it on this machine until Ctrl-C."
    requires_system_checks = []  # A step of the deploy, once the database answers.

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --port and --once."""
        parser.add_argument(
            "--port",
            type=int,
            help="Where to serve: 8000 if not given, and with --once any free port.",
        )
        parser.add_argument(
            "--once",
            action="store_true",
            help="Fetch two pages from the served site, print the proof and stop.",
        )

    def handle(self, **options: Any) -> None:
        """Run the demo.

        Raises:
            CommandError: no database is named, the port is taken, the deploy
                failed, or with --once the site did not answer as it should.
        """
        if not database_url(os.environ):
            message = (
                "DATABASE_URL is not set; `make demo` starts a PostgreSQL and sets it."
            )
            raise CommandError(message)
        started = time.perf_counter()
        port = options["port"]
        if port is None:
            port = 0 if options["once"] else 8000
        try:
            # Held from here on, so that nobody takes it while the deploy runs.
            with bind(port) as server:
                self._deploy(server.server_port, options)
                self._report(server.server_port, time.perf_counter() - started)
                load(server)
                show = self._prove if options["once"] else self._serve
                show(server)
        except DemoError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _deploy(self, port: int, options: dict[str, Any]) -> None:
        os.environ["PORT"] = str(port)
        if not os.environ.get("JOB_FEED_TOKEN"):
            os.environ["JOB_FEED_TOKEN"] = secrets.token_urlsafe(32)
            self.stderr.write(
                "JOB_FEED_TOKEN is not set: /jobs/feed/ got a token that nobody knows."
            )
        # The steps say what they do at -v 2; by default each is one line.
        call_command(
            "deploy",
            no_color=options["no_color"],
            verbosity=max(options["verbosity"] - 1, 0),
        )

    def _report(self, port: int, duration_s: float) -> None:
        backend = settings.WAGTAILSEARCH_BACKENDS["default"]["BACKEND"]
        pages = Page.objects.live().filter(depth__gt=1).count()
        jobs, open_jobs = Job.objects.count(), Job.objects.open().count()
        images = get_image_model().objects.count()
        login = self._login()
        self.stdout.write(
            f"\nFieldkit Commons: http://{HOST}:{port}/ (ready after {duration_s:.1f} s)"
            f"\n  content: {pages} pages, {images} images, {jobs} jobs, {open_jobs} open"
            f"\n  search:  {backend.rpartition('.')[2]}"
            f"\n  admin:   http://{HOST}:{port}/admin/ as admin, {login}"
        )

    def _login(self) -> str:
        users = get_user_model().objects
        if users.filter(username="admin").exists():
            return (
                "password printed at the first run;"
                " `make manage ARGS='changepassword admin'` sets a new one"
            )
        password = secrets.token_urlsafe(12)
        users.create_superuser("admin", "", password)
        return f"password {password} (printed only now)"

    def _serve(self, server: ThreadedWSGIServer) -> None:
        self.stdout.write("Ctrl-C stops it.")
        self.stdout.flush()
        server.serve_forever()

    def _prove(self, server: ThreadedWSGIServer) -> None:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            for path in ("/", f"/search/?q={QUERY}"):
                proof = prove(f"http://{HOST}:{server.server_port}{path}")
                self.stdout.write(f"GET {path} {proof}")
        finally:
            server.shutdown()
