"""JATS: the parts of an article become passages, what stands beside it is left out."""

import io

import pytest

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import jats
from ivigraph.model import Document, DocumentType, Related, Relation

MB = 1_000_000
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def article(*, kind="research-article", meta="", abstract="", body="", back="", more="", title="A title", language=""):
    return (
        f'<article {XLINK} article-type="{kind}"{language}><front><journal-meta><journal-title-group>'
        "<journal-title>J Test"
        f"</journal-title></journal-title-group></journal-meta><article-meta>"
        f'<article-id pub-id-type="pmid">7</article-id><article-id pub-id-type="doi">10.1000/ABC</article-id>'
        f"<title-group><article-title>{title}</article-title></title-group>{meta}{abstract}</article-meta></front>"
        f"<body>{body}</body><back>{back}</back>{more}</article>"
    )


def read(text):
    found = []
    try:
        found.extend(jats.documents(io.BytesIO(text.encode()), "a.nxml", max_bytes=MB))
    except ReadError as error:
        return [*found, error]
    return found


def only(**parts):
    (document,) = read(article(**parts))
    assert isinstance(document, Document), document
    return document


def passages(document):
    return {p.section: document.text[p.start : p.end] for p in document.passages}


def test_sections_are_named_by_the_headings_above_them():
    body = (
        "<sec><title>2. Methods</title><p>We did it.</p><sec><title>Patients</title><p>Three of them.</p></sec></sec>"
        "<sec><title>Results</title><p>All improved.</p></sec>"
    )
    assert passages(only(body=body)) == {
        "title": "A title",
        "methods": "2. Methods\n\nWe did it.",
        "methods / patients": "Patients\n\nThree of them.",
        "results": "Results\n\nAll improved.",
    }


def test_an_abstract_keeps_its_parts_and_one_without_structure_is_one_part():
    parts = (
        "<abstract><sec><title>Background</title><p>B.</p></sec><sec><title>Results</title><p>R.</p></sec></abstract>"
    )
    assert list(passages(only(abstract=parts))) == ["title", "abstract / background", "abstract / results"]
    plain = only(abstract="<abstract><title>Abstract</title><p>One.</p><p>Two.</p></abstract>")
    assert passages(plain)["abstract"] == "One.\n\nTwo."


def test_a_table_follows_its_section_with_caption_rows_and_footnotes():
    table = (
        "<table-wrap><label>Table 1</label><caption><p>Adverse events</p></caption><table><thead><tr><th>Event</th>"
        "<th>n (%)</th></tr></thead><tbody><tr><td>Headache<sup>a</sup></td><td>3 (12)</td></tr></tbody></table>"
        "<table-wrap-foot><fn><label>a</label><p>During the infusion.</p></fn></table-wrap-foot></table-wrap>"
    )
    document = only(body=f"<sec><title>Results</title><p>As shown{table} in the table.</p><p>More.</p></sec>")
    found = passages(document)
    assert list(found) == ["title", "results", "table"]
    assert found["results"] == "Results\n\nAs shown\n\nin the table.\n\nMore."
    assert found["table"] == "Table 1. Adverse events\n\nEvent | n (%)\nHeadachea | 3 (12)\n\na During the infusion."


def test_a_figure_gives_its_caption():
    body = "<p>Text.</p><fig><label>Figure 1.</label><caption><title>Counts</title><p>Over time.</p></caption></fig>"
    assert passages(only(body=body))["figure"] == "Figure 1. Counts Over time."


def test_a_list_stays_with_the_line_that_introduces_it():
    body = (
        "<p>Side effects include:</p><list><list-item><p>headache</p></list-item>"
        "<list-item><label>2.</label><p>fever</p></list-item></list>"
    )
    assert passages(only(body=body))["body"] == "Side effects include:\n- headache\n2. fever"


def test_raised_citations_and_exponents_do_not_run_into_words_and_numbers():
    body = (
        '<p>It was seen<sup><xref ref-type="bibr">12</xref></sup> before,<xref ref-type="bibr"><sup>3</sup></xref> '
        "with 10<sup>9</sup>/L, p = 0.5<sup>1</sup>, Ca<sup>2+</sup>, H<sub>2</sub>O and 5 m<sup>2</sup>.</p>"
    )
    assert (
        passages(only(body=body))["body"] == "It was seen[12] before,[3] with 10^9/L, p = 0.5[1], Ca2+, H2O and 5 m2."
    )


@pytest.mark.parametrize("heading", ["Competing interests", "Authors' contributions", "Acknowledgements", "Funding"])
def test_what_stands_beside_the_article_is_left_out(heading):
    body = f"<sec><title>Case</title><p>A man.</p></sec><sec><title>{heading}</title><p>Nothing.</p></sec>"
    back = "<ack><p>We thank all.</p></ack><ref-list><ref><mixed-citation>Smith A.</mixed-citation></ref></ref-list>"
    assert list(passages(only(body=body, back=back))) == ["title", "case"]


def test_an_appendix_is_read():
    back = "<app-group><app><title>Appendix A</title><p>More cases.</p></app></app-group>"
    assert passages(only(back=back))["appendix a"] == "Appendix A\n\nMore cases."


def test_people_dates_keywords_and_licence_are_kept():
    meta = (
        '<contrib-group><contrib contrib-type="author"><name><surname>Doe</surname><given-names>Jane A'
        "</given-names></name>"
        '</contrib><contrib contrib-type="author"><collab>The IVIG Group</collab></contrib>'
        '<contrib contrib-type="editor">'
        "<name><surname>Roe</surname><given-names>R</given-names></name></contrib></contrib-group>"
        '<pub-date pub-type="epub"><day>3</day><month>12</month><year>2019</year></pub-date>'
        '<pub-date pub-type="collection"><year>2020</year></pub-date>'
        "<permissions><license><license-p>Open, under "
        '<ext-link xlink:href="https://creativecommons.org/licenses/by/4.0/">CC BY</ext-link>.</license-p>'
        "</license></permissions>"
        "<kwd-group><kwd>IVIG</kwd><kwd>haemolysis</kwd></kwd-group>"
    )
    document = only(meta=meta)
    assert document.authors == ("Jane A Doe", "The IVIG Group")
    assert (document.published, document.year) == ("2020", 2020)
    assert document.keywords == ("IVIG", "haemolysis")
    assert document.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert document.journal == "J Test"


def test_the_most_exact_date_of_the_year_is_kept():
    meta = (
        '<pub-date pub-type="collection"><year>2020</year></pub-date>'
        '<pub-date pub-type="epub"><day>3</day><month>2</month><year>2020</year></pub-date>'
    )
    assert only(meta=meta).published == "2020-02-03"


@pytest.mark.parametrize(("kind", "expected"), [
    ("case-report", DocumentType.CASE_REPORT),
    ("review-article", DocumentType.REVIEW),
    ("systematic-review", DocumentType.REVIEW),
    ("editorial", DocumentType.OTHER),
])  # fmt: skip
def test_the_kind_is_what_the_article_type_states(kind, expected):
    assert only(kind=kind).type is expected


@pytest.mark.parametrize(("kind", "relation"), [
    ("retracted-article", Relation.RETRACTS),
    ("correction-forward", Relation.CORRECTED_BY),
    ("preprint", Relation.HAS_PREPRINT),
])  # fmt: skip
def test_related_articles_are_linked(kind, relation):
    meta = f'<related-article related-article-type="{kind}" ext-link-type="doi" xlink:href="10.1000/Other"/>'
    assert only(meta=meta).related == (Related(relation=relation, id="doi:10.1000/other"),)


def test_each_reference_is_named_as_its_document_would_be():
    back = (
        '<ref-list><ref><element-citation><pub-id pub-id-type="pmid">5</pub-id>'
        '<pub-id pub-id-type="doi">10.1000/R</pub-id>'
        "</element-citation></ref><ref><mixed-citation>No number.</mixed-citation></ref><ref><citation>"
        '<pub-id pub-id-type="pmid">6</pub-id></citation></ref></ref-list>'
    )
    assert only(back=back).references == ("doi:10.1000/r", "pmid:6")


def test_a_sub_article_is_a_document_of_its_own_that_names_the_whole():
    more = (
        '<sub-article id="r1" article-type="reply" xml:lang="de"><front-stub><title-group><article-title>A reply'
        "</article-title></title-group></front-stub><body><p>We agree.</p></body></sub-article>"
        '<response id="r2" response-type="discussion"><front-stub/><body/></response>'
    )
    whole, reply, empty = read(article(body="<p>Text.</p>", more=more))
    assert "agree" not in whole.text
    assert reply.source == "a.nxml#r1"
    assert reply.id.startswith("sha256:")
    assert reply.related == (Related(relation=Relation.PART_OF, id="doi:10.1000/abc"),)
    assert (reply.language, reply.journal) == ("de", "J Test")
    assert isinstance(empty, ReadError)


def test_the_articles_of_a_set_are_told_apart():
    first, second = read(f"<pmc-articleset>{article()}{article(title='Another')}</pmc-articleset>")
    assert (first.source, second.title) == ("a.nxml#7", "Another")


def test_a_file_of_one_article_is_its_source():
    assert only().source == "a.nxml"


def test_an_article_that_is_cut_off_is_an_error():
    (error,) = read(article(body="<p>Text</p>")[:-40])
    assert isinstance(error, ReadError)
    assert "ends inside" in error.message


def test_the_language_of_the_article_is_kept():
    assert only(language=' xml:lang="fr"').language == "fr"
