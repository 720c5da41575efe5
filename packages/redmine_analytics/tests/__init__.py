"""Tests of redmine_analytics."""
