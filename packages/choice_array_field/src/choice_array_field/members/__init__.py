"""Choices, and the selections of them: values without a column."""
