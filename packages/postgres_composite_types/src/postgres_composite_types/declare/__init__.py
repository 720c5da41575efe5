"""The body of a class, read: members, names, and where types are found by them."""
