"""Values to JSON and back: to the database, and to fixtures and revisions."""
