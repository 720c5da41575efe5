"""What ixdjango raises.

IxdjangoError
├── DeployError                  a deploy that ends early; `exit_code` says how
│   ├── DeployConfigurationError     1  a step is declared in a way that cannot work
│   ├── BuildModeError               2  the settings are for building an image
│   ├── DatabaseDownError            3  the database does not answer
│   ├── StepFailedError              4  a step, or a check before the first, failed
│   ├── LockTimeoutError             5  another deploy held the lock for too long
│   ├── LostLockError                6  the connection that holds the lock is gone
│   ├── UnconfirmedStepError         7  a step that may run once only was cut short
│   └── DeployInterruptedError  128 + N  signal N ended the deploy
└── EnvironmentContractError     a variable is set to something that cannot work
"""

from __future__ import annotations

__all__ = [
    "BuildModeError",
    "DatabaseDownError",
    "DeployConfigurationError",
    "DeployError",
    "DeployInterruptedError",
    "EnvironmentContractError",
    "IxdjangoError",
    "LockTimeoutError",
    "LostLockError",
    "StepFailedError",
    "UnconfirmedStepError",
]


class IxdjangoError(Exception):
    """Base of every error of this package: its text is one line."""


class DeployError(IxdjangoError):
    """A deploy ends early."""

    exit_code = 1


class DeployConfigurationError(DeployError):
    """A step of a deploy names something that does not exist or has no known form."""


class BuildModeError(DeployError):
    """The settings are for building an image."""

    exit_code = 2


class DatabaseDownError(DeployError):
    """The database does not answer."""

    exit_code = 3


class StepFailedError(DeployError):
    """A step failed, or a check that comes before the first."""

    exit_code = 4


class LockTimeoutError(DeployError):
    """Another deploy held the lock for longer than we wait."""

    exit_code = 5


class LostLockError(DeployError):
    """The connection that holds the lock is gone: somebody else may lead now."""

    exit_code = 6


class UnconfirmedStepError(DeployError):
    """A step that may run once only was begun, and nobody knows whether it ended."""

    exit_code = 7


class DeployInterruptedError(DeployError):
    """A signal ended the deploy."""

    def __init__(self, message: str, signal_number: int) -> None:
        super().__init__(message)
        self.exit_code = 128 + signal_number


class EnvironmentContractError(IxdjangoError):
    """An environment variable holds a value that cannot be used."""
