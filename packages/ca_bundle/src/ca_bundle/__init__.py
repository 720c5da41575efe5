"""Say why a TLS chain does not verify, and complete it safely.

read/    certificates from files, trust stores, servers and issuers' addresses
judge/   the path from the leaf to a root, and the defects of it: functions on values
write/   the report, and the bundle, replaced in one step
use/     contexts and sessions that use a bundle, for its hosts only
doctor.py, builder.py   what the two commands do, from reading to writing
cli.py, management/     the command line, alone and below manage.py
checks.py               system checks of Django's setting CA_BUNDLES

`use` and `checks` need Requests alone; everything else needs the extra `doctor`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ca_bundle.use.contexts import HostContext, ssl_context
from ca_bundle.use.sessions import BundleAdapter, Session

if TYPE_CHECKING:
    from ca_bundle.builder import Built, build
    from ca_bundle.doctor import examine
    from ca_bundle.judge.diagnosis import Defect, Diagnosis

__all__ = [
    "Built",
    "BundleAdapter",
    "Defect",
    "Diagnosis",
    "HostContext",
    "Session",
    "build",
    "examine",
    "ssl_context",
]

_NEEDS_CRYPTOGRAPHY = {
    "Built": "builder",
    "Defect": "judge.diagnosis",
    "Diagnosis": "judge.diagnosis",
    "build": "builder",
    "examine": "doctor",
}


def __getattr__(name: str) -> Any:
    """Import what needs `cryptography` when it is first used."""
    if name not in _NEEDS_CRYPTOGRAPHY:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module = importlib.import_module(f"{__name__}.{_NEEDS_CRYPTOGRAPHY[name]}")
    return getattr(module, name)
