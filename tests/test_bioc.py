"""BioC: passages become the sections of an article, in XML and in JSON."""

import io
import json

import pytest

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import bioc

MB = 1_000_000


def passage(text, **infons):
    return {"infons": infons, "offset": 0, "text": text, "annotations": []}


PASSAGES = [
    passage("Haemolysis after IVIG", section_type="TITLE", type="front", year="2017",
            name_0="surname:Doe;given-names:Jane", kwd="IVIG;anaemia",
            **{"article-id_pmid": "7", "article-id_doi": "10.1000/ABC"}),
    passage("Background", section_type="ABSTRACT", type="abstract_title_1"),
    passage("IVIG is used.", section_type="ABSTRACT", type="abstract"),
    passage("Methods", section_type="METHODS", type="title_1"),
    passage("We looked.", section_type="METHODS", type="paragraph"),
    passage("Patients", section_type="METHODS", type="title_2"),
    passage("Three.", section_type="METHODS", type="paragraph"),
    passage("Events", section_type="TABLE", type="table_caption", id="T1"),
    passage("Event\tn\t \tHeadache\t3", section_type="TABLE", type="table", id="T1"),
    passage("Doses", section_type="TABLE", type="table_caption", id="T2"),
    passage("All improved.", section_type="RESULTS", type="paragraph"),
    passage("We thank all.", section_type="ACK_FUND", type="paragraph"),
    passage("A cited title", section_type="REF", type="ref", **{"pub-id_pmid": "99"}),
]  # fmt: skip


def as_xml(passages, id="5448144", before=""):
    inner = "".join(
        "<passage>" + "".join(f'<infon key="{key}">{value}</infon>' for key, value in one["infons"].items())
        + f"<offset>0</offset><text>{one['text']}</text></passage>"
        for one in passages
    )  # fmt: skip
    return f"{before}<collection><source>PMC</source><document><id>{id}</id>{inner}</document></collection>".encode()


def as_json(passages, id="5448144", wrap=lambda document: {"documents": [document]}):
    return json.dumps(wrap({"id": id, "infons": {"license": "CC BY"}, "passages": passages})).encode()


def read_xml(data):
    return list(bioc.xml_documents(io.BytesIO(data), "x", max_bytes=MB))


def read_json(data, max_bytes=MB):
    return list(bioc.json_documents(io.BytesIO(data), "x", max_bytes=max_bytes))


@pytest.fixture(params=["xml", "json"])
def document(request):
    (found,) = read_xml(as_xml(PASSAGES)) if request.param == "xml" else read_json(as_json(PASSAGES))
    return found


def test_passages_stand_under_the_headings_above_them(document):
    assert {p.section: document.text[p.start : p.end] for p in document.passages if p.section != "table"} == {
        "title": "Haemolysis after IVIG",
        "abstract / background": "Background\n\nIVIG is used.",
        "methods": "Methods\n\nWe looked.",
        "methods / patients": "Patients\n\nThree.",
        "results": "All improved.",
    }


def test_the_parts_of_a_table_are_one_passage_and_tables_are_told_apart(document):
    tables = [document.text[p.start : p.end] for p in document.passages if p.section == "table"]
    assert tables == ["Events\n\nEvent | n\nHeadache | 3", "Doses"]


def test_the_record_is_read_from_the_infons(document):
    assert document.identifiers == ("doi:10.1000/abc", "pmid:7", "pmcid:PMC5448144")
    assert (document.authors, document.year) == (("Jane Doe",), 2017)
    assert document.keywords == ("IVIG", "anaemia")
    assert document.references == ("pmid:99",)
    assert document.source == "x#5448144"


@pytest.mark.parametrize("wrap", [
    lambda document: document,
    lambda document: [{"bioctype": "BioCCollection", "documents": [document]}],
    lambda document: {"PubTator3": [document]},
])  # fmt: skip
def test_every_wrapping_of_a_document_is_read(wrap):
    (found,) = read_json(as_json([passage("T", type="title"), passage("A.", type="abstract")], "38309274", wrap))
    assert (found.title, found.id) == ("T", "pmid:38309274")


def test_the_record_of_pubtator_is_read():
    title = passage("T", type="title", journal="Mol Cell;2024Jan24. doi:10.1", authors="Alpsoy A, Wu XS, ", year="2024")
    (found,) = read_json(as_json([title]))
    assert (found.journal, found.authors, found.year) == ("Mol Cell", ("Alpsoy A", "Wu XS"), 2024)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[1, 2]", b'{"documents": 3}', b"\xff\xfe\x00", b"[" * 100_000, b'{"a": "\\ud800"}']
)
def test_what_is_no_collection_is_a_clear_error(data):
    with pytest.raises(ReadError):
        read_json(data)


def test_a_file_larger_than_the_limit_is_refused():
    with pytest.raises(ReadError, match="the limit"):
        read_json(as_json(PASSAGES), max_bytes=100)


def test_a_document_without_text_costs_no_other():
    empty, full = read_xml(as_xml(PASSAGES).replace(b"<document>", b"<document><id>1</id></document><document>", 1))
    assert isinstance(empty, ReadError)
    assert full.title == "Haemolysis after IVIG"


def test_entities_are_refused():
    with pytest.raises(ReadError, match="entities"):
        read_xml(as_xml(PASSAGES, before='<!DOCTYPE collection [<!ENTITY x SYSTEM "file:///etc/passwd">]>'))
