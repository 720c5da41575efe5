from __future__ import annotations

import ssl

import pytest

from ca_bundle.read.handshake import capture_chain, verify
from ca_bundle.use.hosts import Host
from tests.pki import issue, issue_authorities
from tests.servers import serving


def test_the_chain_is_captured_as_sent_root_and_order_included():
    root, intermediate = issue_authorities()
    chain = [issue("localhost", intermediate), root, intermediate]

    with serving(*chain) as port:
        captured = capture_chain(Host("localhost", port), timeout_s=10)

    assert captured == [item.certificate for item in chain]


def test_this_python_has_the_function_that_captures_chains():
    # Public from 3.13 on; before, a private name that this package relies on.
    public = hasattr(ssl.SSLSocket, "get_unverified_chain")
    assert public or hasattr(ssl._ssl._SSLSocket, "get_unverified_chain")


@pytest.mark.parametrize("timeout_s", [10])
def test_a_handshake_that_fails_for_another_reason_is_no_verdict_on_the_chain(
    timeout_s,
):
    root = issue("Root", ca=True)

    with serving(issue("localhost", root), ciphers="ECDHE-ECDSA-AES128-SHA") as port:
        verdict = verify(
            Host("localhost", port), [root.certificate], 0, timeout_s=timeout_s
        )

    assert verdict.is_ok  # TLS 1.3 has ciphers of its own
