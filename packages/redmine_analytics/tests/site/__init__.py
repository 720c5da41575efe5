"""Tests of the Django app."""
