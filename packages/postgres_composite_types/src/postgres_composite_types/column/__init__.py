"""The model field: columns, arrays, lookups, and the SQL around values."""
