"""Read Redmine into the cache: requests, pages, the incremental plan, CSV exports."""
