"""What a database has, beside the classes: checks, errors and source for it."""
