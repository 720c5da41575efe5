from __future__ import annotations

import pytest

from ca_bundle.exceptions import CertificateReadError
from ca_bundle.read.trust import load_trust
from tests.pki import issue


def test_certifi_and_the_system_are_the_default(monkeypatch, tmp_path):
    own = issue("Own Root", ca=True)
    (tmp_path / "own.pem").write_text(own.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "own.pem"))

    trust = load_trust()

    assert len(trust.roots) > 50
    assert trust.find_source(trust.roots[0]) == "certifi"
    assert trust.find_source(own.certificate) == "system"


def test_a_folder_of_the_system_may_hold_other_files(monkeypatch, tmp_path):
    own = issue("Own Root", ca=True)
    (tmp_path / "a.pem").write_text(own.pem)
    (tmp_path / "b.pem").write_text(own.pem)
    (tmp_path / "README").write_text("roots")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    assert load_trust(["system"]).roots == [own.certificate]


def test_no_roots_at_all_are_told(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    with pytest.raises(CertificateReadError, match="no trusted roots"):
        load_trust(["system"])
