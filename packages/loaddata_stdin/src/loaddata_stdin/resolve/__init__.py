"""Primary keys and references of the staged objects."""
