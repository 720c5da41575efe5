"""What dev_services raises.

DevServicesError
├── DeclarationError            a declaration of services that cannot be used
├── EnvironmentContractError    a variable is set to something that cannot work
└── ServiceError                a service cannot be found, started or stopped
"""

from __future__ import annotations

__all__ = [
    "DeclarationError",
    "DevServicesError",
    "EnvironmentContractError",
    "ServiceError",
]


class DevServicesError(Exception):
    """Base of every error of this package: its text is one line."""


class DeclarationError(DevServicesError):
    """A file that declares services names something unknown, or has another form."""


class EnvironmentContractError(DevServicesError):
    """An environment variable holds a value that cannot be used."""


class ServiceError(DevServicesError):
    """A service could not be found, started or stopped."""
