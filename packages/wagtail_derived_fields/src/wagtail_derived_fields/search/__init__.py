"""Search: back ends for modelsearch and Wagtail with the answers of the ORM.

Name them as BACKEND in MODELSEARCH_BACKENDS or WAGTAILSEARCH_BACKENDS:

codecs.py          how the index holds each kind of value, and back
conditions.py      conditions and order of a query set as a query of Elasticsearch
documents.py       documents with derived values, read in batches
results.py         facets and pages
rebuild.py         a new index without losing what is saved meanwhile
elasticsearch.py   BACKEND for Elasticsearch 8 and 9   opensearch.py   for OpenSearch 2, 3
database.py        BACKEND for the site's own database
expressions.py     conditions on annotations, for models without a derived field
"""

from __future__ import annotations
