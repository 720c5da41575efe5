"""The Django app: what has no public hook in Django is put in place here."""

from __future__ import annotations

from django.apps import AppConfig, apps

__all__ = ["PostgresCompositeTypesConfig"]


class PostgresCompositeTypesConfig(AppConfig):
    """Installs the array support and the detection of changed types."""

    name = "postgres_composite_types"
    verbose_name = "PostgreSQL composite types"

    def ready(self) -> None:
        """Install what Django has no hook for; a second call changes nothing."""
        from . import array_edges, arrays, checks, django_private, missing, serializers
        from .evolution import hook

        arrays.install()
        array_edges.install()
        django_private.install()
        serializers.install()
        checks.install()
        missing.install()
        hook.install()
        if apps.is_installed("rest_framework"):
            from . import drf

            drf.install()
        if apps.is_installed("wagtail"):
            from . import revisions

            revisions.install()
