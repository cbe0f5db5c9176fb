import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from rdflib import Graph

from ivigraph import pipeline
from ivigraph.errors import IvigraphError, ReadError
from ivigraph.ingest.extract import extractor
from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.pipeline import DocumentGraph, Failure
from ivigraph.store import open_store

MB = 1_000_000
REPORT = (
    "A 40-year-old woman with dermatomyositis received intravenous immunoglobulin. "
    "She developed headache after the infusion."
)


class Broken:
    """An extractor with a bug that shows in some documents."""

    name, version = "broken", "1"

    def extract(self, document):
        if "trouble" in document.text:
            raise ZeroDivisionError("a bug")
        return extractor("rules", load()).extract(document)


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def read(*paths):
    return list(pipeline.documents(pipeline.sources(paths), max_bytes=MB))


def test_a_document_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    write(tmp_path, a=REPORT, b="", c=REPORT.replace("40", "41"))
    first, second, third = read(tmp_path)
    assert isinstance(second, Failure)
    assert isinstance(second.error, ReadError)
    assert second.source.endswith("b.txt")
    assert "40-year-old" in first.text
    assert "41-year-old" in third.text


def test_an_unknown_path_is_a_failure_among_the_others(tmp_path):
    write(tmp_path, a=REPORT)
    missing, found = read(Path("no/such/folder"), tmp_path)
    assert isinstance(missing, Failure)
    assert not isinstance(found, Failure)


def test_the_same_text_twice_is_one_document_and_names_the_first(tmp_path):
    write(tmp_path, a=REPORT, b=REPORT)
    first, second = read(tmp_path)
    assert not isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert first.source in second.error.message


def test_a_bug_in_an_extractor_costs_one_document_and_is_told_as_a_bug(tmp_path):
    write(tmp_path, a="Here is trouble with intravenous immunoglobulin.", b=REPORT)
    failed, done = pipeline.extractions(read(tmp_path), Broken())
    assert isinstance(failed, Failure)
    assert "ZeroDivisionError" in failed.error.message
    assert "bug" in failed.error.remedy
    assert done.document.source.endswith("b.txt")


def test_failures_travel_through_every_step(tmp_path):
    failure = Failure("x", IvigraphError("wrong"))
    for step in (
        pipeline.documents([failure], max_bytes=MB),
        pipeline.extractions([failure], Broken()),
        pipeline.graphs([failure], Minter()),
    ):
        assert list(step) == [failure]


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    write(tmp_path, a=REPORT, b=REPORT.replace("40", "41"))
    steps = pipeline.documents(pipeline.sources([tmp_path]), max_bytes=MB)
    first = next(steps)
    (tmp_path / "b.txt").unlink()
    assert "40-year-old" in first.text
    assert isinstance(next(steps), Failure)


@pytest.fixture
def graphs(tmp_path):
    extractions = pipeline.extractions(read(write(tmp_path, a=REPORT)), extractor("rules", load()))
    return list(pipeline.graphs(extractions, Minter()))


def test_each_document_has_a_graph_of_its_own(graphs):
    (item,) = graphs
    assert isinstance(item, DocumentGraph)
    assert item.name == Minter().document_graph(item.extraction.document.id)
    assert len(item.graph) > 10


class InterruptedWriter:
    """A real writer during whose first document the user presses Ctrl-C."""

    def __init__(self, writer):
        self.writer, self.pressed = writer, False

    def replace_graph(self, name, graph):
        if "/document/" in name and not self.pressed:
            self.pressed = True
            os.kill(os.getpid(), signal.SIGINT)
        return self.writer.replace_graph(name, graph)


class InterruptedStore:
    def __init__(self, store):
        self.store = store

    @contextmanager
    def writer(self):
        with self.store.writer() as writer:
            yield InterruptedWriter(writer)


def test_ctrl_c_while_a_document_is_written_keeps_it_whole_and_stops_after_it(tmp_path):
    papers = tmp_path / "papers"
    papers.mkdir()
    write(papers, a=REPORT, b=REPORT.replace("40", "41"))
    items = list(pipeline.graphs(pipeline.extractions(read(papers), extractor("rules", load())), Minter()))
    with open_store(tmp_path / "graph", create=True) as store:
        with pytest.raises(KeyboardInterrupt):
            pipeline.ingest(items, InterruptedStore(store), (Minter().vocabulary_graph, Graph()))
        first, second = (
            store.construct(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{i.name}> {{ ?s ?p ?o }} }}") for i in items
        )
    assert set(first) == set(items[0].graph)
    assert len(second) == 0


def test_a_run_without_a_document_publishes_nothing(tmp_path):
    failure = Failure("x", IvigraphError("wrong"))
    with open_store(tmp_path / "graph", create=True) as store:
        report = pipeline.ingest([failure], store, (Minter().vocabulary_graph, Graph()))
        assert store.generation == 0
    assert report.failures == [failure]
