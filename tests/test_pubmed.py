"""PubMed XML: records become documents, one by one, whatever stands beside them."""

import gzip
import io
import tracemalloc

import pytest

from ivigraph import pipeline
from ivigraph.errors import ReadError
from ivigraph.ingest.readers import dispatch, pubmed
from ivigraph.ingest.readers.archive import Budget
from ivigraph.model import Deletion, Document, DocumentType, Heading, Related, Relation

MB = 1_000_000


def record(pmid=1, *, title="A title.", abstract="", types=("Journal Article",), language="eng", more="", data=""):
    names = "".join(f"<PublicationType>{name}</PublicationType>" for name in types)
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal><JournalIssue>'
        f"<PubDate><Year>2020</Year><Month>Apr</Month></PubDate></JournalIssue><Title>J Test</Title></Journal>"
        f"<ArticleTitle>{title}</ArticleTitle>{abstract}<Language>{language}</Language>"
        f"<PublicationTypeList>{names}</PublicationTypeList></Article>{more}</MedlineCitation>"
        f"<PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def file(*records, before='<?xml version="1.0" encoding="utf-8"?>\n', after="</PubmedArticleSet>"):
    return f"{before}<PubmedArticleSet>\n{''.join(one + chr(10) for one in records)}{after}".encode()


def read(data, **options):
    """All items, and the error with which reading ended."""
    found = []
    try:
        found.extend(pubmed.documents(io.BytesIO(data), "x.xml", **{"max_bytes": MB, **options}))
    except ReadError as error:
        return [*found, error]
    return found


def only(*arguments, **options):
    (document,) = read(file(record(*arguments, **options)))
    assert isinstance(document, Document), document
    return document


def test_a_structured_abstract_has_a_passage_for_each_label():
    document = only(
        abstract='<Abstract><AbstractText Label="METHODS">We treated 3.</AbstractText>'
        '<AbstractText Label="RESULTS">All <i>improved</i>.</AbstractText></Abstract>'
    )
    assert [p.section for p in document.passages] == ["title", "abstract / methods", "abstract / results"]
    assert document.text == "A title.\n\nMETHODS\n\nWe treated 3.\n\nRESULTS\n\nAll improved."


def test_an_exponent_is_not_read_as_part_of_the_number():
    document = only(
        abstract="<Abstract><AbstractText>Platelets 20 x 10<sup>9</sup>/L, CD4<sup>+</sup>.</AbstractText></Abstract>"
    )
    assert document.text.endswith("Platelets 20 x 10^9/L, CD4+.")


@pytest.mark.parametrize(("types", "kind"), [
    (("Journal Article", "Case Reports"), DocumentType.CASE_REPORT),
    (("Case Reports", "Review"), DocumentType.CASE_REPORT),
    (("Randomized Controlled Trial", "Multicenter Study"), DocumentType.TRIAL),
    (("Clinical Trial, Phase III",), DocumentType.TRIAL),
    (("Meta-Analysis",), DocumentType.REVIEW),
    (("Observational Study",), DocumentType.COHORT),
    (("Comment", "Editorial"), DocumentType.OTHER),
])  # fmt: skip
def test_the_kind_is_what_the_publication_types_state(types, kind):
    assert only(types=types).type is kind


def test_case_reports_of_several_patients_are_a_series():
    document = only(types=("Case Reports",), title="Haemolysis after immunoglobulin: report of three cases.")
    assert document.type is DocumentType.CASE_SERIES


def test_without_a_telling_publication_type_the_title_tells_the_kind():
    assert only(title="Stroke after immunoglobulin: a case report.").type is DocumentType.CASE_REPORT


def test_headings_keep_their_qualifiers_and_whether_they_are_a_main_point():
    more = (
        '<MeshHeadingList><MeshHeading><DescriptorName UI="D016756" MajorTopicYN="N">Immunoglobulins, Intravenous'
        '</DescriptorName><QualifierName UI="Q000009" MajorTopicYN="Y">adverse effects</QualifierName></MeshHeading>'
        '<MeshHeading><DescriptorName UI="D006801" MajorTopicYN="N">Humans</DescriptorName></MeshHeading>'
        "</MeshHeadingList>"
    )
    assert only(more=more).mesh == (
        Heading(label="Immunoglobulins, Intravenous", id="MESH:D016756", qualifiers=("adverse effects",), major=True),
        Heading(label="Humans", id="MESH:D006801"),
    )


@pytest.mark.parametrize(("kind", "types", "relation"), [
    ("RetractionIn", (), Relation.RETRACTED_BY),
    ("ErratumFor", (), Relation.CORRECTS),
    ("UpdateIn", (), Relation.UPDATED_BY),
    ("UpdateIn", ("Preprint",), Relation.PREPRINT_OF),
    ("CommentOn", (), Relation.COMMENTS_ON),
])  # fmt: skip
def test_retractions_corrections_and_preprints_are_linked(kind, types, relation):
    more = (
        f'<CommentsCorrectionsList><CommentsCorrections RefType="{kind}"><RefSource>J</RefSource><PMID>77</PMID>'
        '</CommentsCorrections><CommentsCorrections RefType="Cites"><PMID>78</PMID></CommentsCorrections>'
        "</CommentsCorrectionsList>"
    )
    assert only(more=more, types=types).related == (Related(relation=relation, id="pmid:77"),)


def test_identifiers_start_with_the_doi_and_those_of_references_are_not_taken_for_its_own():
    data = (
        '<ArticleIdList><ArticleId IdType="pubmed">1</ArticleId><ArticleId IdType="pmc">PMC5</ArticleId>'
        '<ArticleId IdType="doi">10.1000/ABC</ArticleId></ArticleIdList><ReferenceList><Reference><Citation>x'
        "</Citation>"
        '<ArticleIdList><ArticleId IdType="pubmed">99</ArticleId></ArticleIdList></Reference></ReferenceList>'
    )
    document = only(data=data)
    assert document.identifiers == ("doi:10.1000/abc", "pmid:1", "pmcid:PMC5")
    assert document.id == "doi:10.1000/abc"
    assert document.references == ("pmid:99",)
    assert document.source == "x.xml#1"


def test_a_translated_title_loses_its_brackets_and_the_language_of_the_article_is_kept():
    abstract = (
        "<Abstract><AbstractText>The patient was treated with immunoglobulin and recovered in the hospital, "
        "which was the aim of the treatment by the team.</AbstractText></Abstract>"
    )
    document = only(title="[Haemolysis in a child].", language="ger", abstract=abstract)
    assert document.title == "Haemolysis in a child"
    assert (document.language, document.text_language) == ("de", "en")


def test_a_deletion_is_a_value_with_each_identifier():
    found = read(file(record(1), "<DeleteCitation><PMID>7</PMID><PMID>8</PMID></DeleteCitation>"))
    assert isinstance(found[0], Document)
    assert found[1:] == [Deletion(id="pmid:7", source="x.xml#7"), Deletion(id="pmid:8", source="x.xml#8")]


def test_a_book_is_passed_over_with_a_note():
    book = "<PubmedBookArticle><BookDocument><PMID>5</PMID></BookDocument></PubmedBookArticle>"
    note, document = read(file(book, record(2)))
    assert isinstance(note, ReadError)
    assert "book" in note.message
    assert document.identifiers == ("pmid:2",)


@pytest.mark.parametrize("broken", [
    "<PubmedArticle><MedlineCitation><PMID>5</MedlineCitation></PubmedArticle>",
    "<PubmedArticle><MedlineCitation><PMID>5</PMID></MedlineCitation></PubmedArticle>",
    "<PubmedArticle><MedlineCitation><PMID>5</PMID>",
    "<PubmedArticle>&undeclared;<<</PubmedArticle>",
    record(5, title=""),
])  # fmt: skip
def test_a_broken_record_costs_no_other(broken):
    found = read(file(record(1), broken, record(2)))
    assert [d.identifiers for d in found if isinstance(d, Document)] == [("pmid:1",), ("pmid:2",)]
    (error,) = (e for e in found if isinstance(e, ReadError))
    assert "x.xml" in error.where
    assert error.remedy


def test_an_error_names_the_line():
    found = read(file(record(1), "<PubmedArticle>\n<MedlineCitation>\n</oops></PubmedArticle>"))
    assert found[1].where == "x.xml, line 6"


@pytest.mark.parametrize("cut", [30, 200, 700, -1, -40])
def test_a_cut_off_file_gives_what_came_before_the_cut_and_an_error(cut):
    whole = file(record(1), record(2))
    *found, error = read(whole[: cut if cut < 0 else len(whole) // 2 + cut - 300])
    assert isinstance(error, ReadError)
    assert all(isinstance(d, Document) for d in found)


def test_a_truncated_gzip_file_gives_the_records_before_the_cut():
    packed = gzip.compress(file(*(record(n, title=f"Title {n * 7919 % 1000} of {n}.") for n in range(1, 3000))))
    found = []
    with pytest.raises(ReadError, match="cut off"):
        found.extend(
            dispatch.documents(
                io.BytesIO(packed[: len(packed) // 2]), "x.xml.gz", max_bytes=MB, budget=Budget(len(packed))
            )
        )
    assert len(found) > 500
    assert all(isinstance(d, Document) for d in found)


@pytest.mark.parametrize("entity", [
    '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">',
    '<!ENTITY x SYSTEM "file:///etc/passwd">',
    '<!ENTITY % remote SYSTEM "http://127.0.0.1:9/x.dtd"> %remote;',
])  # fmt: skip
def test_a_file_that_declares_entities_is_refused_before_anything_is_parsed(entity):
    (error,) = read(file(record(1, title="&x;"), before=f"<!DOCTYPE PubmedArticleSet [{entity}]>"))
    assert isinstance(error, ReadError)
    assert "entities" in error.message


def test_a_named_character_of_a_dtd_is_read_without_the_dtd():
    assert only(title="TNF-&alpha; &amp; IL-6.").title == "TNF-α & IL-6."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_any_declared_or_marked_encoding_is_read(encoding):
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    text = file(
        record(1, title="Sjögren’s" if encoding != "iso-8859-1" else "Sjögren"),
        before=f'<?xml version="1.0" encoding="{declared}"?>',
    )
    (document,) = read(text.decode().encode(encoding))
    assert document.title.startswith("Sjögren")


def test_a_wrong_byte_costs_the_record_that_holds_it():
    data = file(record(1), record(2, title="Sj\u00f6gren"), record(3)).replace("ö".encode(), b"\xf6")
    kinds = [type(item) for item in read(data)]
    assert kinds == [Document, ReadError, Document]


def test_a_record_larger_than_the_limit_is_passed_over():
    found = read(file(record(1), record(2, title="x" * 600_000), record(3)), max_bytes=50_000)
    assert [type(item) for item in found] == [Document, ReadError, Document]
    assert "larger" in found[1].message


def test_only_records_that_the_gate_keeps_are_parsed():
    data = file(record(1, title="About IVIG."), "<PubmedArticle><broken></PubmedArticle>", record(3))
    (document,) = read(data, keep=lambda raw: b"IVIG" in raw)
    assert document.title == "About IVIG."


def test_a_search_without_results_says_so():
    (error,) = read(b"<?xml version='1.0'?><PubmedArticleSet></PubmedArticleSet>")
    assert "no record" in error.message


def test_in_a_run_what_was_left_out_stands_beside_the_documents(tmp_path):
    path = tmp_path / "baseline.dat"
    path.write_bytes(
        file(record(1), "<PubmedArticle><oops></PubmedArticle>", "<DeleteCitation><PMID>7</PMID></DeleteCitation>")
    )
    document, broken, deleted = pipeline.documents([path], max_bytes=MB)
    assert document.id == "pmid:1"
    assert "broken" in broken.error.message
    assert (deleted.source, "withdrew pmid:7" in deleted.error.message) == (f"{path}#7", True)


class Endless:
    """A file of many records that is never in memory as a whole."""

    def __init__(self, count):
        self.parts = iter(
            [
                b"<PubmedArticleSet>",
                *[record(12345, abstract=f"<Abstract><AbstractText>{'word ' * 200}</AbstractText></Abstract>").encode()]
                * count,
                b"</PubmedArticleSet>",
            ]
        )

    def read(self, size, /):
        return next(self.parts, b"")


def test_memory_does_not_grow_with_the_number_of_records():
    def peak(count):
        tracemalloc.start()
        try:
            assert sum(1 for _ in pubmed.documents(Endless(count), "x", max_bytes=MB)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(2000) < peak(200) + 300_000
