"""All metrics of a project at once: as HTML, CSV, a notebook, or a snapshot."""
