"""MEDLINE and RIS: one field a line, one citation after another."""

import io

import pytest

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import medline, ris
from ivigraph.model import Document, DocumentType, Heading, Related, Relation

MB = 1_000_000

NBIB = """
PMID- 12345678
LID - 10.1000/XYZ [doi]
TI  - Aseptic meningitis after intravenous immunoglobulin in a
      child.
AB  - BACKGROUND: IVIG is used widely. METHODS: We treated 2 patients. RESULTS:
      Headache occurred.
FAU - Doe, Jane A
AU  - Doe JA
CN  - The IVIG Group
LA  - eng
PT  - Case Reports
DP  - 2020 Apr 17
JT  - Journal of tests
TA  - J Test
MH  - Child
MH  - Immunoglobulins, Intravenous/*adverse effects
OT  - IVIG
RIN - J Test. 2021;1:2. PMID: 23456789
PMC - PMC7654321

PMID- 2
TI  - Second.
"""

RIS = """TY  - JOUR
AU  - Doe, Jane A.
TI  - Haemolysis after IVIG
T2  - Journal of tests
AB  - We describe a case.
N2  - We describe a case.
PY  - 2019
DA  - 2019/05/03
DO  - https://doi.org/10.1000/ABC
UR  - https://pubmed.ncbi.nlm.nih.gov/12345678/
C2  - PMC55
KW  - IVIG
LA  - en
ER  -

TY  - JOUR
TI  - Second
ER  -
"""


def read(reader, text, **options):
    data = text if isinstance(text, bytes) else text.encode()
    return list(reader.documents(io.BytesIO(data), "x", **{"max_bytes": MB, **options}))


def test_a_medline_record_keeps_its_fields():
    first, second = read(medline, NBIB)
    assert first.title == "Aseptic meningitis after intravenous immunoglobulin in a child."
    assert first.identifiers == ("doi:10.1000/xyz", "pmid:12345678", "pmcid:PMC7654321")
    assert first.source == "x#12345678"
    assert first.type is DocumentType.CASE_REPORT
    assert first.authors == ("Jane A Doe", "The IVIG Group")
    assert (first.published, first.journal, first.language) == ("2020-04-17", "Journal of tests", "en")
    assert first.mesh == (
        Heading(label="Child"),
        Heading(label="Immunoglobulins, Intravenous", qualifiers=("adverse effects",), major=True),
    )
    assert first.keywords == ("IVIG",)
    assert first.related == (Related(relation=Relation.RETRACTED_BY, id="pmid:23456789"),)
    assert [p.section for p in first.passages] == [
        "title",
        "abstract / background",
        "abstract / methods",
        "abstract / results",
    ]
    assert (second.id, second.title) == ("pmid:2", "Second.")


def test_capitals_before_a_colon_do_not_make_an_abstract_structured():
    (document,) = read(medline, "PMID- 3\nTI  - T.\nAB  - IVIG: an overview of its use and harms.\n")
    assert [p.section for p in document.passages] == ["title", "abstract"]
    assert document.text.endswith("IVIG: an overview of its use and harms.")


def test_a_ris_record_keeps_its_fields():
    first, second = read(ris, RIS)
    assert first.title == "Haemolysis after IVIG"
    assert first.identifiers == ("doi:10.1000/abc", "pmid:12345678", "pmcid:PMC55")
    assert (first.published, first.journal, first.language) == ("2019-05-03", "Journal of tests", "en")
    assert first.authors == ("Jane A. Doe",)
    assert first.text == "Haemolysis after IVIG\n\nWe describe a case."
    assert second.source == "x, line 16"


@pytest.mark.parametrize("reader", [medline, ris])
def test_windows_line_ends_and_byte_order_marks_change_nothing(reader):
    text = NBIB if reader is medline else RIS
    other = b"\xef\xbb\xbf" + text.strip().replace("\n", "\r\n").encode()
    assert [d.text for d in read(reader, other)] == [d.text for d in read(reader, text)]
    assert [d.text for d in read(reader, text.encode("utf-16"))] == [d.text for d in read(reader, text)]


@pytest.mark.parametrize(("reader", "text", "old"), [(medline, NBIB, "Second."), (ris, RIS, "We describe a case.\nN2")])
def test_a_wrong_byte_costs_one_record(reader, text, old):
    found = read(reader, text.encode().replace(old.encode(), b"\xff\xfe" + old.encode()))
    assert sorted(type(item).__name__ for item in found) == ["Document", "ReadError"]
    (error,) = (item for item in found if isinstance(item, ReadError))
    assert "UTF-8" in error.message
    assert "line" in error.where


def test_a_ris_record_without_its_end_is_an_error_that_names_the_line():
    first, second = read(ris, RIS[: RIS.rindex("ER")])
    assert isinstance(first, Document)
    assert (second.where, "ER" in second.message) == ("x, line 16", True)


def test_a_record_larger_than_the_limit_is_passed_over():
    text = NBIB + "\nPMID- 4\nTI  - Third.\n" + "AB  - long\n" * 10_000 + "\nPMID- 5\nTI  - Fourth.\n"
    found = read(medline, text, max_bytes=20_000)
    assert [type(item).__name__ for item in found] == ["Document", "Document", "ReadError", "Document"]
