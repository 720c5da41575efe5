"""The story of the forgotten intermediate, from failure to cure."""

from __future__ import annotations

import io
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import override_settings

JOB = {
    "title": "Lathe minder",
    "location": "Creekside",
    "end_date": "2031-05-01",
    "url": "https://localhost/jobs/lathe-minder/",
}


class Feed(BaseHTTPRequestHandler):
    """Another site's /jobs/feed/."""

    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        allowed = self.headers["Authorization"] == "Bearer secret"
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"jobs": [JOB] if allowed else []}).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An intermediate; its root is one of the system's, in a file of the test's own."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    root = trustme.CA(organization_name="Example Root")
    root.cert_pem.write_to_path(tmp_path / "root.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    monkeypatch.setenv("PARTNER_FEED_TOKEN", "secret")
    return root.create_child_ca()


@pytest.fixture
def feed(authorities: trustme.CA) -> Iterator[str]:
    """The host of a partner whose server sends its own certificate alone."""
    identity = authorities.issue_cert("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with (
        identity.private_key_pem.tempfile() as key,
        identity.cert_chain_pems[0].tempfile() as leaf,
    ):
        context.load_cert_chain(leaf, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def manage(*arguments: str) -> tuple[int, str]:
    output = io.StringIO()
    try:
        call_command(*arguments, stdout=output)
    except SystemExit as error:
        return int(str(error.code)), output.getvalue()
    return 0, output.getvalue()


def test_a_partner_that_forgets_its_intermediate_is_healed_by_the_setting(
    feed: str, authorities: trustme.CA, tmp_path: Path
) -> None:
    address = f"https://{feed}/jobs/feed/"
    intermediate, bundle = tmp_path / "intermediate.pem", tmp_path / "bundle.pem"
    authorities.cert_pem.write_to_path(intermediate)

    with pytest.raises(CommandError, match=f"manage.py ca_bundle doctor {feed} says"):
        manage("fetch_jobs", address)

    code, said = manage("ca_bundle", "doctor", feed)
    assert code == 1
    assert said.startswith(f"{feed} does not verify: intermediate-missing\n")

    with override_settings(CA_BUNDLES={feed: bundle}):
        assert [message.id for message in run_checks()] == ["ca_bundle.E002"]
        code, said = manage("ca_bundle", "build", "--intermediate", str(intermediate))
        assert (code, said.partition(":")[2][:9]) == (0, " written:")
        assert run_checks() == []
        assert manage("ca_bundle", "doctor")[0] == 0
        assert manage("fetch_jobs", address) == (
            0,
            "Lathe minder, Creekside, until 2031-05-01:"
            " https://localhost/jobs/lathe-minder/\n",
        )


def test_a_wrong_token_is_one_line(
    feed: str, authorities: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PARTNER_FEED_TOKEN", "other")
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(
        authorities.cert_pem.bytes() + (tmp_path / "root.pem").read_bytes()
    )
    with (
        override_settings(CA_BUNDLES={feed: bundle}),
        pytest.raises(CommandError, match="401 Client Error") as caught,
    ):
        manage("fetch_jobs", f"https://{feed}/jobs/feed/")

    assert "\n" not in str(caught.value)
