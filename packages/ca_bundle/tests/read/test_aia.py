"""Fetching an issuer is safe: the address in a certificate is an attacker's to choose."""

from __future__ import annotations

import contextlib
import gzip
import resource
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from ca_bundle import examine
from ca_bundle.exceptions import FetchError
from ca_bundle.judge.faults import Code
from ca_bundle.read.aia import (
    FetchLimits,
    fetch_issuers,
    find_issuer_urls,
    is_public_address,
)
from tests.pki import issue
from tests.servers import running, serving

ROOT = issue("Example Root", ca=True)
QUICK = FetchLimits(seconds=1.0)
MIB = 1024 * 1024


def is_loopback(address):
    return address == "127.0.0.1"


class Source(BaseHTTPRequestHandler):
    """Serves what a test has put into `server.pages`: bytes, or a function."""

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        page = self.server.pages[self.path]
        if callable(page):
            with contextlib.suppress(OSError):
                page(self)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *args):
        pass


@pytest.fixture
def source():
    """A web server for issuers' certificates."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    server.daemon_threads = True
    server.pages, server.requests = {}, []
    server.stopped = threading.Event()
    with running(server) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server
        server.stopped.set()


def leaf_with(address):
    return issue("localhost", ROOT, address=address).certificate


def fetch(source, path, page, **options):
    source.pages[path] = page
    options = {"is_allowed": is_loopback, "limits": QUICK, **options}
    return fetch_issuers(leaf_with(source.url + path), **options)


def test_the_doctor_fetches_every_missing_intermediate(source, tmp_path):
    upper = issue("Upper", ROOT, ca=True)
    lower = issue("Lower", upper, ca=True, address=f"{source.url}/upper")
    source.pages["/upper"] = upper.der
    source.pages["/lower"] = pkcs7.serialize_certificates(
        [lower.certificate], Encoding.DER
    )
    (tmp_path / "root.pem").write_text(ROOT.pem)
    leaf = issue("localhost", lower, address=f"{source.url}/lower")

    with serving(leaf) as port:
        found = examine(
            f"localhost:{port}",
            roots=[str(tmp_path / "root.pem")],
            fetch=True,
            is_allowed=is_loopback,
        )

    assert [link.certificate for link in found.chain] == [
        item.certificate for item in (leaf, lower, upper, ROOT)
    ]
    [defect] = found.defects
    assert defect.code == Code.INTERMEDIATE_MISSING
    assert "--fetch" in defect.cure
    assert [path for path, _ in source.requests] == ["/lower", "/upper"]


@pytest.mark.parametrize("broken", [{"hosts": ["other.example"]}, {}])
def test_nothing_is_fetched_for_a_chain_that_is_whole(source, tmp_path, broken):
    (tmp_path / "root.pem").write_text(ROOT.pem)

    with serving(issue("localhost", ROOT, address=source.url, **broken)) as port:
        examine(
            f"localhost:{port}",
            roots=[str(tmp_path / "root.pem")],
            fetch=True,
            is_allowed=is_loopback,
        )

    assert not source.requests


def test_without_fetch_nothing_is_fetched(source, tmp_path):
    (tmp_path / "root.pem").write_text(issue("Another Root", ca=True).pem)

    with serving(issue("localhost", ROOT, address=source.url)) as port:
        [defect] = examine(
            f"localhost:{port}", roots=[str(tmp_path / "root.pem")]
        ).defects

    assert defect.cure.endswith("--fetch")
    assert not source.requests


def test_a_root_is_never_taken_from_the_network(source):
    with pytest.raises(FetchError, match="self-signed: a root is never taken"):
        fetch(source, "/root", ROOT.der)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_an_address_that_is_not_public_is_refused(address):
    assert not is_public_address(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1"])
def test_a_public_address_is_allowed(address):
    assert is_public_address(address)


def test_by_default_a_server_on_loopback_is_not_asked(source):
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 is not a public address"):
        fetch(source, "/", ROOT.der, is_allowed=is_public_address)

    assert not source.requests


def test_a_name_with_one_private_address_is_refused(monkeypatch):
    def answers(*args, **kwargs):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
            for address in ("93.184.215.14", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answers)

    with pytest.raises(FetchError, match=r"10\.0\.0\.1 is not a public address"):
        fetch_issuers(leaf_with("http://rebind.example/"))


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    source, monkeypatch
):
    # A name that changes its address after the check: the second look-up would differ.
    looked_up = []
    real = socket.getaddrinfo

    def first_only(name, *args, **kwargs):
        looked_up.append(name)
        known = name in ("rebind.example", "127.0.0.1")
        return real("127.0.0.1" if known else "10.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", first_only)
    port = source.server_address[1]
    intermediate = issue("Example Intermediate", ROOT, ca=True)
    source.pages["/"] = intermediate.der

    found = fetch_issuers(
        leaf_with(f"http://rebind.example:{port}/"), is_allowed=is_loopback
    )

    assert found == [intermediate.certificate]
    assert looked_up.count("rebind.example") == 1
    assert source.requests[0][1]["Host"] == f"rebind.example:{port}"


def redirect_to(location):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.end_headers()

    return answer


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "not an http or https address"),
        ("ftp://127.0.0.1/x", "not an http or https address"),
        ("http://127.0.0.2:9/", r"127\.0\.0\.2 is not a public address"),
        ("http://[::1/", "."),
        ("/again", "redirected more than 4 times"),
        ("", "redirected more than 4 times"),
        ("http://127.0.0.1:1/\r\nX: y", "."),
    ],
)
def test_a_redirect_leads_nowhere_else(source, location, reason):
    with pytest.raises(FetchError, match=reason):
        fetch(source, "/again", redirect_to(location))

    assert len(source.requests) <= 5


def test_a_redirect_to_another_place_is_followed(source):
    intermediate = issue("Example Intermediate", ROOT, ca=True)
    source.pages["/new"] = intermediate.pem.encode()

    assert fetch(source, "/old", redirect_to("/new")) == [intermediate.certificate]


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    piece = b"\0" * MIB
    for _ in range(300):
        handler.wfile.write(piece)


def endless_header(handler):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
    for _ in range(300):
        handler.wfile.write(b"X: " + b"y" * MIB + b"\r\n")


def drip(handler):
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.stopped.wait(0.05):
        handler.wfile.write(b"0")


def drip_header(handler):
    while not handler.server.stopped.wait(0.05):
        handler.wfile.write(b"H")


def silent(handler):
    handler.server.stopped.wait(10)


def gzip_bomb(handler):
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(gzip.compress(b"\0" * 20 * MIB))


def cut_off(handler):
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 900\r\n\r\n0")


HOSTILE = {
    "300 MB": (endless, "larger than 65536 bytes"),
    "300 MB of header": (endless_header, "larger than 65536 bytes"),
    "a slow drip": (drip, "took longer than 1 s"),
    "a slow drip of the header": (drip_header, "took longer than 1 s"),
    "silence": (silent, "took longer than 1 s"),
    "a gzip bomb": (gzip_bomb, "holds no certificate"),
    "cut off": (cut_off, "."),
    "not HTTP": (lambda handler: handler.wfile.write(b"SSH-2.0\r\n"), "."),
    "not found": (lambda handler: handler.send_error(404), "answers 404"),
    "a web page": (b"<html>", "holds a web page"),
    "nothing": (b"", "empty"),
}


@pytest.mark.parametrize(("page", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_ends_soon_and_costs_nothing(source, page, reason):
    started = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(FetchError, match=reason):
        fetch(source, "/hostile", page)

    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 30 * 1024  # the server of the test is in this process, too
    assert time.monotonic() - started < 5 * QUICK.seconds


def test_an_answer_that_keeps_its_connection_open_is_complete(source):
    intermediate = issue("Example Intermediate", ROOT, ca=True)

    def keep_alive(handler):
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(intermediate.der)}\r\n\r\n"
        handler.wfile.write(head.encode() + intermediate.der)
        handler.wfile.flush()
        silent(handler)

    assert fetch(source, "/", keep_alive) == [intermediate.certificate]


def test_proxies_and_passwords_are_not_used(source, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:1")
    intermediate = issue("Example Intermediate", ROOT, ca=True)
    source.pages["/x"] = intermediate.der
    url = source.url.replace("//", "//name:password@")

    fetch_issuers(leaf_with(f"{url}/x"), is_allowed=is_loopback)

    [(_, headers)] = source.requests
    assert headers["Host"] == source.url.removeprefix("http://")
    assert "Authorization" not in headers


def test_an_https_address_is_verified(source):
    with serving(issue("127.0.0.1", ROOT)) as port:
        leaf = leaf_with(f"https://127.0.0.1:{port}/")
        with pytest.raises(FetchError, match="certificate verify failed"):
            fetch_issuers(leaf, is_allowed=is_loopback, limits=QUICK)


def test_a_certificate_without_an_address_is_told():
    with pytest.raises(FetchError, match="localhost names no address"):
        fetch_issuers(issue("localhost", ROOT).certificate)


def test_only_addresses_of_the_web_count():
    assert find_issuer_urls(leaf_with("ldap://ca.example/cn=x")) == []
    assert find_issuer_urls(leaf_with("HTTP://ca.example/x")) == ["HTTP://ca.example/x"]


def test_a_name_that_is_not_resolved_in_time_ends(monkeypatch):
    stopped = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: stopped.wait(10))

    with pytest.raises(FetchError, match="no answer in time"):
        fetch_issuers(
            leaf_with("http://slow.example/"), limits=FetchLimits(seconds=0.1)
        )
    stopped.set()


def test_the_context_for_https_is_the_default_one():
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED
