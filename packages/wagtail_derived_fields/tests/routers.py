from __future__ import annotations


class PostgresOnly:
    """SQLite only computes: it gets no tables."""

    def allow_migrate(self, db, app_label, **hints):
        return db == "default"
