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
        from postgres_composite_types.column import (
            adapters,
            arrays,
            django_private,
            unprepared,
        )
        from postgres_composite_types.database import checks, missing
        from postgres_composite_types.detection import hook
        from postgres_composite_types.partners import array_edges, serializers

        arrays.install()
        array_edges.install()
        django_private.install()
        serializers.install()
        checks.install()
        missing.install()
        unprepared.install()
        adapters.install()
        hook.install()
        if apps.is_installed("rest_framework"):
            from postgres_composite_types import drf

            drf.install()
        if apps.is_installed("import_export"):
            from postgres_composite_types.partners import (
                import_export as import_export_private,
            )

            import_export_private.install()
        if apps.is_installed("wagtail"):
            from postgres_composite_types.partners import revisions

            revisions.install()
