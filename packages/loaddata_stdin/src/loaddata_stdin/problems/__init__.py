"""What is wrong with objects: collected, explained, without secrets."""
