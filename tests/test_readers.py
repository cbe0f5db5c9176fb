"""Readers: files become documents with their furniture taken off, or it is said why not."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivigraph.errors import ReadError
from ivigraph.ingest import files
from ivigraph.ingest.readers import metadata, read
from ivigraph.model import Document, DocumentType

MB = 1_000_000
SEEDS = Path(__file__).parents[1] / "../shared/seeds"

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Haemolysis after immunoglobulin - Journal of Samples</title>
<meta name="citation_title" content="Haemolysis after immunoglobulin: a case report">
<meta name="citation_doi" content="10.1234/JS.2020.5"><meta name="citation_pmid" content="31234567">
<meta name="citation_author" content="Ada Doe"><meta name="citation_author" content="Bo Roe">
<meta name="citation_journal_title" content="Journal of Samples">
<meta name="citation_publication_date" content="2020/05/01"></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/j">Journals</a></li></ul></nav>
<div class="cookie">We use cookies to improve your experience. <button>Accept all</button></div>
<main><article><h1>Haemolysis after immunoglobulin: a case report</h1>
<h2>Abstract</h2>
<p><strong>Background:</strong> Haemolysis is a rare adverse effect of intravenous immunoglobulin (IVIG).</p>
<p><strong>Case presentation:</strong> A 52-year-old woman with dermatomyositis received IVIG at 2 g/kg over five
days. Three days after the second infusion she developed anaemia. She recovered after IVIG was stopped.</p>
<h2>References</h2><ol><li>Smith A. IVIG-induced stroke. Lancet. 2001;357:1-3.</li></ol></article>
<aside><h3>Related articles</h3><ul><li><a>Immunoglobulin causes baldness</a></li></ul></aside></main>
<footer>Copyright 2020 Journal of Samples. <a>Privacy policy</a></footer></body></html>
"""

COPIED = """Skip to main content
Log in
Menu
Home
Articles
J Sample Neurol. 2019 Mar;12(3):45-49. doi: 10.1234/jsn.2019.045
Acute lung injury following immunoglobulin in a patient with myasthenic crisis
Jane A. Doe, MD, John B. Smith, PhD
Department of Neurology, Example University Hospital, Sampletown
Share on Twitter
Introduction
Acute lung injury is a rare but potentially fatal complication of intravenous immunoglobulin.
Case presentation
A 58-year-old man with myasthenia gravis was given immunoglobulin and developed dyspnoea. There was no evidence
of pneumonia, and he improved over two days without any other treatment.
By continuing to browse this website you accept our use of cookies.
Discussion
Acute lung injury is probably underdiagnosed after infusions of plasma products.
References
1. Smith A. Stroke caused by immunoglobulin. Lancet 2001;357:1-3.
Related articles
Immunoglobulin-induced deafness in a child
"""


def document(tmp_path: Path, text: str | bytes, name: str = "document.txt") -> Document:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (found,) = read(path, max_bytes=20 * MB)
    return found


def refusal(tmp_path: Path, data: bytes, max_bytes: int = 20 * MB) -> ReadError:
    path = tmp_path / "document.txt"
    path.write_bytes(data)
    with pytest.raises(ReadError) as error:
        list(read(path, max_bytes=max_bytes))
    assert error.value.where == str(path)
    assert error.value.remedy
    return error.value


def sections(found: Document) -> list[str]:
    return [passage.section for passage in found.passages]


def test_a_saved_page_keeps_its_article_and_loses_the_rest(tmp_path: Path) -> None:
    found = document(tmp_path, PAGE)
    assert sections(found) == ["title", "abstract", "background", "case presentation"]
    assert "She recovered after IVIG was stopped." in found.text
    for furniture in ("Home", "cookies", "Accept all", "stroke", "baldness", "Copyright", "Privacy"):
        assert furniture not in found.text


def test_a_saved_page_is_known_by_its_content_and_its_head_is_read(tmp_path: Path) -> None:
    found = document(tmp_path, PAGE, "page.txt")
    assert found.id == "doi:10.1234/js.2020.5"
    assert found.identifiers == ("doi:10.1234/js.2020.5", "pmid:31234567")
    assert (found.year, found.journal, found.authors) == (2020, "Journal of Samples", ("Ada Doe", "Bo Roe"))
    assert (found.type, found.language) == (DocumentType.CASE_REPORT, "en")


def test_a_copied_page_loses_menus_buttons_references_and_related_articles(tmp_path: Path) -> None:
    found = document(tmp_path, COPIED)
    assert found.title == "Acute lung injury following immunoglobulin in a patient with myasthenic crisis"
    assert sections(found) == ["title", "introduction", "case presentation", "discussion"]
    assert found.text.endswith("after infusions of plasma products.")
    for furniture in ("Log in", "Menu", "Twitter", "cookies", "Stroke", "deafness", "University"):
        assert furniture not in found.text


def test_a_copied_page_tells_its_citation(tmp_path: Path) -> None:
    found = document(tmp_path, COPIED)
    assert found.identifiers == ("doi:10.1234/jsn.2019.045",)
    assert (found.year, found.journal) == (2019, "J Sample Neurol")
    assert found.authors == ("Jane A. Doe", "John B. Smith")


def test_a_reference_does_not_give_the_document_its_identifier(tmp_path: Path) -> None:
    text = (
        "A study of immunoglobulin\n\nImmunoglobulin was given to twelve patients with neuropathy and all of them "
        "improved.\n\nReferences\n1. Doe A. Another study. J Samp 2001;3:4-9. doi: 10.1234/other PMID: 1234567\n"
    )
    found = document(tmp_path, text)
    assert found.identifiers == ()
    assert found.id.startswith("sha256:")


def test_passages_lie_in_order_and_hold_all_of_the_text(tmp_path: Path) -> None:
    found = document(tmp_path, COPIED)
    assert found.passages[0].section == "title"
    assert found.text[: found.passages[0].end] == found.title
    gaps = [found.text[a.end : b.start] for a, b in zip(found.passages, found.passages[1:], strict=False)]
    assert {gap.strip() for gap in gaps} == {""}
    assert found.passages[-1].end == len(found.text)


def test_a_text_without_a_title_stays_whole_and_shows_its_first_sentence(tmp_path: Path) -> None:
    text = "A 49-year-old man with neuropathy was given immunoglobulin for three months without any benefit. He died."
    found = document(tmp_path, text)
    assert found.text == text
    assert found.title.startswith("A 49-year-old man with neuropathy")
    assert sections(found) == ["body"]


def test_quiz_questions_and_their_options_are_no_text(tmp_path: Path) -> None:
    text = (
        "Immunoglobulin is given for many autoimmune diseases and is made from donated plasma.\n\n"
        "Question 1: Which of the following is a side effect of immunoglobulin?\nA. Hair loss\nB. Deafness\n\n"
        "Headache is the most frequent side effect and passes within a day or two.\n"
    )
    found = document(tmp_path, text)
    assert "Deafness" not in found.text
    assert "Headache is the most frequent" in found.text
    assert "donated plasma" in found.text


def test_a_list_that_the_text_introduces_is_kept(tmp_path: Path) -> None:
    text = (
        "Immunoglobulin is given into a vein over several hours in a hospital.\n\n"
        "Common side effects include:\n- headache\n- fever\n- chills\n- back pain\n- nausea\n"
    )
    assert "- headache\n- fever\n- chills\n- back pain\n- nausea" in document(tmp_path, text).text


def test_a_word_hyphenated_for_print_is_joined_only_where_the_whole_is_known(tmp_path: Path) -> None:
    text = (
        "Thrombocytopenia was seen in three of the patients who were treated for a long time. "
        "The throm-bocytopenia was mild, the flu-like symptoms were not, and a follow-up was planned."
    )
    found = document(tmp_path, text).text
    assert "The thrombocytopenia was mild" in found
    assert "flu-like" in found
    assert "follow-up" in found


def test_lines_wrapped_by_an_editor_are_one_paragraph(tmp_path: Path) -> None:
    text = (
        "A 49-year-old man with a demyelinating neuropathy was\n"
        "given immunoglobulin at a dose of two grams per kilogram\n"
        "over five days. He could walk again after three weeks.\n"
    )
    assert "neuropathy was given immunoglobulin" in document(tmp_path, text).text


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Stroke after immunoglobulin: a case report", "", DocumentType.CASE_REPORT),
        ("Stroke after immunoglobulin", "We report a case of stroke.", DocumentType.CASE_REPORT),
        ("Stroke after immunoglobulin", "We report three patients with stroke.", DocumentType.CASE_SERIES),
        ("Immunoglobulin in neuropathy: a randomised trial", "", DocumentType.TRIAL),
        ("Immunoglobulin in neuropathy", "Forty patients were randomised to two groups.", DocumentType.TRIAL),
        ("Immunoglobulin in dermatology: a review", "", DocumentType.REVIEW),
        ("Immunoglobulin in dermatology", "This review highlights the indications.", DocumentType.REVIEW),
        ("Stroke after immunoglobulin: a retrospective study", "", DocumentType.COHORT),
        ("Immunoglobulin", "This quiz is designed to test your knowledge.", DocumentType.EDUCATION),
        ("Immunoglobulin", "Plasma is pooled from many donors.", DocumentType.OTHER),
    ],
)
def test_the_kind_of_a_document_is_seen_from_its_title_then_from_its_text(
    tmp_path: Path, title: str, text: str, kind: DocumentType
) -> None:
    body = "Immunoglobulin is made from the plasma of many donors and is given into a vein over some hours."
    assert document(tmp_path, f"{title}\n\n{body} {text}\n").type is kind


@pytest.mark.parametrize(("signs", "rule"), [rule[1:] for rule in metadata._TEXT_RULES], ids=str)
def test_every_match_of_a_rule_for_kinds_holds_one_of_its_signs(signs: tuple[str, ...], rule: re.Pattern[str]) -> None:
    @given(st.from_regex(rule))
    @settings(max_examples=150, deadline=None)
    def holds(text: str) -> None:
        assert any(sign in text for sign in signs)

    holds()


def test_a_german_text_is_told_from_an_english_one(tmp_path: Path) -> None:
    text = (
        "Die Patientin wurde mit Immunglobulin behandelt und das Fieber ging bei der Kontrolle nicht zurück, "
        "wie der Arzt sagte."
    )
    assert document(tmp_path, text).language == "de"


PROSE = "A woman with dermatomyositis was treated with immunoglobulin and she had a headache on the next day."


def test_an_advertisement_within_an_article_does_not_end_it(tmp_path: Path) -> None:
    found = document(
        tmp_path, f"A case of headache\n\n{PROSE}\n\nAdvertisement\n\nThe headache went away in three days."
    )
    assert "went away" in found.text
    assert "Advertisement" not in found.text


def test_the_comment_of_an_older_journal_is_its_discussion_and_comments_are_not(tmp_path: Path) -> None:
    found = document(tmp_path, f"A case of headache\n\n{PROSE}\n\nCOMMENT\n\n{PROSE} It is rarely told of.")
    assert "rarely told" in found.text
    assert "comment" in sections(found)
    found = document(tmp_path, f"A case of headache\n\n{PROSE}\n\nComments\n\nI had this too and it was no fun.")
    assert "no fun" not in found.text


def test_a_page_laid_out_by_a_table_is_read_in_paragraphs_and_a_table_of_data_stays_one(tmp_path: Path) -> None:
    page = (
        "<html><head><title>A case of headache</title></head><body><table><tr><td><h1>A case of headache</h1>"
        f"<h2>Case</h2><p>{PROSE}</p><p>{PROSE} Again.</p><table><tr><th>Day</th><th>Headache</th></tr>"
        "<tr><td>1</td><td>yes</td></tr></table></td><td><p>Menu</p><p>Log in</p></td></tr></table></body></html>"
    )
    found = document(tmp_path, page, "page.html").text
    assert f"\n\n{PROSE}\n\n{PROSE} Again." in found
    assert "| Day | Headache |" in found
    assert "Log in" not in found


def test_an_exponent_of_a_page_stays_one_and_a_mark_of_a_reference_becomes_none(tmp_path: Path) -> None:
    page = (
        f"<html><body><article><h1>A case of headache</h1><p>{PROSE} Platelets were 21 × 10<sup>9</sup>/L.</p>"
        f"<p>{PROSE} The surface was 2 m<sup>2</sup> in 10 patients.<sup>9</sup></p></article></body></html>"
    )
    found = document(tmp_path, page, "page.html").text
    assert "10⁹/L" in found
    assert "2 m² in" in found
    assert "⁹ " not in found


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "empty" in refusal(tmp_path, b" \n\t\n").message


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    assert "binary" in refusal(tmp_path, b"MZ\x90\x00\x03\x00\x00\x00" * 200).message


def test_a_picture_is_refused_by_its_name_as_such(tmp_path: Path) -> None:
    assert "picture" in refusal(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100)).message


def test_wrong_utf8_is_refused_with_the_place(tmp_path: Path) -> None:
    error = refusal(tmp_path, b"Sch\xf6nlein purpura was treated.")
    assert "byte 3 is 0xf6" in error.message
    assert "iconv" in error.remedy


def test_a_text_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = "Henoch-Schönlein purpura was treated with immunoglobulin and resolved within a week."
    assert document(tmp_path, text.encode("utf-16")).text == text
    assert document(tmp_path, text.encode("utf-8-sig")).text == text


def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    page = PAGE.replace('charset="utf-8"', 'charset="iso-8859-1"').replace("anaemia", "Schönlein purpura")
    assert "Schönlein purpura" in document(tmp_path, page.encode("latin-1")).text


def test_a_page_without_an_article_is_refused(tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><nav><a>Home</a></nav></body></html>"
    assert "no article" in refusal(tmp_path, page).message


def test_a_text_of_furniture_alone_is_refused(tmp_path: Path) -> None:
    assert "no article" in refusal(tmp_path, b"Skip to main content\nLog in\nSubscribe\nPrivacy policy\n").message


def test_a_file_above_the_limit_is_refused_with_the_setting_to_change(tmp_path: Path) -> None:
    error = refusal(tmp_path, b"word " * 1000, max_bytes=1000)
    assert "max_document_mb" in error.remedy


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read"):
        list(read(tmp_path, max_bytes=MB))


def test_a_text_of_twenty_megabytes_is_read_in_linear_time(tmp_path: Path) -> None:
    line = "The patient was treated with immunoglobulin for a well-known neuropathy and improved within weeks.\n"

    def seconds(megabytes: int) -> float:
        start = time.process_time()
        document(tmp_path, line * (megabytes * MB // len(line)))
        return time.process_time() - start

    assert seconds(8) < 12 * max(seconds(2), 0.05)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_give_a_document_or_a_refusal(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(data)
    with contextlib.suppress(ReadError):
        (found,) = read(path, max_bytes=MB)
        assert found.text.strip()


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_passages_of_any_text_are_in_order_and_do_not_overlap(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any"
    path.write_text(
        text + "\nThe patient was given immunoglobulin for a long time and improved.",
        encoding="utf-8",
        errors="replace",
    )
    try:
        (found,) = read(path, max_bytes=MB)
    except ReadError:
        return
    ends = [0, *(passage.end for passage in found.passages)]
    assert all(end <= passage.start < passage.end for end, passage in zip(ends, found.passages, strict=False))


def test_documents_below_a_directory_are_found_sorted_and_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a.html", "sources.tsv", "deep/c.md", ".hidden/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = list(files.find([tmp_path, tmp_path / "b.txt"]))
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a.html", "b.txt", "deep/c.md"]
    assert [path.name for path in files.skipped([tmp_path])] == ["sources.tsv"]


def test_a_file_that_is_named_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "page.dat").write_text("x")
    assert list(files.find([tmp_path / "page.dat"])) == [tmp_path / "page.dat"]


def test_an_unknown_path_and_an_empty_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        list(files.find([tmp_path / "nowhere"]))
    with pytest.raises(ReadError, match="holds no document"):
        list(files.find([tmp_path]))


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the shared folder is not here")
def test_the_seeds_lose_what_is_no_article() -> None:
    texts = [found.text for path in files.find([SEEDS]) for found in read(path, max_bytes=MB)]
    for furniture in ("quiz", "website", "Full text links", "Epub", "WebMD", "Elsevier", "Toggle", "Clin Rev Allergy"):
        assert not any(furniture in text for text in texts)
