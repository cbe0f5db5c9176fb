"""Every file of ../shared/samples, read and compared with its own fields as ElementTree or a plain split finds them."""

import re
import xml.etree.ElementTree as ET
from itertools import groupby
from pathlib import Path

import pytest

from ivigraph.ingest.readers import jats, pubmed, pubtator
from ivigraph.model import Document, DocumentType

SAMPLES = Path(__file__).parents[1] / "../shared/samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is absent")
MB = 1_000_000

PUBMED = sorted(SAMPLES.glob("pubmed_xml/*.xml"))
JATS = sorted(SAMPLES.glob("jats/*.nxml"))
PUBTATOR = sorted(SAMPLES.glob("pubtator/*.txt"))

# What a publication type, as NLM names it, makes of a document whose other types say nothing about its kind.
KINDS = {"Review": DocumentType.REVIEW, "Systematic Review": DocumentType.REVIEW, "Editorial": DocumentType.OTHER}
# Back matter that some journals print as sections of the body.
BESIDE = re.compile(
    r"competing interests|authors'|pre-publication|abbreviations|supp|funding|acknowledge|conflict", re.I
)


def read(reader, path):
    with path.open("rb") as file:
        return list(reader.documents(file, str(path), max_bytes=20 * MB))


def words(text):
    return re.sub(r"\W+", "", text)


def joined(element):
    return "".join(element.itertext())


def check_layout(document):
    previous = 0
    for passage in document.passages:
        assert document.text[previous : passage.start].strip() == ""
        assert document.text[passage.start : passage.end].strip() == document.text[passage.start : passage.end] != ""
        previous = passage.end
    assert previous == len(document.text)
    assert document.text[document.passages[0].start : document.passages[0].end] == document.title


@pytest.mark.parametrize("path", PUBMED, ids=lambda path: path.stem)
def test_a_pubmed_record_keeps_its_fields(path):
    (document,) = read(pubmed, path)
    record = ET.parse(path).getroot().find("PubmedArticle")
    article = record.find("MedlineCitation/Article")
    check_layout(document)
    assert words(document.title) == words(joined(article.find("ArticleTitle")))
    assert f"pmid:{path.stem}" in document.identifiers
    assert document.source == f"{path}#{path.stem}"
    ids = {e.get("IdType"): e.text for e in record.findall("PubmedData/ArticleIdList/ArticleId")}
    if "doi" in ids:
        assert document.id == f"doi:{ids['doi'].lower()}"
    if "pmc" in ids:
        assert f"pmcid:{ids['pmc']}" in document.identifiers
    assert document.publication_types == tuple(e.text for e in article.iter("PublicationType"))
    assert document.language == "en"
    assert document.journal == article.findtext("Journal/Title")
    assert str(document.year) == article.findtext("Journal/JournalIssue/PubDate/Year")
    for author in article.findall("AuthorList/Author"):
        named = words(
            joined(author.find("LastName") if author.find("LastName") is not None else author.find("CollectiveName"))
        )
        assert any(named in words(name) for name in document.authors)
    assert [h.id for h in document.mesh] == [f"MESH:{e.get('UI')}" for e in record.iter("DescriptorName")]
    parts = article.findall("Abstract/AbstractText")
    labels = ["" if part.get("Label") in (None, "UNLABELLED") else part.get("Label") for part in parts]
    assert [p.section for p in document.passages[1:]] == [
        f"abstract / {label.lower()}" if label else "abstract" for label in labels
    ]
    assert words(document.text[len(document.title) :]) == "".join(
        words(label) + words(joined(part)) for label, part in zip(labels, parts, strict=True)
    )


@pytest.mark.parametrize("path", PUBMED, ids=lambda path: path.stem)
def test_a_pubmed_record_has_the_kind_that_its_publication_type_states(path):
    (document,) = read(pubmed, path)
    stated = [KINDS[name] for name in document.publication_types if name in KINDS]
    if stated:
        assert document.type is stated[0]


@pytest.mark.parametrize("path", JATS, ids=lambda path: path.stem)
def test_a_jats_article_keeps_its_fields(path):
    document, *others = read(jats, path)
    root = ET.parse(path).getroot()
    meta = root.find("front/article-meta")
    check_layout(document)
    assert others == []
    assert document.source == str(path)
    assert words(document.title) == words(joined(meta.find("title-group/article-title")))
    ids = {e.get("pub-id-type"): e.text for e in meta.findall("article-id")}
    assert set(document.identifiers) == {
        *([f"doi:{ids['doi'].lower()}"] if "doi" in ids else []),
        *([f"pmid:{ids['pmid']}"] if "pmid" in ids else []),
        f"pmcid:PMC{ids['pmc']}",
    }
    assert document.publication_types[0] == root.get("article-type")
    assert document.journal == joined(next(root.iter("journal-title")))
    assert str(document.year) in {e.text for e in meta.findall("pub-date/year")}
    authors = [e for e in meta.findall("contrib-group/contrib") if e.get("contrib-type") == "author"]
    assert len(document.authors) == len(authors)
    for author, name in zip(authors, document.authors, strict=True):
        if author.find("name") is not None:
            assert name.endswith(author.findtext("name/surname").strip())
    assert document.keywords == tuple(" ".join(joined(e).split()) for e in meta.iter("kwd"))


@pytest.mark.parametrize("path", JATS, ids=lambda path: path.stem)
def test_a_jats_article_keeps_its_sections_paragraphs_and_tables(path):
    (document,) = read(jats, path)
    root = ET.parse(path).getroot()
    found = [name for name, _ in groupby(p.section.split(" / ")[0] for p in document.passages)]
    headings = [joined(e).strip() for e in root.findall("body/sec/title")]
    wanted = [
        re.sub(r"^\d+\.?\s*", "", heading).lower().rstrip(".:") for heading in headings if not BESIDE.match(heading)
    ]
    assert [name for name in dict.fromkeys(found) if name in wanted] == wanted
    text = words(document.text)
    for section in root.findall("body/sec"):
        if not BESIDE.match(section.findtext("title") or "") and section.get("sec-type") != "supplementary-material":
            for paragraph in section.iterfind(".//sec/p"):
                # Up to the first thing within the paragraph, which may be raised or be put elsewhere.
                assert words(paragraph.text or "") in text
    tables = [e for e in root.iter("table-wrap") if "".join(joined(e).split())]
    assert sum(p.section == "table" for p in document.passages) == len(tables)
    for cell in (e for table in tables for e in table.iter("td") if len(e) == 0 and e.text):
        assert words(cell.text) in text


@pytest.mark.parametrize("path", JATS, ids=lambda path: path.stem)
def test_a_jats_article_cites_what_its_references_identify(path):
    (document,) = read(jats, path)
    references = ET.parse(path).getroot().findall("back//ref")
    named = [{e.get("pub-id-type") for e in reference.iter("pub-id")} for reference in references]
    identified = [kinds for kinds in named if kinds & {"doi", "pmid", "pmcid"}]
    # Two references of one list may be the same article.
    assert len(identified) - 2 <= len(document.references) <= len(identified)
    assert all(re.match(r"(doi:10\.|pmid:\d|pmcid:PMC\d)", curie) for curie in document.references)


@pytest.mark.parametrize(("name", "kind"), [
    ("PMC1472695", DocumentType.TRIAL),
    ("PMC3387601", DocumentType.TRIAL),
    ("PMC3257650", DocumentType.OTHER),
])  # fmt: skip
def test_a_jats_article_has_the_kind_that_a_reader_would_give_it(name, kind):
    (document,) = read(jats, SAMPLES / "jats" / f"{name}.nxml")
    assert document.type is kind


@pytest.mark.parametrize("path", PUBTATOR, ids=lambda path: path.stem)
def test_a_pubtator_file_gives_each_of_its_documents(path):
    documents = read(pubtator, path)
    blocks = [block.split("\n") for block in path.read_text().strip().split("\n\n")]
    assert len(documents) == len(blocks)
    for document, (title, abstract, *_) in zip(documents, blocks, strict=True):
        assert isinstance(document, Document)
        check_layout(document)
        pmid, _, text = title.split("|", 2)
        assert document.identifiers == (f"pmid:{pmid}",)
        assert document.title == " ".join(text.split())
        assert words(document.text) == words(text) + words(abstract.split("|", 2)[2])
