"""PDF: columns in their order, hyphens undone, heads and numbers of pages gone; what holds no text is told."""

import io
import re
import sys
import zipfile

import pytest

pytest.importorskip("pypdfium2", reason="the extra [pdf] is not installed")

from ivigraph import pipeline
from ivigraph.errors import ReadError
from ivigraph.ingest.readers import pdf as reader
from ivigraph.model import Document

MB = 1_000_000

LEFT = (
    "A 40-year-old woman with dermatomyositis received",
    "intravenous immunoglobulin at 2 g/kg over five days.",
    "She developed headache and severe thrombocyto-",
    "penia after the second infusion, but the platelet",
    "count recovered within one week of observation.",
    "No haemolysis was seen in any of the IVIG-",
    "treated cycles of the following two years.",
)
RIGHT = (
    "In the discussion we say what is known of this",
    "event. Several reports describe it, and in most of",
    "them the patients recovered without a treatment.",
    "Thrombocytopenia was mild in nearly all of them.",
    "Monitoring is advised for the patients at risk.",
    "We think that the rate of infusion matters more.",
    "This is the last line of the second column here.",
)


def pdf(*pages, encrypted=False):
    """A PDF file, each page a list of (x, y, size, text)."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{4 + 2 * n} 0 R' for n in range(len(pages)))}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        content = "\n".join(f"BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET" for x, y, size, text in lines)
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    if encrypted:
        objects.append(f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >>")
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    encrypt = f"/Encrypt {len(objects)} 0 R /ID [<00><00>]" if encrypted else ""
    return (
        f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R {encrypt} >>\nstartxref\n{len(body)}\n%%EOF"
    ).encode("latin-1")


def _escaped(text):
    return re.sub(r"([\\()])", r"\\\1", text)


def column(x, top, lines, size=10):
    return [(x, top - 12 * number, size, line) for number, line in enumerate(lines)]


def page(number=1, *, left=LEFT, right=RIGHT, title=True):
    head = [(72, 750, 8, "J Test Med 2020; Doe et al."), (300, 30, 8, str(number))]
    names = [(100, 700, 18, "Thrombocytopenia after immunoglobulin"), (100, 680, 18, "in a woman with dermatomyositis")]
    return [*head, *(names if title else []), *column(50, 600, left), *column(320, 600, right)]


def read(data, max_bytes=MB):
    (document,) = reader.documents(io.BytesIO(data), "x.pdf", max_bytes=max_bytes)
    return document


def test_two_columns_are_read_one_after_the_other():
    text = read(pdf(page())).text
    order = [text.index(part) for part in ("A 40-year-old", "count recovered", "In the discussion", "the last line")]
    assert order == sorted(order)
    assert "intravenous immunoglobulin at 2 g/kg over five days. She developed" in text


def test_columns_drawn_line_by_line_are_still_told_apart():
    drawn = sorted(page(), key=lambda line: (-line[1], line[0]))
    assert read(pdf(drawn)).text == read(pdf(page())).text


def test_hyphens_at_the_ends_of_lines_are_undone_but_those_of_compounds_stay():
    text = read(pdf(page())).text
    assert "severe thrombocytopenia after" in text
    assert "the IVIG-treated cycles" in text


def test_the_title_is_what_is_set_largest():
    assert read(pdf(page())).title == "Thrombocytopenia after immunoglobulin in a woman with dermatomyositis"


def test_running_heads_and_page_numbers_are_left_out():
    second = page(2, title=False, left=[line.replace("40", "41") for line in LEFT])
    text = read(pdf(page(), second)).text
    assert "J Test Med" not in text
    assert not re.search(r"^\d$", text, re.MULTILINE)
    assert "41-year-old" in text


def test_a_title_across_the_columns_parts_them():
    lower = [
        *column(50, 400, ["The lower left part says more of the case."] * 4),
        *column(320, 400, ["The lower right part ends the whole article."] * 4),
    ]
    lines = [
        *column(50, 600, LEFT),
        *column(320, 600, RIGHT),
        (60, 450, 12, "A heading that stands across both of the columns of the page"),
        *lower,
    ]
    text = read(pdf(lines)).text
    order = [text.index(part) for part in ("A 40-year-old", "the last line", "A heading", "lower left", "lower right")]
    assert order == sorted(order)


@pytest.mark.parametrize(("data", "message"), [
    (pdf(page(), encrypted=True), "encrypted"),
    (pdf([]), "pictures"),
    (pdf(), "broken"),
    (pdf(page())[:700], "broken|pictures"),
    (b"%PDF-1.7 nothing", "broken"),
])  # fmt: skip
def test_what_cannot_be_read_says_why_and_what_to_do(data, message):
    with pytest.raises(ReadError, match=message) as error:
        read(data)
    assert error.value.where == "x.pdf"
    assert error.value.remedy


def test_a_file_larger_than_the_limit_is_refused():
    with pytest.raises(ReadError, match="the limit"):
        read(pdf(page()), max_bytes=500)


@pytest.mark.parametrize(("program", "message"), [
    ("import os; os.abort()", "crashes PDFium .SIGABRT."),
    ("import time; time.sleep(600)", "kept PDFium busy"),
    ("raise MemoryError('a page unpacks to 900 GB')", "cannot be read: MemoryError: a page unpacks"),
])  # fmt: skip
def test_a_file_that_ends_or_holds_its_process_costs_itself_alone(monkeypatch, tmp_path, program, message):
    monkeypatch.setattr(reader, "COMMAND", [sys.executable, "-c", program])
    monkeypatch.setattr(reader, "SECONDS", 2)
    (tmp_path / "bad.pdf").write_bytes(pdf(page()))
    (tmp_path / "good.txt").write_text("A woman with dermatomyositis received immunoglobulin and developed headache.")
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.write(tmp_path / "bad.pdf", "bad.pdf")
        packed.write(tmp_path / "good.txt", "other.txt")
    bad, good, within, other = pipeline.documents(pipeline.sources([tmp_path]), max_bytes=MB)
    assert bad.source.endswith("bad.pdf")
    assert within.source.endswith("packed.zip#bad.pdf")
    assert re.search(message, bad.error.message)
    assert re.search(message, within.error.message)
    assert bad.error.remedy
    assert isinstance(good, Document)
    assert other.error.message.startswith("the same document")
