"""Deploy a Django site in one command, on services found or started from the environment."""

from __future__ import annotations

from ixdjango.deploy.steps import Step

__all__ = ["Step"]
