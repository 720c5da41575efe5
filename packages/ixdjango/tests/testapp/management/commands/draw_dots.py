from __future__ import annotations

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    def handle(self, **options):
        for _ in range(3):
            self.stdout.write(".", ending="")
