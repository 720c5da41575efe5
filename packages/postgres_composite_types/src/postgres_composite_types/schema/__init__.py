"""A type at one point of the history, and the DDL that leads to the next."""
