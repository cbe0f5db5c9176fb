"""Graph stores behind one interface."""

from ivigraph.store.base import (
    MEDIA_TYPES,
    Answer,
    Chunks,
    Dataset,
    Field,
    Form,
    Hit,
    Kind,
    Row,
    Rows,
    Store,
    Writer,
)
from ivigraph.store.opening import open_store

__all__ = [
    "MEDIA_TYPES",
    "Answer",
    "Chunks",
    "Dataset",
    "Field",
    "Form",
    "Hit",
    "Kind",
    "Row",
    "Rows",
    "Store",
    "Writer",
    "open_store",
]
