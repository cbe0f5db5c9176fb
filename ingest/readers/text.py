"""Plain text: articles saved as text, and what was copied from a page together with its furniture."""

from __future__ import annotations

from ivigraph.ingest.readers import article
from ivigraph.ingest.readers.lines import lines
from ivigraph.ingest.readers.metadata import Record
from ivigraph.model import Document


def document(content: str, source: str) -> Document:
    """The article in a text. Raises ReadError when it holds nothing but furniture."""
    return article.document(lines(content), content, Record(), source)
