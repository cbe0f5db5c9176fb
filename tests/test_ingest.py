"""`ivigraph ingest` and its ledger: what is read again and what is not, one article from several sources, kills."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rdflib import Graph

from ivigraph import ingesting, ledger, pipeline
from ivigraph.extracting import Recipe
from ivigraph.namespaces import DEFAULT_BASE, Minter, prefixes
from ivigraph.store import open_store

ROOT = Path(__file__).parents[1]
MB = 1_000_000
EVERYTHING = "SELECT * { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), '/graph/document/')) }"
CASE = (
    "{title}\n\nA {age}-year-old woman with dermatomyositis received intravenous immunoglobulin. "
    "She developed headache after the infusion."
)


def case(age, title="", **more):
    return "\n\n".join([CASE.format(title=title, age=age).strip(), *(f"{k.upper()}: {v}" for k, v in more.items())])


def record(pmid, title, abstract, *, doi="", revised="2020", more="", types="Case Reports"):
    named = f'<ArticleId IdType="doi">{doi}</ArticleId>' if doi else ""
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><DateRevised><Year>{revised}</Year>'
        "<Month>01</Month><Day>01</Day></DateRevised><Article><Journal><JournalIssue><PubDate><Year>2019</Year>"
        f"</PubDate></JournalIssue><Title>Journal</Title></Journal><ArticleTitle>{title}</ArticleTitle>"
        f"<Abstract><AbstractText>{abstract}</AbstractText></Abstract><AuthorList><Author><LastName>Ivanova</LastName>"
        "<ForeName>Maria</ForeName></Author></AuthorList><Language>eng</Language><PublicationTypeList>"
        f"<PublicationType>{types}</PublicationType></PublicationTypeList></Article>{more}</MedlineCitation>"
        f"<PubmedData><ArticleIdList>{named}</ArticleIdList></PubmedData></PubmedArticle>"
    )


def records(*items):
    return f"<PubmedArticleSet>{''.join(items)}</PubmedArticleSet>"


def deleted(pmid):
    return f"<DeleteCitation><PMID Version='1'>{pmid}</PMID></DeleteCitation>"


class Place:
    """A folder of papers and a store, without the graph of the vocabulary, which takes longer than all the rest."""

    def __init__(self, folder):
        self.papers = folder / "papers"
        self.papers.mkdir()
        self.store = folder / "graph"

    def write(self, **texts):
        for name, text in texts.items():
            (self.papers / name.replace("_", ".")).write_text(text, encoding="utf-8")

    def ingest(self, *paths, **more):
        options = ingesting.Options(max_bytes=MB, base_iri=DEFAULT_BASE, **more)
        found = list(pipeline.sources(paths or [self.papers]))
        with open_store(self.store, create=True) as store, ledger.opened(self.store, writing=True) as entered:
            return ingesting.run(
                found, store, entered, Recipe(term_index="none"), ("", Graph), options, ingesting.silent
            )

    def graph(self):
        return quads(self.store)

    def rows(self, query):
        with open_store(self.store, prefixes=prefixes(Minter())) as store:
            return [tuple(str(value) for value in row.values()) for row in store.select(query)]

    def titles(self):
        return sorted(title for (title,) in self.rows("SELECT ?t { ?d a ivo:Document ; dcterms:title ?t }"))


def quads(path):
    """All that was read from documents, as sorted lines."""
    with open_store(path) as store:
        return sorted(" ".join(term.n3() for term in row.values()) for row in store.select(EVERYTHING))


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_an_unchanged_file_is_not_read_again_and_a_changed_one_is(place):
    place.write(a_txt=case(40), b_txt=case(50))
    first = place.ingest()
    assert (first.documents, first.changed, first.unchanged_files) == (2, 2, 0)
    place.write(b_txt=case(60))
    second = place.ingest()
    assert (second.documents, second.unchanged_files) == (2, 1)
    assert second.change.new_documents == second.change.gone_documents == 1
    text = " ".join(place.graph())
    assert "60-year-old" in text
    assert "50-year-old" not in text


def test_a_file_that_became_unreadable_loses_nothing_that_it_gave_before(place):
    place.write(a_txt=case(40))
    place.ingest()
    before = place.graph()
    (place.papers / "a.txt").write_bytes(b"\xff\xfe\xff")
    report = place.ingest()
    assert [failure.source.endswith("a.txt") for failure in report.failures] == [True]
    assert place.graph() == before


def test_a_failure_is_told_by_every_run_until_it_is_mended(place):
    place.write(a_txt=case(40), b_txt="")
    for _ in range(2):
        report = place.ingest()
        assert [Path(failure.source).name for failure in report.failures] == ["b.txt"]
    place.write(b_txt=case(50))
    assert place.ingest().failures == []


def test_another_version_of_the_extractor_reads_again_what_is_named_and_nothing_else(place, monkeypatch):
    place.write(a_txt=case(40), b_txt=case(50))
    place.ingest()
    before = place.graph()
    monkeypatch.setattr("ivigraph.fingerprint.extraction", lambda extractor: "rules-9 other")
    with ledger.opened(place.store) as entered:
        old = {row[0] for row in entered.database.execute("SELECT how FROM published")}
    report = place.ingest(place.papers / "a.txt")
    with ledger.opened(place.store) as entered:
        new = sorted(row[0] for row in entered.database.execute("SELECT how FROM published"))
    assert len(old) == 1
    assert len(new) == 2
    assert old < set(new)
    assert report.unchanged_files == 1
    assert place.graph() == before


def test_a_run_by_force_reads_all_again_and_changes_nothing(place):
    place.write(a_txt=case(40))
    place.ingest()
    before = place.graph()
    report = place.ingest(force=True)
    assert (report.unchanged_files, report.changed) == (0, 0)
    assert place.graph() == before


def test_a_store_that_was_put_back_to_an_older_state_is_filled_again(place):
    place.write(a_txt=case(40))
    place.ingest()
    place.write(b_txt=case(50))
    place.ingest()
    before = place.graph()
    (place.store / "current").write_text("1\n")
    place.ingest()
    assert place.graph() == before


def test_processes_give_the_same_graph_as_none(place, tmp_path):
    place.write(**{f"n{age}_txt": case(age) for age in range(20, 50)})
    place.ingest()
    alone = place.graph()
    place.store = tmp_path / "graph-of-processes"
    assert place.ingest(processes=3).documents == 30
    assert place.graph() == alone


def test_an_ingest_without_a_readable_document_leaves_no_store(place, ivigraph):
    place.write(a_txt="")
    done = ivigraph("ingest", place.papers, "--store", place.store)
    assert done.returncode == 1
    assert "nothing was stored" in done.stderr
    assert not place.store.exists()


# One article, one document.

TITLE = "Headache after intravenous immunoglobulin in a woman with dermatomyositis"
ABSTRACT = (
    "A 40-year-old woman with dermatomyositis received intravenous immunoglobulin 2 g/kg over five days. She developed "
    "headache two days after the infusion, which resolved completely without any treatment within 3 days."
)
BODY = " ".join(
    f"On day {day} of the admission the strength was examined again and the enzymes were {day * 31} units per litre."
    for day in range(1, 45)
)


def test_a_citation_and_a_text_with_the_same_identifier_are_one_document_with_the_fuller_text(place):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT, doi="10.1000/a")))
    place.write(b_txt=f"{TITLE}\n\nDOI: 10.1000/a\n\nAbstract\n\n{ABSTRACT}\n\nCase report\n\n{BODY}")
    report = place.ingest()
    assert (report.documents, report.same_articles, report.failures) == (1, 1, [])
    ((title, kept, also, journal, identifiers),) = place.rows(
        "SELECT ?t ?s ?a ?j (GROUP_CONCAT(?i; separator=' ') AS ?ids) { SELECT ?t ?s ?a ?j ?i { ?d dcterms:title ?t ;"
        " ivo:sourceName ?s ; ivo:alsoReadFrom ?a ; ivo:journal ?j ; dcterms:identifier ?i } ORDER BY ?i }"
        " GROUP BY ?t ?s ?a ?j"
    )
    assert (title, kept, also, journal) == (TITLE, "b.txt", "a.xml#1", "Journal")
    assert identifiers == "doi:10.1000/a pmid:1"


def test_the_order_in_which_the_sources_of_an_article_are_read_does_not_matter(place, tmp_path):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT)), b_txt=f"{TITLE}\n\nDOI: 10.1000/a\n\n{ABSTRACT}\n\n{BODY}")
    place.write(c_nbib=f"PMID- 1\nTI  - {TITLE}\nAB  - {ABSTRACT}\nAID - 10.1000/a [doi]\n")
    place.ingest()
    together = place.graph()
    for number, order in enumerate(("abc", "cab", "bca")):
        place.store = tmp_path / f"graph{number}"
        for name in order:
            place.ingest(next(place.papers.glob(f"{name}.*")))
        assert place.graph() == together


def test_the_same_article_without_a_common_identifier_is_recognised_by_title_author_and_year(place):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT)))
    line = {"title": TITLE.upper(), "text": BODY, "authors": ["M. Ivanova"], "year": 2019}
    place.write(b_jsonl=json.dumps(line))
    assert place.ingest().documents == 1


def test_the_same_article_without_any_record_is_recognised_by_its_title_and_text(place):
    place.write(
        a_xml=records(record(1, TITLE, ABSTRACT)), b_jsonl=json.dumps({"title": TITLE, "text": ABSTRACT + BODY})
    )
    assert place.ingest().documents == 1


@pytest.mark.parametrize("other", [
    {"title": TITLE, "text": BODY, "authors": ["P Other"], "year": 2019},
    {"title": TITLE, "text": BODY, "authors": ["M Ivanova"], "year": 2011},
    {"title": TITLE, "text": ABSTRACT, "pmid": "2"},
    {"title": TITLE, "text": ABSTRACT.replace("40-year", "63-year").replace("five", "2")},
    {"title": "Case report", "text": ABSTRACT},
])  # fmt: skip
def test_what_only_resembles_an_article_stays_a_document_of_its_own(place, other):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT)), b_jsonl=json.dumps(other))
    assert place.ingest().documents == 2


def test_another_text_under_the_identifier_of_an_article_is_kept_under_another_name_and_told(place):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT, doi="10.1000/a")))
    other = "Rituximab depletes lymphocytes; pemphigus relapses were rarer among treated volunteers of our registry. "
    place.write(
        b_jsonl=json.dumps(
            {"title": "Rituximab for pemphigus, a long registry study", "text": other, "doi": "10.1000/a"}
        )
    )
    report = place.ingest()
    assert report.documents == 2
    assert report.failures == []
    (note,) = report.notes
    assert "b.jsonl" in note
    assert "doi:10.1000/a" in note
    assert "a.xml#1" in note


def test_a_later_record_of_pubmed_replaces_an_earlier_one(place):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT + " Longer than it will be.", revised="2020")))
    place.ingest()
    place.write(b_xml=records(record(1, f"{TITLE} (corrected)", ABSTRACT, revised="2022")))
    place.ingest()
    assert place.titles() == [f"{TITLE} (corrected)"]


def test_a_deleted_citation_is_taken_out_of_the_graph_and_comes_back_when_it_is_given_again(place):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT), record(2, "Another title that stays here", BODY)))
    place.ingest()
    place.write(b_xml=records(record(3, "A third title that comes with the update", BODY), deleted(1)))
    report = place.ingest()
    assert report.change.gone_documents == 1
    assert len(place.titles()) == 2
    assert TITLE not in place.titles()
    place.write(c_xml=records(record(1, TITLE, ABSTRACT)))
    place.ingest()
    assert TITLE in place.titles()


def test_a_text_of_ones_own_stays_when_pubmed_deletes_its_citation(place):
    place.write(a_txt=f"{TITLE}\n\nPMID: 1\n\n{ABSTRACT}", b_xml=records(deleted(1)))
    assert place.ingest().documents == 1


RETRACTED_CLAIMS = "SELECT DISTINCT ?d { ?c a ivo:Claim ; ivo:retracted true ; biolink:publications ?d }"


@pytest.mark.parametrize("how", ["its own record", "its publication type", "a notice elsewhere", "its title"])
def test_a_retraction_marks_the_document_and_its_claims(place, how):
    link = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="{}"><PMID>{}</PMID></CommentsCorrections>'
        "</CommentsCorrectionsList>"
    )
    more = link.format("RetractionIn", 9) if how == "its own record" else ""
    types = "Retracted Publication" if how == "its publication type" else "Case Reports"
    title = f"RETRACTED ARTICLE: {TITLE}" if how == "its title" else TITLE
    place.write(a_xml=records(record(1, title, ABSTRACT, more=more, types=types)))
    place.write(c_xml=records(record(2, "Another report of a woman who was well", ABSTRACT)))
    place.ingest()
    if how == "a notice elsewhere":
        assert place.rows(RETRACTED_CLAIMS) == []
        place.write(
            b_xml=records(record(9, "Notice that takes an article back", BODY, more=link.format("RetractionOf", 1)))
        )
        place.ingest()
    ((marked,),) = place.rows(RETRACTED_CLAIMS)
    assert marked.endswith("pmid/1")
    assert place.rows("SELECT ?d { ?d a ivo:Document ; ivo:retracted true }") == [(marked,)]


def test_a_document_in_a_language_that_the_extractor_does_not_know_is_kept_with_a_note_and_without_claims(place):
    german = (
        "Eine 40-jährige Frau mit Dermatomyositis wurde mit IVIG behandelt. Die Patientin hatte nach der Infusion "
        "Kopfschmerzen, die nicht mit einer Meningitis zu erklären waren und bei der Entlassung abgeklungen sind. "
    )
    polish = (
        "Kobieta lat 40 z dermatomyositis otrzymała IVIG dożylnie. Po wlewie wystąpił headache, ale ustąpił całkowicie "
        "po kilku dniach bez leczenia, a chora została wypisana do domu w stanie dobrym po dwóch tygodniach pobytu. "
    )
    place.write(a_txt=german, b_txt=polish * 2, c_txt=case(40))
    report = place.ingest()
    assert report.documents == 3
    assert len(report.notes) == 2
    assert {name for (name,) in place.rows(
        "SELECT ?s { ?d ivo:readingNote ?n ; ivo:sourceName ?s FILTER NOT EXISTS { ?c biolink:publications ?d } }"
    )} == {"a.txt", "b.txt"}  # fmt: skip


def test_the_gate_leaves_out_what_mentions_no_therapy_of_interest_and_counts_it(place):
    place.write(a_xml=records(record(1, TITLE, ABSTRACT), *(record(n, "Of other things", "Nothing.") for n in (2, 3))))
    place.write(b_txt=case(40), c_txt="Methotrexate was given for psoriasis, and the skin cleared within weeks.")
    report = place.ingest(about=("ivo:Immunoglobulin",))
    assert (report.documents, report.passed_over) == (2, 3)
    assert place.ingest().documents == 5


def reported(pmid, author, age=41):
    text = (
        f"A {age}-year-old woman with dermatomyositis received intravenous immunoglobulin. She developed haemolysis "
        "after the infusion. She also developed headache."
    )
    return record(pmid, f"Report number {pmid} of a rare reaction to a therapy", text).replace("Ivanova", author)


def test_the_same_patient_in_two_reports_is_proposed_and_both_stay(place):
    place.write(a_xml=records(reported(1, "Petrova"), reported(2, "Petrova"), reported(3, "Other")))
    place.write(b_xml=records(reported(4, "Petrova", age=42)))
    assert place.ingest().cases == 4
    pairs = place.rows("SELECT ?d ?e { ?c ivo:possibleDuplicateOf ?o ; ivo:inDocument ?d . ?o ivo:inDocument ?e }")
    assert sorted((one[-1], other[-1]) for one, other in pairs) == [("1", "2"), ("2", "1")]
    place.write(a_xml=records(reported(1, "Petrova")))
    place.ingest()
    assert place.rows("SELECT ?c { ?c ivo:possibleDuplicateOf ?o }") == []


# Kills.


# As the tests ingest in their own process.
AS_HERE = {"PYTHONPATH": str(ROOT), "IVIGRAPH_EXTRACTOR": "rules", "IVIGRAPH_TERM_INDEX": "none"}


def killed_at_random(folder, arguments, chance, kills, least, most):
    """Run the command line again and again, killing it; then to its end."""
    environ = {**os.environ, **AS_HERE}
    command = [sys.executable, "-m", "ivigraph", *map(str, arguments)]
    done = 0
    while done < kills:
        process = subprocess.Popen(
            command, cwd=folder, env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=chance.uniform(least, most))
        except subprocess.TimeoutExpired:
            process.kill()
            done += 1
        else:
            break
        finally:
            process.wait()
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=300)


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_graph(place, tmp_path):
    place.write(**{f"n{age}_txt": case(age) for age in range(20, 80)})
    place.write(m_xml=records(*(record(n, f"{TITLE} number {n}", ABSTRACT) for n in range(1, 30)), deleted(3)))
    place.ingest()
    undisturbed = place.graph()
    done = killed_at_random(
        tmp_path, ["ingest", place.papers, "--store", "killed", "--processes", "2"], random.Random(4), 4, 1.5, 6
    )
    assert done.returncode == 0, done.stderr
    assert quads(tmp_path / "killed") == undisturbed


def test_ctrl_c_stops_at_once_keeps_what_was_read_and_the_next_run_goes_on(place, tmp_path, interruptible):
    place.write(**{f"n{age:03}_txt": case(age) for age in range(1, 400)})
    command = [sys.executable, "-m", "ivigraph", "ingest", str(place.papers), "--store", "graph", "--processes", "1"]
    environ = {**os.environ, **AS_HERE}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    database = place.store / ledger.NAME
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if database.exists():
            with ledger.opened(place.store) as entered:
                if entered.database.execute("SELECT COUNT(*) FROM results").fetchone()[0]:
                    break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    kept = len(place.titles())
    assert 0 < kept < 399
    assert place.ingest().documents == 399
