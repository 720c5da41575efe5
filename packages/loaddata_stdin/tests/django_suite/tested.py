"""Those of Django's test packages that load fixtures."""

from __future__ import annotations

TESTED_APPS = [
    "composite_pk",
    "fixtures",
    "fixtures_model_package",
    "fixtures_regress",
    "m2m_through_regress",
    "multiple_database",
    "proxy_models",
]
