"""From an object to a row of a staging table."""
