"""The codemod: an eager urls.py made lazy, or a lazy one eager. Needs libcst.

__main__   python -m cbv_lazy_urls.codemod lazy|eager FILE ...
source     a urls.py: its imports, and what its names lead to
imports    edit the imports
lazy       from Cart.as_view() to "shop.views.Cart"
eager      and back
"""

from __future__ import annotations
