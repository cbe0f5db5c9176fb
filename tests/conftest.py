"""What several test files share: how to run the command line, papers to read, and a store of claims."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivigraph.cli import main
from ivigraph.ingest import rdf
from ivigraph.ingest.links import Linking
from ivigraph.model import (
    Case,
    Certainty,
    Claim,
    Document,
    DocumentType,
    Dose,
    Evidence,
    Extraction,
    Mention,
    MentionType,
    Onset,
    Passage,
    Predicate,
    Qualifiers,
    Sex,
)
from ivigraph.namespaces import Minter, prefixes
from ivigraph.ontology.graph import vocabulary_graph
from ivigraph.ontology.vocabulary import load
from ivigraph.queries import catalogue
from ivigraph.store import open_store

ROOT = Path(__file__).parents[1]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = bool(os.environ.get("IVIGRAPH_REQUIRE_BROWSER"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

HEADACHE = (
    "A 40-year-old woman with dermatomyositis was treated with intravenous immunoglobulin (IVIG) 2 g/kg. "
    "She developed headache two days after the infusion, which resolved completely. No thrombosis occurred."
)
HAEMOLYSIS = (
    "A 5-year-old boy with Kawasaki disease was treated with high-dose IVIG. "
    "IVIG-induced haemolysis was noted on day 3."
)


def run_ivigraph(folder, *arguments, environ=None):
    """Run the command line in a process of its own, in `folder`, away from any settings of the user's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IVIGRAPH_")}
    return subprocess.run(
        [sys.executable, "-m", "ivigraph", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), **_environ(folder, environ)},
    )


def _environ(folder, more):
    return {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"), **(more or {})}


@dataclass(frozen=True)
class Done:
    """How a command ended and what it wrote, named as `subprocess` names it."""

    returncode: int
    stdout: str
    stderr: str


def call_ivigraph(folder, *arguments, environ=None):
    """The same in this process, where all is loaded: for what a command does, not for how it starts and is ended."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["ivigraph", *map(str, arguments)])
        patch.setattr(sys, "excepthook", sys.excepthook)  # typer puts its own there
        for name in [name for name in os.environ if name.startswith("IVIGRAPH_")]:
            patch.delenv(name)
        for name, value in _environ(folder, environ).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            main()
    out, err = (stream.buffer.getvalue().decode() for stream in (out, err))
    return Done(end.value.code or 0, out, err)


@pytest.fixture
def ivigraph(tmp_path):
    """The command line, in this process: test_cli.py shows that it does the same as the program."""
    return partial(call_ivigraph, tmp_path)


@pytest.fixture
def program(tmp_path):
    """The command line as a program."""
    return partial(run_ivigraph, tmp_path)


@pytest.fixture(scope="session")
def ivigraph_in():
    """The command line, in this process, in a folder that is named: `ivigraph_in(folder, …)`."""
    return call_ivigraph


@pytest.fixture(scope="session")
def program_in():
    """The program in a folder that is named."""
    return run_ivigraph


@pytest.fixture
def interruptible():
    """Children can be interrupted: tests in the background of a shell ignore SIGINT, and a child inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def papers(tmp_path):
    """A folder with two case reports."""
    return write_papers(tmp_path / "papers")


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    """A store of the two case reports, which no test may change."""
    folder = tmp_path_factory.mktemp("shared")
    done = run_ivigraph(folder, "ingest", write_papers(folder / "papers"), "--store", folder / "graph")
    assert done.returncode == 0, done.stderr
    return folder / "graph"


def write_papers(folder):
    folder.mkdir()
    (folder / "headache.txt").write_text(HEADACHE)
    (folder / "haemolysis.txt").write_text(HAEMOLYSIS)
    return folder


def _report(entry):
    """What an extractor would have taken from one of the reports of tests/data/reports.json."""
    text, starts = entry["title"] + "\n", []
    for sentence in entry["sentences"]:
        starts.append(len(text))
        text += sentence + " "
    text = text.rstrip()
    condition, drug = MentionType.CONDITION, MentionType.DRUG
    types = {"has_mechanism": MentionType.MECHANISM}

    def mention(phrase, sentence, type_):
        start = text.index(phrase, starts[sentence])
        found = load().find(phrase)
        label = found[0].label if found else phrase
        return Mention(
            start=start,
            end=start + len(phrase),
            text=phrase,
            type=type_,
            id=found[0].id if found else None,
            label=label,
        )

    def evidence(sentence):
        quote = entry["sentences"][sentence]
        return Evidence(start=starts[sentence], end=starts[sentence] + len(quote), quote=quote)

    def qualifiers(given):
        parts = {"onset": Onset, "dose": Dose}
        return Qualifiers(**{k: parts[k](**v) if k in parts else v for k, v in given.items()})

    claims = tuple(
        Claim(
            predicate=Predicate(claim["predicate"]),
            subject=mention(claim["subject"], claim.get("subject_sentence", claim["sentence"]), drug),
            object=mention(claim["object"], claim["sentence"], types.get(claim["predicate"], condition)),
            evidence=evidence(claim["sentence"]),
            negated=claim.get("negated", False),
            certainty=Certainty(claim.get("certainty", "asserted")),
            confidence=claim.get("confidence", 0.9),
            case=claim.get("case"),
            qualifiers=qualifiers(claim.get("qualifiers", {})),
        )
        for claim in entry["claims"]
    )
    cases = tuple(
        Case(
            id=case["id"],
            age_years=case["age_years"],
            sex=Sex(case["sex"]),
            start=starts[case["sentence"]],
            end=starts[case["sentence"]] + len(case["phrase"]),
        )
        for case in entry["cases"]
    )
    title = len(entry["title"])
    return Extraction(
        document=Document(
            id=entry["id"],
            source=f"{entry['id'].replace('/', '_')}.txt",
            title=entry["title"],
            type=DocumentType(entry["type"]),
            text=text,
            passages=(
                Passage(section="title", start=0, end=title),
                Passage(section="body", start=title + 1, end=len(text)),
            ),
            identifiers=tuple(entry["identifiers"]),
            year=entry["year"],
            journal=entry["journal"],
            authors=tuple(entry["authors"]),
        ),
        extractor="hand-1",
        mentions=tuple(dict.fromkeys(m for claim in claims for m in (claim.subject, claim.object))),
        cases=cases,
        claims=claims,
    )


@pytest.fixture(scope="session")
def reports():
    """Three invented documents with their claims, as an extractor would give them."""
    entries = json.loads((ROOT / "tests" / "data" / "reports.json").read_text())
    return [_report(entry) for entry in entries]


@pytest.fixture(scope="session")
def filled(reports, tmp_path_factory):
    """A store on disk that holds the three documents, the vocabulary and the derived edges."""
    minter = Minter()
    with open_store(
        tmp_path_factory.mktemp("filled") / "store",
        create=True,
        prefixes=prefixes(minter),
        derive=catalogue.derivation(minter),
    ) as store:
        with store.writer() as writer:
            writer.replace_graph(minter.vocabulary_graph, vocabulary_graph(load()))
            for report in reports:
                linked = Linking(load()).linked(report)
                writer.replace_graph(minter.document_graph(report.document.id), rdf.graph(linked, minter))
        yield store


@pytest.fixture(scope="module")  # while Playwright runs, no other event loop can in this thread
def browser(tmp_path_factory):
    """Debian's chromium; required where IVIGRAPH_REQUIRE_BROWSER is set, else its tests skip without it."""
    if not CHROMIUM and not REQUIRED:
        pytest.skip("no chromium is installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=CHROMIUM, headless=True, args=ARGUMENTS
        )
        yield context
        context.close()


@pytest.fixture
def page(browser):
    """A page that fails its test for a message on the console or a request that leaves this machine."""
    opened = browser.new_page()
    opened.set_default_timeout(30_000)  # the machine may be busy
    complaints = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type != "log" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: complaints.append(request.url) if _leaves(request.url) else None)
    yield opened
    opened.close()
    assert not complaints


def _leaves(url):
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"
