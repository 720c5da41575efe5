"""Tests of redmine_analytics.frames."""
