"""New sessions with a bundle beside certifi and beside a context made by hand.

Every round opens a new Session, gets one small answer over a new TLS connection from a
server in another process, and closes it; the kinds take turns. Then an issuer is fetched
from each hostile server of the tests, with a limit of 1 s, for time and memory.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import ssl
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

import certifi
import requests
from requests.adapters import HTTPAdapter

from ca_bundle import Session
from ca_bundle.exceptions import FetchError
from ca_bundle.read.aia import fetch_issuers

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.pki import issue, issue_authorities
from tests.read.test_aia import HOSTILE, QUICK, Source, is_loopback

from tests.servers import TLSServer, server_context

ROUNDS = 60
GOALS = {
    "certifi / bundle": ("at least", 6.0),
    "bundle - plain, ms": ("at most", 1.0),
    "hostile servers, s": ("at most", 5.0),
    "hostile servers, MiB": ("at most", 5.0),
}


class PlainAdapter(HTTPAdapter):
    """The least that can be done: one context, made before."""

    def __init__(self, context):
        self.context = context
        super().__init__()

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"cert_reqs": "CERT_REQUIRED", "ssl_context": self.context}

    def cert_verify(self, conn, url, verify, cert):
        pass


def measure_sessions(folder):
    """Return the median milliseconds of a new session of each kind."""
    root, intermediate = issue_authorities()
    bundle, everything = folder / "bundle.pem", folder / "certifi.pem"
    bundle.write_text(intermediate.pem + root.pem)
    everything.write_text(Path(certifi.where()).read_text() + bundle.read_text())
    server = TLSServer(server_context([issue("localhost", intermediate)]), {"jobs": []})
    context = ssl.create_default_context(cafile=bundle)

    def plain():
        session = requests.Session()
        session.mount("https://", PlainAdapter(context))
        return session

    def with_certifi():
        session = requests.Session()
        session.verify = str(everything)
        return session

    kinds = {
        "certifi": with_certifi,
        "bundle": lambda: Session({"localhost": bundle}),
        "plain": plain,
    }
    with serving(server) as port:
        url = f"https://localhost:{port}/"
        times = {kind: [] for kind in kinds}
        for _ in range(ROUNDS + 3):
            for kind, make in kinds.items():
                started = time.perf_counter()
                with make() as session:
                    session.get(url, timeout=30)
                times[kind].append((time.perf_counter() - started) * 1000)
    return {kind: statistics.median(each[3:]) for kind, each in times.items()}


@contextlib.contextmanager
def serving(server):
    """Run a server in a process of its own; give its port."""
    process = multiprocessing.get_context("fork").Process(
        target=server.serve_forever, daemon=True
    )
    process.start()
    try:
        yield server.server_address[1]
    finally:
        process.terminate()
        process.join(10)
        server.server_close()


def measure_hostile_servers():
    """Return seconds and MiB of fetching from every hostile server."""
    from http.server import ThreadingHTTPServer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    server.stopped = multiprocessing.get_context("fork").Event()
    server.requests = []
    pages = [page for page, _ in HOSTILE.values()]
    server.pages = {f"/{number}": page for number, page in enumerate(pages)}
    root = issue("Root", ca=True)
    with serving(server) as port:
        leaves = [
            issue("x", root, address=f"http://127.0.0.1:{port}/{number}").certificate
            for number in range(len(pages))
        ]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        for leaf in leaves:
            with contextlib.suppress(FetchError):
                fetch_issuers(leaf, is_allowed=is_loopback, limits=QUICK)
        seconds = time.perf_counter() - started
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    return seconds, grown / 1024


def main():
    """Print a table and a JSON line."""
    warnings.simplefilter("ignore")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as folder:
        times = measure_sessions(Path(folder))
    for kind, value in times.items():
        print(f"{kind:24}{value:8.2f} ms a new session, median of {ROUNDS}")
    seconds, mebibytes = measure_hostile_servers()
    figures = {
        "certifi / bundle": times["certifi"] / times["bundle"],
        "bundle - plain, ms": times["bundle"] - times["plain"],
        "hostile servers, s": seconds,
        "hostile servers, MiB": mebibytes,
    }
    for name, value in figures.items():
        bound, goal = GOALS[name]
        print(f"{name:24}{value:8.2f}    goal: {bound} {goal:g}")
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
