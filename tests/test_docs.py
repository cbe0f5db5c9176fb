"""The documentation names only what exists, and names all of it: commands, options, settings, routes, keys, files."""

import json
import re
import tomllib
from dataclasses import fields
from itertools import takewhile
from pathlib import Path

import pytest
import typer
import yaml

from ivigraph import __version__, cli, settings
from ivigraph.ingest.extract import extractor
from ivigraph.ingest.jsonl import to_json
from ivigraph.ingest.readers import read
from ivigraph.model import Certainty, DocumentType, MentionType, Predicate, Qualifiers, Sex, Unit
from ivigraph.namespaces import Minter
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.server.app import create_app
from ivigraph.store import open_store

ROOT = Path(__file__).parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "ontology").glob("**/*.md")]
}
COMMANDS = typer.main.get_command(cli.app).commands


def options(command):
    """The options of a command; of a group, those of all its commands."""
    inner = [options(one) for one in getattr(command, "commands", {}).values()]
    return {o for parameter in command.params for o in (*parameter.opts, *parameter.secondary_opts)}.union(*inner)


OPTIONS = {name: options(command) for name, command in COMMANDS.items()}
CODE = re.compile(r"^```[a-z]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)


def code(page):
    """The lines of code blocks and the code within sentences."""
    for block, span in CODE.findall(PAGES[page]):
        yield from block.splitlines() or [span]


def calls(page):
    """Each call of the command line on a page, as the words that follow `ivigraph`."""
    for line in code(page):
        for call in re.findall(r"(?:^|&& |-m )ivigraph ([^#&|>]+)", line.strip()):
            yield call.split()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_on_a_page_exists(page):
    for name, *words in calls(page):
        if name.startswith(("-", "PATH")):
            continue
        assert name in COMMANDS, f"ivigraph {name}"
        given = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert given <= OPTIONS[name], f"ivigraph {name} {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES)
def test_every_question_that_a_page_asks_is_in_the_catalogue(page):
    asked = {words[1] for words in calls(page) if words[0] == "query" and len(words) > 1 and words[1].islower()}
    assert {name for name in asked if not name.startswith("-")} <= set(catalogue.load())


def test_the_readme_lists_every_command():
    assert {words[0] for words in calls("README.md")} >= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_of_the_project_resolves(page):
    text = CODE.sub("", PAGES[page])
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:|#", target)]
    missing = [target for target in targets if not ((ROOT / page).parent / target.partition("#")[0]).exists()]
    assert not missing


def rows(page, *head):
    """The cells of the table whose head starts with these cells."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        for line in PAGES[page].splitlines()
    ]
    start = next(number for number, cells in enumerate(lines) if cells[: len(head)] == list(head))
    return list(takewhile(bool, lines[start + 2 :]))


def named(page, *head):
    """The names in the first column of a table."""
    return {name for first, *_ in rows(page, *head) for name in re.findall(r"`(\w+)`", first)}


def test_every_setting_is_documented_with_its_variable_and_default():
    documented = {
        name.strip("`"): (variable.strip("`"), default.strip("`"))
        for name, variable, default, *_ in rows("docs/settings.md", "setting")
    }
    defaults = settings.Settings()
    assert documented == {name: (f"IVIGRAPH_{name.upper()}", defaults.shown(name)) for name in settings.names()}


def test_every_setting_says_what_it_means_in_the_same_words_as_the_program():
    for name, _, _, meaning in rows("docs/settings.md", "setting"):
        assert meaning.startswith(settings.about(name.strip("`")).about.partition(";")[0])


def test_the_toml_of_the_settings_page_is_accepted(tmp_path):
    example = re.search(r"```toml\n(.*?)```", PAGES["docs/settings.md"], re.DOTALL)[1]
    (tmp_path / "ivigraph.toml").write_text(example)
    loaded = settings.load(environ={}, config=tmp_path / "ivigraph.toml")
    given = {name for name, origin in loaded.origins.items() if origin != "default"}
    assert given == set(tomllib.loads(example))


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    """The first part of every path that the server answers."""
    with open_store(tmp_path_factory.mktemp("docs") / "graph", create=True) as store:
        described = create_app(store, Minter(settings.Settings().base_iri), load()).openapi()
    return {path.split("/")[1] for path in described["paths"]}


@pytest.mark.parametrize("page", PAGES)
def test_every_route_on_a_page_exists(page, routes):
    paths = {span for span in code(page) if re.fullmatch(r"/[a-z][\w/{}….-]*", span)}
    assert {path for path in paths if path.split("/")[1] not in routes} == set()


def extraction(tmp_path, text):
    (tmp_path / "example.txt").write_text(text)
    (document,) = read(tmp_path / "example.txt", max_bytes=10_000)
    return to_json(extractor("rules", load()).extract(document))


def example_claim():
    return json.loads(re.search(r"```json\n(.*?)```", PAGES["docs/claims.md"], re.DOTALL)[1])


def test_the_example_claim_is_what_the_program_extracts(tmp_path):
    example = example_claim()
    (claim,) = extraction(tmp_path, example["quote"])["claims"]
    assert {**claim, "confidence": None} == {**example, "confidence": None}


def test_every_key_of_the_json_is_documented(tmp_path):
    printed = extraction(tmp_path, f"A 40-year-old woman had dermatomyositis. {example_claim()['quote']}")
    assert set(printed) == named("docs/claims.md", "key", "value")
    assert printed["mentions"]
    assert printed["cases"]
    for item in (*printed["mentions"], *printed["cases"], *printed["claims"]):
        assert {key for key in item if f"`{key}`" not in PAGES["docs/claims.md"]} == set()


def test_every_qualifier_is_documented():
    qualifiers = named("docs/claims.md", "qualifier")
    assert qualifiers == {field.name for field in fields(Qualifiers)}


def test_every_word_that_a_value_can_be_is_documented():
    assert named("docs/claims.md", "`predicate`") == set(Predicate)
    for kind in (Certainty, DocumentType, MentionType, Sex, Unit):
        assert {value for value in kind if f"`{value}`" not in PAGES["docs/claims.md"]} == set(), kind


def test_the_targets_of_the_makefile_are_those_that_contributors_are_told():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = {name for line in code("CONTRIBUTING.md") for name in re.findall(r"^make ([a-z-]+)", line)}
    assert told == targets


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == __version__
    assert re.search(r"^## (\S+)", PAGES["CHANGELOG.md"], re.MULTILINE)[1] == __version__
