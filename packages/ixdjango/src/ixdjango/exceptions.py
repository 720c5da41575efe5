"""What ixdjango raises.

IxdjangoError
├── DeployConfigurationError    a deploy step is declared in a way that cannot work
└── EnvironmentContractError    a variable is set to something that cannot work
"""

from __future__ import annotations

__all__ = [
    "DeployConfigurationError",
    "EnvironmentContractError",
    "IxdjangoError",
]


class IxdjangoError(Exception):
    """Base of every error of this package: its text is one line."""


class DeployConfigurationError(IxdjangoError):
    """A step of a deploy names something that does not exist or has no known form."""


class EnvironmentContractError(IxdjangoError):
    """An environment variable holds a value that cannot be used."""
