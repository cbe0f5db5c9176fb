"""Whatever bytes a file holds, a reader gives documents that are sound, or a ReadError, and never anything else."""

import gzip
import importlib.util
import io
import json
import tarfile
import unicodedata
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import (
    bioc,
    dispatch,
    html,
    jats,
    medline,
    pdf,
    pdf_process,
    pubmed,
    pubtator,
    records,
    ris,
    text,
)
from ivigraph.ingest.readers.archive import Budget
from ivigraph.ingest.readers.decoding import decode
from ivigraph.model import Deletion, Document

MB = 1_000_000

PUBMED = b"""<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet SYSTEM "x.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID>
<Article><Journal><JournalIssue><PubDate><Year>2020</Year><Month>Feb</Month><Day>30</Day></PubDate></JournalIssue>
<Title>J</Title></Journal><ArticleTitle>A <i>title</i> 10<sup>9</sup></ArticleTitle>
<ELocationID EIdType="doi">10.1000/x</ELocationID>
<Abstract><AbstractText Label="AIM">Text &alpha;.</AbstractText></Abstract>
<AuthorList><Author><LastName>Doe</LastName></Author></AuthorList><Language>eng</Language></Article>
<MeshHeadingList><MeshHeading><DescriptorName UI="D1">X</DescriptorName></MeshHeading></MeshHeadingList>
</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/x</ArticleId></ArticleIdList></PubmedData>
</PubmedArticle><DeleteCitation><PMID>7</PMID></DeleteCitation></PubmedArticleSet>"""
JATS = b"""<article article-type="case-report"><front><article-meta><article-id pub-id-type="doi">10.1000/x</article-id>
<title-group><article-title>T<xref ref-type="fn">*</xref></article-title></title-group>
<pub-date pub-type="epub"><day>1</day><month>2</month><year>2020</year></pub-date>
<abstract><sec><title>Aim</title><p>A.</p></sec></abstract></article-meta></front>
<body><sec><title>Case</title><p>One:<list><list-item><p>x</p></list-item></list>
<table-wrap><label>1</label><table><tr><td>a</td></tr></table></table-wrap>end<sup>2</sup>.</p></sec></body>
<back><ref-list><ref><citation><pub-id pub-id-type="pmid">5</pub-id></citation></ref></ref-list></back>
<sub-article id="s"><front-stub/><body><p>Reply.</p></body></sub-article></article>"""
BIOC = b"""<collection><document><id>12</id>
<passage><infon key="section_type">TITLE</infon><text>T</text></passage>
<passage><infon key="section_type">METHODS</infon><infon key="type">title_1</infon><text>Methods</text></passage>
</document></collection>"""
BIOC_JSON = b"""{"documents": [{"id": "1", "infons": {}, "passages": [{"infons": {"type": "title"}, "text": "T"},
{"infons": {"type": "table"}, "text": "a\\tb"}]}]}"""
MEDLINE = b"""PMID- 1
TI  - A title
      goes on
AB  - AIM: One. RESULTS: Two.
MH  - *X/y
DP  - 2020 Apr

PMID- 2
TI  - B
"""
RIS = b"TY  - JOUR\nTI  - A\nAU  - Doe, J\nPY  - 2020\nDO  - 10.1000/x\nER  -\nTY  - JOUR\nT1  - B\nER  -\n"
PUBTATOR = b"1|t|Title\n1|a|Abstract\n1\t0\t5\tTitle\tX\tD1\n\n2|t|Other\n2|a|\n"
RECORDS = b"""{"id": "doi:10.1000/x", "title": "T", "text": "Case\\n\\nA man."}
{"text": "B", "year": 2020, "authors": ["x"]}
"""
PDF = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [4 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>
endobj
4 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >> >>
endobj
5 0 obj
<< /Length 106 >>
stream
BT /F1 12 Tf 72 700 Td
(A woman received immunoglobulin and developed a headache, ) Tj (then she recovered.) Tj ET
endstream
endobj
trailer << /Size 6 /Root 1 0 R >>
%%EOF"""


def packed_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.nbib", MEDLINE)
        file.writestr("b.ris", RIS)
    return out.getvalue()


def packed_tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        member = tarfile.TarInfo("a.xml")
        member.size = len(PUBMED)
        file.addfile(member, io.BytesIO(PUBMED))
    return out.getvalue()


def anything(stream, where, *, max_bytes):
    return dispatch.documents(stream, where, max_bytes=max_bytes, budget=Budget(0))


def pdf_in_this_process(stream, where, *, max_bytes):
    """A process for each of some hundred examples would take a minute."""
    yield pdf.document(pdf_process.answer(stream.read(), pdf.PAGES), where)


def decoded(reader):
    """A reader of one text, from its bytes as a file has them."""

    def read(stream, where, *, max_bytes):
        yield reader(decode(stream.read(), where), where)

    return read


HTML = b"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>Haemolysis - J</title>
<meta name="citation_doi" content="10.1000/x"></head><body><nav><a href="/">Home</a></nav><main><h1>Haemolysis</h1>
<p>A 52-year-old woman with dermatomyositis received immunoglobulin at 2 g/kg over five days, 10<sup>9</sup>/L.</p>
<table><tr><td>a</td><td><p>b</p><p>c</p></td></tr></table><h2>References</h2><ol><li>Smith A. 2001;1:1-3.</li></ol>
</main></body></html>"""
TEXT = b"""Skip to main content
Haemolysis after immunoglobulin: a case report
Ada Doe, Bo Roe
Abstract
A 52-year-old woman with dermatomyositis received immunoglobulin at 2 g/kg over five days. She devel-
oped anaemia, and recovered.
1. Which of the following is true?
A. One
References
1. Smith A. IVIG. Lancet. 2001;357:1-3.
"""
READERS = {
    "html": (decoded(html.document), HTML),
    "text": (decoded(text.document), TEXT),
    "pubmed": (pubmed.documents, PUBMED),
    "jats": (jats.documents, JATS),
    "bioc xml": (bioc.xml_documents, BIOC),
    "bioc json": (bioc.json_documents, BIOC_JSON),
    "medline": (medline.documents, MEDLINE),
    "ris": (ris.documents, RIS),
    "pubtator": (pubtator.documents, PUBTATOR),
    "records": (records.documents, RECORDS),
    "gzip": (anything, gzip.compress(PUBMED)),
    "zip": (anything, packed_zip()),
    "tar": (anything, packed_tar()),
    "any": (anything, PUBMED),
}
if importlib.util.find_spec("pypdfium2"):
    READERS["pdf"] = (pdf_in_this_process, PDF)


def check(reader, data):
    """Read to the end; returns what came."""
    found = []
    try:
        for item in reader(io.BytesIO(data), "x", max_bytes=MB):
            found.append(item)
            if isinstance(item, Document):
                check_document(item)
            else:
                assert isinstance(item, Deletion | ReadError)
    except ReadError as error:
        found.append(error)
    assert all(
        error.message and error.where.startswith("x") and error.remedy
        for error in found
        if isinstance(error, ReadError)
    )
    return found


def check_document(document):
    assert document.title
    assert document.text.encode("utf-8")
    assert unicodedata.is_normalized("NFC", document.text)
    assert not any(unicodedata.category(char) == "Cc" and char != "\n" for char in document.text)
    end = 0
    for passage in document.passages:
        assert document.text[end : passage.start].strip() == ""
        assert passage.start < passage.end <= len(document.text)
        end = passage.end
    assert document.text[end:] == ""
    assert document.id.startswith(("doi:", "pmid:", "pmcid:", "sha256:"))


PIECES = (b"\x00", b"\xff\xfe", b"<", b"&x;", b"]]>", b"\xc3", b'"', b"\n\n", b"\x1b", b"-1")


@st.composite
def mutated(draw, data):
    """The bytes of a file with some pieces taken out, doubled, moved, or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        piece = draw(st.sampled_from([b"", data[start:end] * 2, *PIECES]) | st.binary(max_size=12))
        data = data[:start] + piece + data[end:]
    return data


many = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("name", READERS)
def test_a_whole_file_gives_documents_only(name):
    found = check(*READERS[name])
    assert found
    assert not [item for item in found if isinstance(item, ReadError)]


@pytest.mark.parametrize("name", READERS)
@given(draw=st.data())
@many
def test_a_damaged_file_gives_sound_documents_or_read_errors(name, draw):
    reader, data = READERS[name]
    check(reader, draw.draw(mutated(data)))


@pytest.mark.parametrize("name", READERS)
@given(data=st.binary(max_size=300))
@many
def test_any_bytes_give_sound_documents_or_read_errors(name, data):
    check(READERS[name][0], data)


@pytest.mark.parametrize("name", READERS)
@given(share=st.floats(0, 1))
@settings(many, max_examples=40)
def test_a_file_cut_off_anywhere_gives_sound_documents_or_read_errors(name, share):
    reader, data = READERS[name]
    check(reader, data[: int(share * len(data))])


@given(title=st.text(min_size=1), text=st.text())
@many
def test_any_title_and_text_of_a_record_give_a_sound_document(title, text):
    check(records.documents, json.dumps({"title": title, "text": text}).encode())


@given(heading=st.text(), text=st.text())
@many
def test_any_text_in_an_article_gives_a_sound_document(heading, text):
    from xml.sax.saxutils import escape

    body = f"<sec><title>{escape(heading)}</title><p>{escape(text)}</p></sec>".encode("utf-8", "replace")
    check(jats.documents, b"<article><body>" + body + b"</body></article>")


def test_a_layout_table_within_a_layout_table_is_read():
    inner = "<table><tr><td><p>Fever came after the infusion.</p><p>It passed in a day.</p></td></tr></table>"
    page = f"<html><body><table><tr><td><h1>A case</h1><p>A woman had IVIG.</p>{inner}</td></tr></table></body></html>"
    assert "It passed in a day." in html.document(page, "page.html").text
