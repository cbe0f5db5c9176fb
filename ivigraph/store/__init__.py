"""Graph stores behind one interface."""

from ivigraph.store.base import (
    MEDIA_TYPES,
    Answer,
    Begun,
    Chunks,
    Dataset,
    Field,
    Form,
    Hit,
    Kind,
    Row,
    Rows,
    Store,
    Workload,
    Writer,
)
from ivigraph.store.changes import Applied, Change, Content, GraphWrite, Update
from ivigraph.store.claims import Among, ClaimRow, DocumentRow
from ivigraph.store.opening import open_store
from ivigraph.store.ownership import Ownership

__all__ = [
    "MEDIA_TYPES",
    "Among",
    "Answer",
    "Applied",
    "Begun",
    "Change",
    "Chunks",
    "ClaimRow",
    "Content",
    "Dataset",
    "DocumentRow",
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
    "Workload",
    "Writer",
    "open_store",
]
