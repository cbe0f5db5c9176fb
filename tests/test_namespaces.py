from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigraph.errors import VocabularyError
from ivigraph.namespaces import IDENTIFIERS, Minter, compress, expand, prefixes

MINTER = Minter("https://example.org/g/")


def test_an_identifier_expands_to_the_iri_that_its_ontology_uses():
    assert expand("HP:0001873") == "http://purl.obolibrary.org/obo/HP_0001873"


@given(st.sampled_from(sorted(IDENTIFIERS)), st.from_regex(r"[A-Za-z0-9./()-]{1,20}", fullmatch=True))
def test_compressing_undoes_expanding(prefix, local):
    assert compress(expand(f"{prefix}:{local}")) == f"{prefix}:{local}"


def test_an_unknown_prefix_is_refused_with_the_known_ones():
    with pytest.raises(VocabularyError, match=r"unknown prefix 'XX'.*HP") as caught:
        expand("XX:1")
    assert caught.value.where == "XX:1"


def test_an_iri_without_a_prefix_has_no_curie():
    assert compress("https://elsewhere.example/1") is None


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.strip()))
def test_any_identifier_gives_a_document_iri_without_characters_that_end_an_iri(local):
    iri = MINTER.document(f"doi:{local}")
    assert iri.startswith("https://example.org/g/id/document/doi/")
    assert not set(iri) & set(' <>"{}|\\^`#?')


def test_a_doi_keeps_its_slashes_so_that_it_can_be_read_in_the_iri():
    assert MINTER.document("doi:10.1007/s10354-017-0595-x").endswith("/doi/10.1007/s10354-017-0595-x")


def test_an_old_doi_with_angle_brackets_survives_the_way_through_a_page():
    iri = MINTER.document("doi:10.1002/(SICI)1097-0215(19960611)66:6<741::AID>3.0.CO;2-#")
    assert MINTER.iri_of_page(unquote(MINTER.page(iri))) == iri


@pytest.mark.parametrize(
    "iri",
    [
        expand("HP:0001873"),
        expand("ivo:IVIG"),
        MINTER.claim("a", "b"),
        MINTER.unlinked("condition", "Rash, 50% / worse?"),
    ],
)
def test_the_page_of_an_iri_leads_back_to_it(iri):
    assert MINTER.iri_of_page(unquote(MINTER.page(iri))) == iri


def test_parts_of_a_claim_are_kept_apart_in_its_name():
    assert MINTER.claim("ab", "c") != MINTER.claim("a", "bc")


def test_an_unlinked_name_is_one_node_however_it_is_written():
    assert MINTER.unlinked("condition", "Odd  Rash") == MINTER.unlinked("condition", "odd rash")


def test_every_prefix_of_a_query_leads_to_an_iri():
    assert all("://" in iri for iri in prefixes(MINTER).values())
