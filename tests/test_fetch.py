"""`ivigraph fetch` and `ivigraph watch` against a server on this machine that speaks as NCBI's E-utilities do."""

import re
import threading
import time
from collections import Counter
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlsplit

import pytest

from ivigraph import fetching
from ivigraph.errors import ReadError, SettingsError
from ivigraph.ingest.fetch import eutils
from ivigraph.ingest.fetch.http import Client
from ivigraph.pipeline import Failure

ABSTRACT = "A {age}-year-old woman with dermatomyositis received intravenous immunoglobulin. She developed headache."


class Library:
    """What the server has, what it was asked, and the faults that it has in store."""

    def __init__(self):
        self.records = {}
        self.full_texts = {}
        self.days = {}
        self.asked = []
        self.faults = []
        self.history = {}
        self.numbers = count()

    def add(self, pmid, *, doi="", pmcid="", age=40, day="2020/01/01"):
        ids = "".join(
            f'<ArticleId IdType="{kind}">{value}</ArticleId>' for kind, value in (("doi", doi), ("pmc", pmcid)) if value
        )
        self.days[pmid] = day
        self.records[pmid] = (
            f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>Report number'
            f" {pmid} on headache after a therapy</ArticleTitle><Abstract><AbstractText>{ABSTRACT.format(age=age)}"
            f"</AbstractText></Abstract><Language>eng</Language></Article></MedlineCitation><PubmedData><ArticleIdList>{ids}"
            "</ArticleIdList></PubmedData></PubmedArticle>"
        )
        if pmcid:
            self.full_texts[pmcid.removeprefix("PMC")] = (
                '<article article-type="case-report"><front><article-meta>'
                f'<article-id pub-id-type="pmid">{pmid}</article-id>'
                f'<article-id pub-id-type="pmc">{pmcid}</article-id>'
                "<title-group><article-title>Report in full</article-title></title-group></article-meta></front><body>"
                f"<sec><title>Case report</title><p>{ABSTRACT.format(age=age)} {'She recovered slowly. ' * 200}</p>"
                "</sec></body></article>"
            )

    def found(self, form):
        term = form["term"]
        if match := re.fullmatch(r"(10\.\S+)\[doi\]", term):
            return [pmid for pmid, record in self.records.items() if f">{match[1]}<" in record]
        first, last = form["mindate"], form["maxdate"]
        return [pmid for pmid in self.records if first <= self.days[pmid] <= last]

    def keep(self, ids):
        self.history[name := f"env{next(self.numbers)}"] = list(ids)
        return f"<WebEnv>{name}</WebEnv><QueryKey>1</QueryKey>"

    def answer(self, program, form):
        if program == "esearch.fcgi":
            if form["term"] == "nonsense[":
                return "<eSearchResult><ERROR>unbalanced bracket</ERROR></eSearchResult>"
            ids = self.found(form)
            listed = "".join(f"<Id>{id}</Id>" for id in ids[: int(form["retmax"])])
            kept = self.keep(ids) if form.get("usehistory") else ""
            return f"<eSearchResult><Count>{len(ids)}</Count>{kept}<IdList>{listed}</IdList></eSearchResult>"
        if program == "epost.fcgi":
            return f"<ePostResult>{self.keep(form['id'].split(','))}</ePostResult>"
        ids = self.history[form["WebEnv"]][int(form["retstart"]) :][: int(form["retmax"])]
        if form["db"] == "pmc":
            return f"<pmc-articleset>{''.join(self.full_texts[id] for id in ids)}</pmc-articleset>"
        return f"<PubmedArticleSet>{''.join(self.records[id] for id in ids if id in self.records)}</PubmedArticleSet>"


@pytest.fixture
def ncbi():
    library = Library()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def do_POST(self):
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            program = urlsplit(self.path).path.rsplit("/", 1)[-1]
            library.asked.append((program, form))
            fault = library.faults.pop(0) if library.faults else None
            try:
                body = library.answer(program, form).encode()
            except KeyError:
                self.send_error(400, "unknown WebEnv")
                return
            if isinstance(fault, int):
                self.send_response(fault)
                if fault == 429:
                    self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            if fault != "ends early without a length":
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault == "slow":
                for byte in body[:50]:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                body = body[50:]
            self.wfile.write(body[: len(body) // 2] if str(fault).startswith("ends early") else body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    library.url = f"http://127.0.0.1:{server.server_address[1]}/entrez/eutils/"
    yield library
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(ncbi, tmp_path):
    return Client(url=ncbi.url, directory=tmp_path / "fetched", backoff=0.01, key="secret", email="a@example.org")


def pmids_in(files):
    return [id for file in files for ids in eutils.identifiers_in(file) for id in ids if id.startswith("pmid:")]


EVER = eutils.published_since(None, date(2024, 1, 1))


def test_a_search_gives_every_record_in_batches_from_the_history_server(ncbi, client, monkeypatch):
    monkeypatch.setattr(eutils, "BATCH", 4)
    for pmid in range(1, 11):
        ncbi.add(str(pmid))
    (found,) = eutils.search(client, "IVIG", EVER)
    assert pmids_in(eutils.pubmed_files(client, found)) == [f"pmid:{pmid}" for pmid in range(1, 11)]
    assert Counter(program for program, _ in ncbi.asked) == {"esearch.fcgi": 1, "efetch.fcgi": 3}
    assert all("WebEnv" in form for program, form in ncbi.asked if program == "efetch.fcgi")


def test_every_request_names_tool_and_address_and_sends_the_key_in_the_body(ncbi, client):
    ncbi.add("1")
    list(eutils.search(client, "IVIG", EVER))
    ((_, form),) = ncbi.asked
    assert (form["tool"], form["email"], form["api_key"]) == ("ivigraph", "a@example.org", "secret")


def test_a_search_with_too_many_results_is_cut_at_dates(ncbi, client, monkeypatch):
    monkeypatch.setattr(eutils, "MOST", 3)
    for number in range(1, 11):
        ncbi.add(str(number), day=f"20{number:02}/06/01")
    parts = list(eutils.search(client, "IVIG", EVER))
    assert all(len(part.ids) <= 3 for part in parts)
    assert sorted(int(id) for part in parts for id in part.ids) == list(range(1, 11))


@pytest.mark.parametrize("fault", [429, 500, 503, "ends early", "ends early without a length", "slow"])
def test_a_fault_of_the_server_is_tried_again(ncbi, client, fault):
    ncbi.add("1")
    ncbi.faults = [fault, fault]
    (found,) = eutils.search(client, "IVIG", EVER)
    assert found.ids == ("1",)


def test_a_server_that_stays_faulty_is_told_without_the_key(ncbi, client):
    ncbi.faults = [500] * 20
    with pytest.raises(ReadError, match="500") as caught:
        list(eutils.search(client, "IVIG", EVER))
    assert "secret" not in str(caught.value)
    assert len(ncbi.asked) == 6


def test_what_was_fetched_is_not_asked_for_again(ncbi, client):
    ncbi.add("1")
    for _ in range(2):
        (found,) = eutils.search(client, "IVIG", EVER)
        list(eutils.pubmed_files(client, found))
    assert len(ncbi.asked) == 2


def test_a_fetch_that_was_stopped_goes_on_where_it_was(ncbi, client, monkeypatch):
    monkeypatch.setattr(eutils, "BATCH", 2)
    for pmid in range(1, 7):
        ncbi.add(str(pmid))
    (found,) = eutils.search(client, "IVIG", EVER)
    files = eutils.pubmed_files(client, found)
    next(files)
    files.close()
    ncbi.asked.clear()
    ncbi.history.clear()  # forgotten meanwhile
    (found,) = eutils.search(client, "IVIG", EVER)
    assert len(pmids_in(eutils.pubmed_files(client, found))) == 6
    done = Counter(program for program, _ in ncbi.asked)
    assert done == {"efetch.fcgi": 4, "epost.fcgi": 2}  # each of the two batches left: refused, put there again, given


def test_a_query_that_pubmed_refuses_is_told_in_its_words(client):
    with pytest.raises(ReadError, match="unbalanced bracket"):
        list(eutils.search(client, "nonsense[", EVER))


def test_articles_are_fetched_by_pmid_pmcid_and_doi_and_what_is_not_there_is_named(ncbi, client):
    ncbi.add("1")
    ncbi.add("2", doi="10.1000/two")
    ncbi.add("3", pmcid="PMC33")
    ids = fetching.wanted(["1", "pmid:99", "https://doi.org/10.1000/two", "10.1000/none", "PMC33"])
    found = list(fetching.fetched(client, ids, None, full_text=False))
    failures = {item.source for item in found if isinstance(item, Failure)}
    assert failures == {"99", "10.1000/none"}
    names = {str(item.parent.name) for item in found if not isinstance(item, Failure)}
    assert names == {"pubmed", "pmc"}


@pytest.mark.parametrize("name", ["nonsense", "10.1/x", "PMCX", "-1", "../../etc/passwd"])
def test_what_is_no_identifier_is_refused(name):
    with pytest.raises(SettingsError, match="no PMID"):
        fetching.wanted([name])


def test_nothing_is_fetched_unless_the_network_is_allowed(ncbi, ivigraph):
    done = ivigraph("fetch", "1", environ={"IVIGRAPH_NCBI_URL": ncbi.url})
    assert done.returncode == 2
    assert "--allow-network" in done.stderr
    assert ncbi.asked == []


def test_a_search_is_fetched_read_watched_and_its_changes_reported(ncbi, ivigraph, tmp_path):
    today = f"{date.today():%Y/%m/%d}"
    environ = {"IVIGRAPH_NCBI_URL": ncbi.url, "IVIGRAPH_ALLOW_NETWORK": "true", "IVIGRAPH_NCBI_API_KEY": "k"}
    ncbi.add("1", doi="10.1000/one", pmcid="PMC11")
    ncbi.add("2")
    done = ivigraph("fetch", "--search", "IVIG", "--since", "2019", "--full-text", "--store", "graph", environ=environ)
    assert done.returncode == 0, done.stderr
    assert "2 documents" in done.stderr
    ncbi.add("3", age=50, day=today)
    ncbi.add("2", age=60, day=today)
    done = ivigraph("watch", "--store", "graph", environ=environ)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")) == ["", "+\tpmid:3", "~\tpmid:2"]
    again = ivigraph("watch", "--store", "graph", environ=environ)
    assert again.stdout == ""


@pytest.mark.parametrize(("key", "most"), [("", 3), ("secret", 10)])
def test_no_second_sees_more_requests_than_ncbi_allows(tmp_path, key, most):
    client = Client(url="http://127.0.0.1:9", directory=tmp_path, key=key)
    begun = time.monotonic()
    for _ in range(most + 1):
        client._take_turn()
    assert time.monotonic() - begun >= 1
