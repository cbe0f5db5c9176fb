"""From a document to its linked claims, by a recipe that travels to other processes."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ivigraph import fingerprint
from ivigraph.errors import IvigraphError
from ivigraph.ingest.languages import unread
from ivigraph.ingest.verify import verbatim
from ivigraph.model import Document, Extraction
from ivigraph.ontology import proposals
from ivigraph.ontology.index import TermIndex, located
from ivigraph.ontology.vocabulary import Vocabulary
from ivigraph.ontology.vocabulary import load as load_vocabulary

if TYPE_CHECKING:  # its rules take a second to load, and most commands read nothing
    from ivigraph.ingest.extract import Extractor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The settings of these names."""

    extractor: str = "rules"
    confidence: float = 0.5
    term_index: str = ""


class Extracting:
    """A recipe at work. Close it, or use it in a `with` block; what it opens belongs to one process.

    Raises SettingsError for an unknown extractor, StoreError for a term index that cannot be opened.
    """

    def __init__(self, recipe: Recipe, chosen: Extractor | None = None) -> None:
        from ivigraph.ingest.links import Linking

        self._extractor = chosen or shipped(recipe.extractor, recipe.confidence)
        self._stack = ExitStack()
        path = located(recipe.term_index)
        index = None
        if path is not None and (recipe.term_index or path.is_file()):
            index = self._stack.enter_context(TermIndex.open(path))
        self._linking = Linking(mapped_vocabulary(), index)
        self.version = f"{fingerprint.extraction(self._extractor)} {recipe.confidence} {self._linking.version}"

    def __call__(self, document: Document) -> Extraction:
        """All that is taken from a document; no claims where the extractor does not know the language of its text."""
        chosen = self._extractor
        if note := unread(document, chosen):
            return Extraction(document=document, extractor=f"{chosen.name}-{chosen.version}", note=note)
        return self._linking.linked(verbatim(chosen.extract(document)))

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@cache
def shipped(name: str, confidence: float) -> Extractor:
    """The extractor of that name with the vocabulary of this program. Raises SettingsError for an unknown one."""
    from ivigraph.ingest.extract import extractor

    return extractor(name, load_vocabulary(), threshold=confidence)


def mapped_vocabulary() -> Vocabulary:
    """The vocabulary with the mappings that a curator accepted."""
    decisions = proposals.default_path()
    known = load_vocabulary()
    return proposals.with_accepted(known, proposals.read(decisions)) if decisions.is_file() else known


def translated(error: Exception, source: str) -> IvigraphError:
    """Our own errors as they are; anything else is a bug, told with its kind and logged with its traceback."""
    if isinstance(error, IvigraphError):
        return error
    log.debug("unexpected error in %s", source, exc_info=error)
    return IvigraphError(
        f"unexpected {type(error).__name__}: {error}",
        where=source,
        remedy="this is a bug; run again with --verbose and report it with the traceback",
    )
