"""What the commands add to Django's: options, the progress bar, signals, pipes."""
