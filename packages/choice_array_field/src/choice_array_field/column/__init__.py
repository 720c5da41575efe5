"""The model field, its constraint in the database, its lookups and its checks."""
