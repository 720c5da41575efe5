"""Objects that Django has to save, one after the other."""
