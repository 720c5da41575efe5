from __future__ import annotations

import pytest

from ca_bundle.judge.paths import is_issued_by

from .pki import issue, issue_authorities
from .servers import serving

TRUST_VARIABLES = (
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)


@pytest.fixture(autouse=True)
def no_trust_from_outside(monkeypatch):
    """Machines export these; each test sets its own."""
    for name in TRUST_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    is_issued_by.cache_clear()


@pytest.fixture(scope="session")
def authorities():
    """A root and an intermediate."""
    return issue_authorities()


@pytest.fixture(scope="session")
def forgetful(authorities):
    """The port of a server that sends its own certificate alone, as the seed's does."""
    _, intermediate = authorities
    with serving(issue("localhost", intermediate)) as port:
        yield port


@pytest.fixture
def files(tmp_path, authorities, monkeypatch):
    """A working directory with root.pem and intermediate.pem."""
    root, intermediate = authorities
    (tmp_path / "root.pem").write_text(root.pem)
    (tmp_path / "intermediate.pem").write_text(intermediate.pem)
    monkeypatch.chdir(tmp_path)
    return tmp_path
