"""The admin, Wagtail and search, each made known to the field if it is installed."""
