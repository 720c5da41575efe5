"""Tests of redmine_analytics.read."""
