from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ca_bundle.judge.faults import Code, find_faults, find_issuer_faults
from ca_bundle.judge.paths import find_path
from ca_bundle.read.certificates import read_certificates
from tests.pki import CLIENT, DAY, NOW, issue

DATA = Path(__file__).parents[1] / "data"


def test_a_signature_of_sha1_is_weak():
    # Made by `openssl x509 -req -sha1`: cryptography makes none any more.
    leaf, root = read_certificates(DATA / "sha1.pem")

    path = find_path(leaf, [], [root], NOW)

    assert path.is_trusted
    codes = [fault.code for fault in find_faults(path, "localhost", NOW)]
    assert codes == [Code.WEAK, Code.STRICT]  # openssl's root has no keyUsage, too


def test_a_small_curve_is_weak():
    authority = issue("Small", ca=True, key=ec.generate_private_key(ec.SECP192R1()))

    [fault] = find_issuer_faults(authority.certificate, NOW)

    assert fault.message == "has a key of 192 bits; 224 are the least"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"ca": False}, Code.NOT_A_CA),
        ({"ca": True, "is_signer": False}, Code.KEY_USAGE),
        ({"ca": True, "start": -9 * DAY, "end": -DAY}, Code.EXPIRED),
        ({"ca": True, "start": DAY}, Code.NOT_YET_VALID),
    ],
)
def test_what_a_bundle_may_not_hold(options, code):
    identity = issue("Odd", **options)

    assert code in [f.code for f in find_issuer_faults(identity.certificate, NOW)]


def test_an_address_counts_as_a_host_and_a_wildcard_for_one_label():
    root = issue("Root", ca=True)
    leaf = issue("x", root, hosts=["*.example.com", "192.0.2.1", "2001:db8::1"])
    path = find_path(leaf.certificate, [], [root.certificate], NOW)

    def is_for(host):
        return not list(find_faults(path, host, NOW))

    assert is_for("api.example.com")
    assert is_for("192.0.2.1")
    assert is_for("2001:db8::1")
    assert not is_for("example.com")
    assert not is_for("a.b.example.com")
    assert not is_for("192.0.2.2")


def test_an_authority_for_clients_may_not_stand_above_a_server():
    root = issue("Root", ca=True)
    leaf = issue("localhost", root, purposes=[CLIENT])
    path = find_path(leaf.certificate, [], [root.certificate], NOW)

    assert [f.code for f in find_faults(path, "localhost", NOW)] == [Code.KEY_USAGE]
