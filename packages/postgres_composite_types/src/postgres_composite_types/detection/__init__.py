"""From changed classes to operations: in `makemigrations` and `migrate`."""
