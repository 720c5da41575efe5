"""The machine: accounts, files that can be trusted, processes, locks."""
