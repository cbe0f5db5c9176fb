"""What a folder may hold of the worst: each has a clear entry in the report and the ledger, and the rest is read.

One run of the command line reads all of it, in processes that may not speak to the network.
"""

import contextlib
import gzip
import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from ivigraph.namespaces import Minter, prefixes
from ivigraph.store import open_store

ROOT = Path(__file__).parents[1]
GB = 1_000_000_000
CASE = "A {age}-year-old woman with dermatomyositis received intravenous immunoglobulin. She developed headache."
GERMAN = (
    "Eine Frau mit Dermatomyositis wurde mit Immunglobulin behandelt und bekam nach der Infusion Kopfschmerzen, die "
    "bei der zweiten Infusion nicht wieder auftraten. Das Fieber wurde auf eine Infektion zur gleichen Zeit bezogen."
)
# A process with this on its path ends at once where it looks a name up or connects to another machine.
GUARD = """
import os, sys

def refuse(event, arguments):
    if event == "socket.getaddrinfo" or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        os._exit(99)

sys.addaudithook(refuse)
"""


def record(pmid, title="A report"):
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><ArticleTitle>{title} {pmid}</ArticleTitle>"
        f"<Abstract><AbstractText>{CASE.format(age=pmid)}</AbstractText></Abstract><Language>eng</Language></Article>"
        "</MedlineCitation></PubmedArticle>"
    )


def pubmed(*records, doctype=""):
    return f"{doctype}<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>".encode()


def pdf(content=b"", *, trailer=b""):
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >>",
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, text) for n, text in enumerate(objects, start=1))
    return b"%PDF-1.4\n" + body + b"trailer << /Size 6 /Root 1 0 R " + trailer + b" >>\n%%EOF"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()


def tarred_link():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as file:
        link = tarfile.TarInfo("secret.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    return out.getvalue()


def laughs():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE PubmedArticleSet [<!ENTITY l0 "ha">{entities}]>'


def refused(port):
    """Files of which nothing can be read, each with words of its entry."""
    remote = f"http://127.0.0.1:{port}/secret"
    article = "<article article-type='case-report'><body><p>&x;</p></body></article>"
    collection = "<collection><document><id>1</id><passage><text>&x;</text></passage></document></collection>"
    return {
        "encrypted.pdf": (pdf(trailer=b"/Encrypt 5 0 R /ID [<41> <41>]"), "encrypted"),
        "scanned.pdf": (pdf(b"0 0 612 792 re f"), "pictures of pages"),
        "broken.pdf": (b"%PDF-1.7\n" + b"\x00\xff" * 500, "broken"),
        "bomb.zip": (zipped({"a.txt": b"word " * 12_000_000}), "larger than 20 MB"),
        "laughs.xml": (pubmed(record(1, "&l11;"), doctype=laughs()), "declares entities"),
        "file.xml": (
            pubmed(record(1, "&x;"), doctype='<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "declares entities",
        ),
        "remote.nxml": (f'<!DOCTYPE article [<!ENTITY x SYSTEM "{remote}">]>{article}'.encode(), "declares entities"),
        "remote.xml": (f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{remote}"> %p;]>{collection}'.encode(), "declares entities"),
        "latin.txt": ("Sjögren syndrome was treated with IVIG.".encode("latin-1"), "not valid UTF-8"),
        "declared.html": (
            "<html><head><meta charset='utf-8'></head><body><p>Sjögren syndrome</p></body></html>".encode("latin-1"),
            "not valid UTF-8",
        ),
        "menu.html": (
            b"<html><body><nav><a href='#'>Home</a> <a href='#'>Log in</a></nav></body></html>",
            "no article",
        ),
        "empty.txt": (b"", "empty"),
    }


def read_in_part():
    """Files of which a part is read, each with words of its entry and the PMIDs or titles that are read."""
    whole = gzip.compress(pubmed(*(record(n) for n in range(100, 220))), mtime=0)
    return {
        "cut.xml.gz": (whole[: len(whole) // 2], "cut off", ["A report 100"]),
        "cut.xml": (pubmed(record(90), record(91))[:-200], "ends inside a record", ["A report 90"]),
        "evil.zip": (
            zipped({"../evil.txt": CASE, "good.xml": pubmed(record(80))}),
            "leads out of the archive",
            ["A report 80"],
        ),
        "link.tar.gz": (tarred_link(), "a link, which is not followed", []),
    }


def read_whole(port):
    """Files that are odd and yet read, with the words by which their documents are found."""
    page = f"<h1>Page about one report</h1><p>{CASE.format(age=31)} {CASE.format(age=32)}</p>" * 3
    other = "The level of vitamin D was measured in all of the women of a village with goats and sheep. It was low."
    return {
        "mark.txt": ("\ufeff" + CASE.format(age=21)).encode(),
        "wide.txt": ("\ufeff" + CASE.format(age=22)).encode("utf-16-le"),
        "control.txt": (
            CASE.format(age=23).replace("woman", "wo\x07man\x1b") + " It passed within a day. " * 9
        ).encode(),
        "page.html": f'<!DOCTYPE html SYSTEM "http://127.0.0.1:{port}/html.dtd"><html><body>{page}</body></html>'.encode(),
        "german.txt": GERMAN.encode(),
        "one.txt": f"One report about vitamins\n\n{CASE.format(age=24)}\n\nDOI: 10.1000/twice".encode(),
        "two.txt": f"Another text of goats\n\n{other}\n\nDOI: 10.1000/twice".encode(),
    }


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the command line said of the folder, what the ledger lists, and the text that the graph holds."""

    done: subprocess.CompletedProcess
    failures: dict[str, list[str]]
    text: str
    connections: int
    again: subprocess.CompletedProcess


@pytest.fixture(scope="module")
def run(tmp_path_factory, program_in):
    folder = tmp_path_factory.mktemp("worst")
    (folder / "guard").mkdir()
    (folder / "guard" / "sitecustomize.py").write_text(GUARD)
    (folder / "papers").mkdir()
    environ = {"PYTHONPATH": os.pathsep.join([str(folder / "guard"), str(ROOT)]), "IVIGRAPH_EXTRACTOR": "rules"}
    ivigraph = partial(program_in, folder, environ=environ)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        contents = {name: content for name, (content, *_) in {**refused(port), **read_in_part()}.items()}
        for name, content in {**contents, **read_whole(port)}.items():
            (folder / "papers" / name).write_bytes(content)
        with (folder / "papers" / "huge.txt").open("wb") as file:
            file.truncate(2 * GB)  # sparse: no byte of it is on the disk
        done = ivigraph("ingest", "papers", "--store", "graph")
        connections = answered(server)
    return Run(
        done=done,
        failures=listed(ivigraph("ledger", "failures", "--store", "graph", "--format", "json")),
        text=text_in(folder / "graph"),
        connections=connections,
        again=ivigraph("ingest", "papers", "--store", "graph", "--dry-run"),
    )


def answered(server):
    """How many connections wait to be taken."""
    server.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        server.accept()[0].close()
        return 1
    return 0


def listed(done):
    """Errors by the name of their file; each has a remedy."""
    assert done.returncode == 3
    found = {}
    for row in json.loads(done.stdout):
        assert row["remedy"]
        file = row["source"].partition("#")[0].partition(", line")[0]
        found.setdefault(Path(file).name, []).append(row["error"])
    return found


def text_in(store):
    with open_store(store, prefixes=prefixes(Minter())) as graph:
        return "\n".join(str(row["text"]) for row in graph.select("SELECT ?text { ?passage rdf:value ?text }"))


REFUSED = {name: words for name, (_, words) in refused(0).items()}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_named_with_the_reason(run, name):
    if name.endswith(".pdf"):
        pytest.importorskip("pypdfium2", reason="PDF needs an extra")
    (error,) = run.failures[name]
    assert REFUSED[name] in error
    assert name in run.done.stderr


def test_a_file_of_two_gigabytes_is_refused_from_its_size(run):
    assert run.failures["huge.txt"] == ["the file has 2,000.0 MB, the limit for a document is 20 MB"]


@pytest.mark.parametrize("name", read_in_part())
def test_of_a_file_that_is_broken_in_part_the_rest_is_read(run, name):
    _, words, texts = read_in_part()[name]
    assert any(words in error for error in run.failures[name])
    assert all(text in run.text for text in texts)


@pytest.mark.parametrize("name", read_whole(0))
def test_what_is_odd_and_sound_is_read_without_an_error(run, name):
    assert name not in run.failures


def test_marks_wide_characters_and_control_characters_leave_nothing_in_the_text(run):
    assert all(CASE.format(age=age) in run.text for age in (21, 22, 23))
    assert not any(unicodedata.category(char) in ("Cc", "Cf") and char != "\n" for char in run.text)


def test_a_text_in_another_language_is_kept_with_a_note(run):
    assert GERMAN in run.text
    assert "language" in run.done.stderr


def test_two_texts_under_one_identifier_are_both_kept_and_told(run):
    assert CASE.format(age=24) in run.text
    assert "goats and sheep" in run.text
    assert "10.1000/twice" in run.done.stderr


def test_nothing_else_fails_and_nothing_crashes(run):
    assert set(run.failures) == {"huge.txt", *REFUSED, *read_in_part()}
    assert run.done.returncode == 3
    assert "Traceback" not in run.done.stderr
    assert "this is a bug" not in run.done.stderr


def test_no_process_spoke_to_the_network_and_the_guard_would_have_seen_it(run, tmp_path):
    assert run.connections == 0
    assert not any("99" in error for errors in run.failures.values() for error in errors)
    (tmp_path / "sitecustomize.py").write_text(GUARD)
    speak = "import socket; socket.create_connection(('127.0.0.1', 9))"
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", speak], env=environ).returncode == 99


def test_a_rehearsal_tells_what_failed_and_what_is_unchanged(run):
    states = dict(reversed(line.split("\t")) for line in run.again.stdout.splitlines())
    states = {Path(path).name: state for path, state in states.items()}
    assert states["huge.txt"] == states["broken.pdf"] == "failed before"
    assert states["mark.txt"] == states["control.txt"] == "unchanged"
