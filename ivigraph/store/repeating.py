"""Whether a query gives the same answer as often as it is asked of the same graph."""

from __future__ import annotations

import re

from ivigraph.store.sparql import ambiguous
from ivigraph.terminals import tokens

# NOW, RAND, UUID, STRUUID and BNODE. The engine needs no space around them, so any word that holds one counts.
_CHANGING = re.compile(r"now|rand|uuid|bnode")


def repeats(text: str) -> bool:
    """False for a query that may depend on the time, on chance, or on names made for this answer alone.

    Where the text can be cut into terminals in two ways, it is taken for one that may.
    """
    folded = text.casefold()
    if not _CHANGING.search(folded) and "\\u" not in folded:
        return True
    if "\\u" in folded:  # an escape may spell any of it
        return False
    for token in tokens(text):
        if ambiguous(token):
            return False
        # What looks like a relative IRI may be the operator "<" and what follows.
        may_call = token.kind in ("word", "prefix") or (token.kind == "iri" and "://" not in token.text)
        if may_call and _CHANGING.search(text[token.start : token.end].casefold()):
            return False
    return True
