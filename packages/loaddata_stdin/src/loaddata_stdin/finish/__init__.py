"""After all objects are there: rows to delete, rows to validate."""
