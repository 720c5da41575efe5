"""Tests of redmine_analytics.charts."""
