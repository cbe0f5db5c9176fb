"""Identifiers as other ontologies write them, brought to the CURIEs of this project.

"mesh:D003920", "MSH:D003920" and `http://identifiers.org/mesh/D003920` are all `MESH:D003920`. What has no known
prefix keeps its own spelling: it can be searched and shown, and the report of its source says so.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ivigraph.namespaces import IDENTIFIERS, compress, expand

# Prefixes that real files use for the same identifiers, in lower case.
_ALIASES = {
    **{prefix.lower(): prefix for prefix in IDENTIFIERS},
    "msh": "MESH",
    "umls_cui": "UMLS",
    "snomedct": "SCTID",
    "snomedct_us": "SCTID",
    "sct": "SCTID",
    "nci": "NCIT",
    "mim": "OMIM",
    "ordo": "Orphanet",
    "orpha": "Orphanet",
    "icd-10-cm": "ICD10CM",
    "icd11.foundation": "ICD11",
}
_RELEASE = re.compile(r"_\d{4}_\d{2}_\d{2}$")  # SNOMEDCT_US_2015_03_01
_OBO_IRI = re.compile(r"^https?://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z0-9]*)_([A-Za-z]?\d\w*)$")
_RESOLVER_IRI = re.compile(r"^https?://(?:identifiers\.org|bioregistry\.io)/([\w.]+)[/:]([^/#?]+)$")
_OBO_CURIE = re.compile(r"^([A-Za-z][A-Za-z0-9]*):(\w+)$", re.ASCII)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^<>\"{}|^`\\\x00-\x20]+")
_CURIE = re.compile(r"^([A-Za-z][\w.-]*):([^\s/][^\s]*)$")


def known(curie: str) -> bool:
    """Whether the CURIE's prefix has an IRI here."""
    return curie.partition(":")[0] in IDENTIFIERS


@lru_cache(maxsize=1 << 14)
def _prefix(written: str) -> str | None:
    return _ALIASES.get(_RELEASE.sub("", written.lower()))


def canonical(identifier: str) -> str:
    """The CURIE of an identifier written as a CURIE or an IRI; itself where there is none."""
    if "://" in identifier:
        return from_iri(identifier)
    match = _CURIE.match(identifier)
    if match is None:
        return identifier
    prefix = _prefix(match.group(1))
    return identifier if prefix is None else f"{prefix}:{match.group(2)}"


def from_iri(iri: str) -> str:
    """The CURIE of an IRI, or the IRI itself."""
    if (curie := compress(iri)) is not None:
        return curie
    if (match := _OBO_IRI.match(iri)) is not None:
        return f"{match.group(1)}:{match.group(2)}"
    if (match := _RESOLVER_IRI.match(iri)) is not None and (prefix := _prefix(match.group(1))) is not None:
        return f"{prefix}:{match.group(2)}"
    return iri


def iri(identifier: str) -> str | None:
    """The IRI of an identifier: itself where it is one, by its prefix, else as OBO forms it; None where none fits.

    The rule for unknown prefixes is that of OBO (obo.md, "OBO identifiers"): FOO:17 is obo:FOO_17; undoes `from_iri`.
    """
    if "://" in identifier:
        return identifier if _IRI.fullmatch(identifier) else None
    if known(identifier):
        return expand(identifier)
    match = _OBO_CURIE.match(identifier)
    return None if match is None else f"http://purl.obolibrary.org/obo/{match.group(1)}_{match.group(2)}"
