"""Whichever PostgreSQL driver is installed: psycopg 3 comes before psycopg2."""

from __future__ import annotations

try:
    import psycopg as driver
except ImportError:
    import psycopg2 as driver

__all__ = ["answers", "ask", "driver"]


def ask(url, query, *parameters):
    """Return the first value that a query gives, None where it gives no row."""
    connection = driver.connect(url, connect_timeout=5)
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(query, parameters)
        return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def answers(url):
    """Return whether a server answers at `url`."""
    try:
        return ask(url, "SELECT 1") == 1
    except driver.OperationalError:
        return False
