from pathlib import Path

from ivigraph import pipeline
from ivigraph.errors import IvigraphError, ReadError
from ivigraph.extracting import Extracting, Recipe
from ivigraph.ingest.extract import extractor
from ivigraph.ontology.vocabulary import load
from ivigraph.pipeline import Failure

MB = 1_000_000
REPORT = (
    "A 40-year-old woman with dermatomyositis received intravenous immunoglobulin. "
    "She developed headache after the infusion."
)


class Broken:
    """An extractor with a bug that shows in some documents."""

    name, version, languages = "broken", "1", ("en",)

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


def test_another_text_under_the_same_identifier_is_not_lost(tmp_path):
    write(tmp_path, a=f"{REPORT}\n\nDOI: 10.1000/one", b="Methotrexate helped.\n\nDOI: 10.1000/one")
    first, second = read(tmp_path)
    assert first.id == second.id == "doi:10.1000/one"
    assert first.text != second.text


def test_processes_give_the_same_claims_in_the_same_order(tmp_path):
    write(tmp_path, **{f"n{number:02}": REPORT.replace("40", str(number)) for number in range(20, 32)})
    recipe = Recipe(term_index="none")
    with Extracting(recipe) as extracting:
        alone = list(pipeline.extractions(read(tmp_path), extracting))
    documents = pipeline.documents(pipeline.sources([tmp_path]), max_bytes=MB, processes=2)
    assert list(pipeline.extractions_by(documents, recipe, 2)) == alone


def test_the_same_text_twice_is_one_document_and_names_the_first(tmp_path):
    write(tmp_path, a=REPORT, b=REPORT)
    first, second = read(tmp_path)
    assert not isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert first.source in second.error.message


def test_a_bug_in_an_extractor_costs_one_document_and_is_told_as_a_bug(tmp_path):
    write(tmp_path, a="Here is trouble with intravenous immunoglobulin.", b=REPORT)
    failed, done = pipeline.extractions(read(tmp_path), Extracting(Recipe(term_index="none"), Broken()))
    assert isinstance(failed, Failure)
    assert "ZeroDivisionError" in failed.error.message
    assert "bug" in failed.error.remedy
    assert done.document.source.endswith("b.txt")


def test_failures_travel_through_every_step(tmp_path):
    failure = Failure("x", IvigraphError("wrong"))
    for step in (
        pipeline.documents([failure], max_bytes=MB),
        pipeline.extractions([failure], Extracting(Recipe(term_index="none"), Broken())),
    ):
        assert list(step) == [failure]


def test_nothing_is_read_before_it_is_asked_for(tmp_path):
    write(tmp_path, a=REPORT, b=REPORT.replace("40", "41"))
    steps = pipeline.documents(pipeline.sources([tmp_path]), max_bytes=MB)
    first = next(steps)
    (tmp_path / "b.txt").unlink()
    assert "40-year-old" in first.text
    assert isinstance(next(steps), Failure)
