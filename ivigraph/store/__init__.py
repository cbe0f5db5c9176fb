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
from ivigraph.store.changes import Applied, Change, Content, GraphWrite, Update
from ivigraph.store.opening import open_store
from ivigraph.store.ownership import Ownership

__all__ = [
    "MEDIA_TYPES",
    "Answer",
    "Applied",
    "Change",
    "Chunks",
    "Content",
    "Dataset",
    "Field",
    "Form",
    "GraphWrite",
    "Hit",
    "Kind",
    "Ownership",
    "Row",
    "Rows",
    "Store",
    "Update",
    "Writer",
    "open_store",
]
