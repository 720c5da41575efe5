"""Read certificates from files, trust stores, servers and issuers' addresses."""

from __future__ import annotations
