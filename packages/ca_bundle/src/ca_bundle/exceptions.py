"""The errors of ca_bundle; each text is one line that names the place and the cure.

CABundleError
├── HostNameError              a host is not written as HOST or HOST:PORT
├── CertificateReadError       a file or an answer holds no readable certificate
├── UnreachableError           the server cannot be reached or does not speak TLS
├── FetchError                 an issuer's certificate cannot be fetched safely
├── BuildRefusedError          no bundle would make the chain verify
├── BundleFileError            a bundle in use cannot be loaded (requests' SSLError)
├── VerificationDisabledError  verify=False for a host that has a bundle (SSLError)
└── ForeignHostError           a context is used for a host that it is not for (SSLError)
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import requests

__all__ = [
    "BuildRefusedError",
    "BundleFileError",
    "CABundleError",
    "CertificateReadError",
    "FetchError",
    "ForeignHostError",
    "HostNameError",
    "UnreachableError",
    "VerificationDisabledError",
]


class CABundleError(Exception):
    """Base of every error of this package."""


class HostNameError(CABundleError, ValueError):
    """A host is not written as HOST or HOST:PORT."""


class CertificateReadError(CABundleError, ValueError):
    """A file or an answer holds no certificate that can be read."""


class UnreachableError(CABundleError, OSError):
    """The server cannot be reached, or it does not speak TLS."""


class FetchError(CABundleError):
    """The address of an issuer's certificate is not safe, or gives no certificate."""


class BuildRefusedError(CABundleError):
    """No bundle would make the chain verify.

    Attributes:
        reasons: one sentence for each certificate or defect that stands in the way.
    """

    def __init__(self, host: str, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(f"{host}: no bundle was written: {'; '.join(reasons)}")


class BundleFileError(CABundleError, requests.exceptions.SSLError):
    """A bundle that a host must be verified with cannot be loaded."""


class VerificationDisabledError(CABundleError, requests.exceptions.SSLError):
    """A request with verify=False goes to a host that has a bundle."""


class ForeignHostError(CABundleError, ssl.SSLError):
    """A context is used for a host that its bundle is not meant for."""

    def __str__(self) -> str:
        return str(self.args[0])
