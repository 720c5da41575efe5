"""Tests of redmine_analytics.metrics."""
