"""A bundle counts for its hosts, for nobody else, and nothing else counts for them."""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
import threading
import urllib.request

import aiohttp
import certifi
import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from ca_bundle import BundleAdapter, Session, build, ssl_context
from ca_bundle.exceptions import (
    BundleFileError,
    ForeignHostError,
    HostNameError,
    VerificationDisabledError,
)
from tests.pki import issue
from tests.servers import TLSServer, running, server_context, serving


@pytest.fixture
def bundle(files, forgetful):
    return build(
        f"localhost:{forgetful}",
        files / "bundle.pem",
        intermediates=[files / "intermediate.pem"],
        roots=["root.pem"],
    ).path


@pytest.fixture
def url(forgetful):
    return f"https://localhost:{forgetful}/"


def stats(session, url):
    """Return what the store of the connection to `url` holds after a request."""
    session.get(url, timeout=10)
    [pool] = session.get_adapter(url).poolmanager.pools._container.values()
    return pool.conn_kw["ssl_context"].cert_store_stats()["x509"]


def test_the_chain_is_completed_for_the_named_host(bundle, url):
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url, timeout=10)

    with Session({"localhost": bundle}) as session:
        assert session.get(url, timeout=10).json() == {"jobs": []}


def test_a_host_with_its_port_is_that_port_alone(bundle, url, forgetful):
    with Session({f"localhost:{forgetful}": bundle}) as session:
        assert session.get(url, timeout=10).ok
    with (
        Session({f"localhost:{forgetful + 1}": bundle}) as session,
        pytest.raises(requests.exceptions.SSLError),
    ):
        session.get(url, timeout=10)


def test_the_bundle_does_not_count_for_another_host(bundle, authorities):
    _, intermediate = authorities
    with (
        serving(issue("127.0.0.1", intermediate)) as port,
        Session({"localhost": bundle}) as session,
        pytest.raises(requests.exceptions.SSLError),
    ):
        session.get(f"https://127.0.0.1:{port}/", timeout=10)


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_store_holds_exactly_the_bundle(variable, bundle, url, monkeypatch):
    if variable:
        monkeypatch.setenv(variable, certifi.where())

    with Session({"localhost": bundle}) as session:
        session.verify = certifi.where()
        assert stats(session, url) == 2


def test_other_hosts_are_verified_as_requests_does(bundle, files, authorities):
    _, intermediate = authorities
    other = issue("127.0.0.1", intermediate)
    with (
        serving(other, intermediate) as port,
        Session({"localhost": bundle}) as session,
    ):
        address = f"https://127.0.0.1:{port}/"
        with pytest.raises(requests.exceptions.SSLError):
            session.get(address, timeout=10)
        assert session.get(address, timeout=10, verify=str(files / "root.pem")).ok


def test_verify_false_is_refused_for_the_named_host_alone(bundle, url, forgetful):
    with Session({"localhost": bundle}) as session:
        with pytest.raises(
            VerificationDisabledError, match="verify=False for https://"
        ):
            session.get(url, timeout=10, verify=False)
        with pytest.warns(Warning, match="Unverified HTTPS request"):
            session.get(f"https://127.0.0.1:{forgetful}/", timeout=10, verify=False)
        session.verify = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(url, timeout=10)


def test_a_redirect_to_another_host_leaves_the_bundle_behind(bundle, authorities):
    _, intermediate = authorities

    class Redirect(TLSServer.__init__.__defaults__[0]):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", self.server.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

    leaf = issue("localhost", intermediate)
    with serving(issue("127.0.0.1", intermediate)) as other:
        target = f"https://127.0.0.1:{other}/"
        server = TLSServer(server_context([leaf]), target, Redirect)
        with (
            running(server) as port,
            Session({"localhost": bundle}) as session,
            pytest.raises(requests.exceptions.SSLError),
        ):
            session.get(f"https://localhost:{port}/", timeout=10)


def test_contexts_are_shared_until_the_bundle_changes(bundle, url, files):
    adapter = BundleAdapter({"localhost": bundle})
    request = requests.Request("GET", url).prepare()

    def context():
        _, pool = adapter.build_connection_pool_key_attributes(request, True)
        return pool["ssl_context"]

    first = context()
    assert context() is first
    bundle.write_text(bundle.read_text() + "\n")
    assert context() is not first


def test_a_client_certificate_does_not_reach_other_requests(bundle, url):
    adapter = BundleAdapter({"localhost": bundle})
    request = requests.Request("GET", url).prepare()

    def context(cert):
        _, pool = adapter.build_connection_pool_key_attributes(request, True, cert)
        return pool["ssl_context"]

    assert context(("client.pem", "key.pem")) is not context(None)
    assert context(("client.pem", "key.pem")) is not context(("other.pem", "key.pem"))


def test_the_adapter_takes_what_an_http_adapter_takes_and_can_be_pickled(bundle, url):
    adapter = BundleAdapter({"localhost": bundle}, pool_maxsize=3, max_retries=2)
    copy = pickle.loads(pickle.dumps(adapter))

    assert copy.max_retries.total == 2
    with requests.Session() as session:
        session.mount("https://", copy)
        assert stats(session, url) == 2


def test_requests_still_has_the_methods_that_are_overridden():
    for name in (
        "build_connection_pool_key_attributes",
        "cert_verify",
        "get_connection_with_tls_context",
    ):
        assert hasattr(HTTPAdapter, name)


def test_a_proxy_does_not_change_the_trust(bundle, url):
    with tunnel() as proxy, Session({"localhost": bundle}) as session:
        assert session.get(url, timeout=10, proxies={"https": proxy.address}).ok
        [manager] = session.get_adapter(url).proxy_manager.values()
        [pool] = manager.pools._container.values()
        assert pool.conn_kw["ssl_context"].cert_store_stats()["x509"] == 2
        pool.close()
    assert proxy.targets == [url.removeprefix("https://").rstrip("/")]


class tunnel:
    """A proxy that opens one tunnel (CONNECT)."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.targets = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.listener.close()
        self.thread.join(10)

    def run(self):
        client, _ = self.listener.accept()
        target = client.recv(65536).split()[1].decode()
        self.targets.append(target)
        host, _, port = target.rpartition(":")
        with client, socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=self.copy, args=(server, client))
            back.start()
            self.copy(client, server)
            back.join(10)

    @staticmethod
    def copy(source, target):
        source.settimeout(10)
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_httpx_urllib_and_aiohttp_take_the_context(bundle, url):
    context = ssl_context(bundle, "localhost")

    with httpx.Client(verify=context) as client:
        assert client.get(url).json() == {"jobs": []}
    with urllib.request.urlopen(url, context=context, timeout=10) as response:
        assert response.status == 200

    async def get():
        connector = aiohttp.TCPConnector(ssl=context)
        async with (
            aiohttp.ClientSession(connector=connector) as client,
            client.get(url) as response,
        ):
            return await response.json()

    assert asyncio.run(get()) == {"jobs": []}


def test_the_context_refuses_another_host_in_all_of_them(bundle, forgetful):
    context = ssl_context(bundle, "localhost")
    url = f"https://127.0.0.1:{forgetful}/"

    with pytest.raises(OSError, match="for localhost only, not for 127"):
        urllib.request.urlopen(url, context=context, timeout=10)
    with httpx.Client(verify=context) as client, pytest.raises(httpx.ConnectError):
        client.get(url)

    async def get():
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as client:
            await client.get(url)

    with pytest.raises((aiohttp.ClientError, ForeignHostError)):
        asyncio.run(get())


BAD_BUNDLES = {
    "missing": (None, "cannot be read: No such file or directory"),
    "empty": ("", "the bundle is empty"),
    "cut off": ("-----BEGIN CERTIFICATE-----\nMIIB", "damaged or cut off"),
    "a key": ("-----BEGIN PRIVATE KEY-----\n", "a private key instead of certificates"),
    "text": ("hello", "holds no certificate in PEM"),
}


@pytest.mark.parametrize(("content", "reason"), BAD_BUNDLES.values(), ids=BAD_BUNDLES)
def test_a_bad_bundle_is_told_at_the_first_request(content, reason, files, url):
    bad = files / "bad.pem"
    if content is not None:
        bad.write_text(content)

    with (
        Session({"localhost": bad}) as session,
        pytest.raises(BundleFileError, match=f"bad.pem: .*{reason}"),
    ):
        session.get(url, timeout=10)
    with pytest.raises(BundleFileError, match=reason):
        ssl_context(bad, "localhost")


def test_a_folder_in_the_place_of_a_bundle_is_told(files):
    with pytest.raises(BundleFileError, match="cannot be read"):
        ssl_context(files, "localhost")


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up the rights of root")
def test_a_bundle_that_may_not_be_read_is_told():
    program = (
        "import os, sys, tempfile, ca_bundle\n"
        "file = tempfile.NamedTemporaryFile()\n"
        "os.chmod(file.name, 0)\n"
        "os.seteuid(65534)\n"
        "try: ca_bundle.ssl_context(file.name)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "os.seteuid(0)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )

    assert "BundleFileError" in done.stdout
    assert "cannot be read: Permission denied" in done.stdout


def test_a_key_that_is_not_a_host_is_refused_at_once(bundle):
    with pytest.raises(HostNameError):
        Session({"https://localhost": bundle})


def test_using_a_bundle_needs_no_cryptography(bundle, url):
    program = (
        "import sys; sys.modules['cryptography'] = None\n"
        "import ca_bundle\n"
        f"print(ca_bundle.Session({{'localhost': {str(bundle)!r}}}).get({url!r}).json())"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == "{'jobs': []}\n"
