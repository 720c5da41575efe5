"""wss: verified, refused, and unverified only on demand."""

from __future__ import annotations

import re
import ssl

import pytest
import trustme
from servers import Loop, Trouble


def der(authority):
    return ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())


@pytest.fixture(scope="module")
def server():
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with Loop() as loop:
        made = Trouble()
        made.authority = der(authority)
        made.port = loop.call(made.start(host="localhost", ssl=context))
        yield made
        loop.call(made.stop())


def test_tls(runtime, server, program):
    output = program.run(
        runtime,
        f"import run, network_tls\n"
        f"network_tls.PORT = {server.port}\n"
        f"network_tls.AUTHORITY = {server.authority!r}\n"
        f"network_tls.OTHER = {der(trustme.CA())!r}\n"
        f"run.main(['network_tls'])\n",
    )

    last = output.strip().splitlines()[-1]
    assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last), output
