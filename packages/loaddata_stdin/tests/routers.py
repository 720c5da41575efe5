from __future__ import annotations


class PostgresOnly:
    """Keeps the tables of pgapp out of SQLite."""

    def allow_migrate(self, db, app_label, **hints):
        return False if app_label == "pgapp" and db == "sqlite" else None
