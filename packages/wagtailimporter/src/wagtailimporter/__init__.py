"""Import Wagtail pages, images and sites from YAML."""

from __future__ import annotations
