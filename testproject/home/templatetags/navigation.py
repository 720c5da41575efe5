"""What base.html draws around every page."""

from __future__ import annotations

from typing import Any

from django import template
from wagtail.models import Site

register = template.Library()


@register.inclusion_tag("home/menu.html", takes_context=True)
def main_menu(context: dict[str, Any]) -> dict[str, Any]:
    """Draw the pages of the menu, the one the visitor is in marked."""
    request = context["request"]
    site = Site.find_for_request(request)
    pages = site.root_page.get_children().live().public().in_menu() if site else []
    entries = []
    for page in pages:
        url = page.get_url(request)
        is_here = request.path.startswith(url)
        current = is_here and ("page" if request.path == url else "true")
        entries.append({"page": page, "url": url, "current": current})
    return {"entries": entries}
