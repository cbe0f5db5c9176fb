"""What stands behind a result besides its input: the code and the words that it was read with, as a digest.

A version that people write by hand may be forgotten; the digest of the files that do the work cannot.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivigraph.ingest.extract import Extractor

_PACKAGE = Path(__file__).parent
_LIBRARIES = ("lxml", "trafilatura", "pypdfium2")


@cache
def readers() -> str:
    """The readers: their code, the libraries that they call, and the words by which hyphens are undone."""
    libraries = " ".join(f"{name} {_version(name)}" for name in _LIBRARIES)
    return _digest(
        "ingest/readers", "ingest/identity.py", "ingest/gate.py", "model.py", "ontology/terms", also=libraries
    )


def vocabulary(accepted: bytes) -> str:
    """The concepts as they stand in the graph, with the mappings that a curator accepted."""
    return f"{_digest('ontology')} {hashlib.sha256(accepted).hexdigest()[:16]}"


def extraction(extractor: Extractor) -> str:
    """From a document to its graph: "rules-1 3f2a…"."""
    code = _digest("ingest", "ontology", "model.py", "namespaces.py")
    return f"{extractor.name}-{extractor.version} {code}"


@cache
def _digest(*places: str, also: str = "") -> str:
    total = hashlib.sha256(also.encode())
    for place in places:
        root = _PACKAGE / place
        files = sorted(root.rglob("*")) if root.is_dir() else [root]
        for file in files:
            if file.is_file() and file.suffix != ".pyc":
                total.update(file.relative_to(_PACKAGE).as_posix().encode())
                total.update(file.read_bytes())
    return total.hexdigest()[:16]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"
