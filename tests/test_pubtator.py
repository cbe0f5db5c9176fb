"""PubTator, and texts as JSON Lines."""

import io
import json

import pytest

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import pubtator, records
from ivigraph.model import Document

MB = 1_000_000
FILE = (
    "12|t|First title.\n12|a|First abstract.\n12\t0\t5\tFirst\tDisease\tD1\n12\tCID\tD1\tD2\n\n"
    "PMC34|t|Second title.\nPMC34|a|\n"
)


def read(reader, data, **options):
    data = data if isinstance(data, bytes) else data.encode()
    return list(reader.documents(io.BytesIO(data), "x", **{"max_bytes": MB, **options}))


def lines(*values):
    return "\n".join(json.dumps(value) for value in values)


def test_titles_and_abstracts_are_read_and_annotations_are_not():
    first, second = read(pubtator, FILE)
    assert (first.id, first.text) == ("pmid:12", "First title.\n\nFirst abstract.")
    assert (second.id, second.text, second.source) == ("pmcid:PMC34", "Second title.", "x#PMC34")


def test_documents_need_no_empty_line_between_them():
    assert [d.title for d in read(pubtator, "1|t|One\n1|a|A\n2|t|Two\n2|a|B")] == ["One", "Two"]


def test_a_document_that_is_no_utf_8_costs_no_other():
    found = read(pubtator, FILE.encode().replace(b"First abstract", b"\xff"))
    assert [type(item) for item in found] == [ReadError, Document]


def test_a_file_without_documents_is_an_error():
    with pytest.raises(ReadError, match="no document"):
        read(pubtator, "nothing here")


def test_a_record_of_json_lines_keeps_all_of_its_text():
    text = "Case report\n\nA man received IVIG.\n\nDiscussion\n\nRare."
    (document,) = read(
        records, lines({"id": "EN1", "title": "A case", "text": text, "year": 2020, "authors": ["J Doe"]})
    )
    assert document.text == f"A case\n\n{text}"
    assert [p.section for p in document.passages] == ["title", "case report", "discussion"]
    assert (document.source, document.year, document.authors) == ("x#EN1", 2020, ("J Doe",))


@pytest.mark.parametrize(
    "value", [{"id": "pmid:7", "text": "T."}, {"pmid": 7, "text": "T."}, {"pmid": "7", "abstract": "T."}]
)
def test_identifiers_are_taken_from_the_id_or_from_fields_of_their_own(value):
    assert read(records, lines(value))[0].id == "pmid:7"


@pytest.mark.parametrize(
    "bad", ["{", "[1]", '{"id": 1}', '{"text": ""}', "\x00", '{"text": ' + "[" * 100_000, '{"text": 5}']
)
def test_a_bad_line_costs_no_other_and_is_named(bad):
    first, error, last = read(records, f"{lines({'text': 'One.'})}\n{bad}\n{lines({'text': 'Two.'})}")
    assert (first.text, last.text) == ("One.", "Two.")
    assert isinstance(error, ReadError)
    assert error.where.startswith("x")
    assert "2" in error.where


def test_half_a_character_pair_in_json_is_left_out():
    assert read(records, '{"text": "a\\ud800b"}')[0].text == "ab"
