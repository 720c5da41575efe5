"""Wagtail, django-import-export and serializers, as far as they need us."""
