"""Archives and compressed files: what they hold is read, what would do harm is refused."""

import gzip
import io
import tarfile
import tracemalloc
import zipfile

import pytest

from ivigraph.errors import ReadError
from ivigraph.ingest.readers import archive, dispatch
from ivigraph.model import Document

MB = 1_000_000
TEXT = b"A 40-year-old woman with dermatomyositis received intravenous immunoglobulin. She developed headache."
NBIB = b"PMID- 7\nTI  - Seven.\n"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return out.getvalue()


def tarred(files, mode="w", links=()):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as file:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
        for name in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            file.addfile(member)
    return out.getvalue()


def read(data, max_bytes=MB):
    found = []
    try:
        found.extend(dispatch.documents(io.BytesIO(data), "x", max_bytes=max_bytes, budget=archive.Budget(len(data))))
    except ReadError as error:
        return [*found, error]
    return found


@pytest.mark.parametrize("pack", [
    zipped,
    tarred,
    lambda files: tarred(files, "w:gz"),
    lambda files: gzip.compress(zipped(files)),
    lambda files: zipped({"inner.tar.gz": tarred(files, "w:gz")}),
])  # fmt: skip
def test_every_document_of_an_archive_is_read_in_its_order(pack):
    first, second = read(pack({"folder/a.txt": TEXT, "b.nbib": NBIB, "picture.png": b"\x89PNG", ".hidden.txt": TEXT}))
    assert (first.text, second.title) == (TEXT.decode(), "Seven.")
    assert first.source.endswith("#folder/a.txt")
    assert second.source.endswith("#b.nbib#7")


def test_a_compressed_file_is_named_by_itself():
    (document,) = read(gzip.compress(NBIB))
    assert document.source == "x#7"


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:\\evil.txt", "..\\evil.txt"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_leads_out_of_the_archive_is_refused_and_the_rest_is_read(name, pack):
    error, document = read(pack({name: TEXT, "good.txt": TEXT}))
    assert isinstance(error, ReadError)
    assert "leads out" in error.message
    assert isinstance(document, Document)


def test_a_link_is_not_followed():
    document, error = read(tarred({"a.txt": TEXT}, links=["b.txt"]))
    assert isinstance(document, Document)
    assert "link" in error.message


def test_a_broken_member_costs_no_other():
    data = zipped({"a.txt": TEXT * 50, "b.txt": TEXT})
    # Within the compressed bytes of the first member.
    broken = data[:60] + b"\x00\xff\x00\xff" + data[64:]
    error, document = read(broken)
    assert isinstance(error, ReadError)
    assert error.where == "x#a.txt"
    assert isinstance(document, Document)


def test_an_encrypted_member_is_told():
    data = bytearray(zipped({"a.txt": TEXT}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (error,) = read(bytes(data))
    assert "encrypted" in error.message


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: tarred(files, "w:gz")])
@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_a_cut_off_archive_is_an_error_and_never_a_crash(pack, share):
    data = pack({f"{n}.txt": TEXT + str(n).encode() for n in range(20)})
    found = read(data[: int(len(data) * share)])
    assert isinstance(found[-1], ReadError)
    assert all(isinstance(item, Document | ReadError) for item in found)


def test_a_bomb_is_refused_for_the_ratio_of_its_size(monkeypatch):
    monkeypatch.setattr(archive, "_FREE", 1 * MB)
    data = (b"PMID- 1\nTI  - " + b"word " * 20_000 + b"\n\n") * 100
    packed = gzip.compress(data)
    assert len(data) > 100 * len(packed)
    *_, last = read(packed)
    assert isinstance(last, ReadError)
    assert "unpacks to more" in last.message


def test_a_bomb_of_a_single_document_stops_at_the_limit_of_a_document():
    tracemalloc.start()
    try:
        (error,) = read(zipped({"a.txt": b"a" * (50 * MB)}), max_bytes=MB)
        assert tracemalloc.get_traced_memory()[1] < 60 * MB  # the bomb itself is 50 MB of them
    finally:
        tracemalloc.stop()
    assert "the limit" in error.message


def test_archives_packed_into_each_other_are_read_to_a_depth():
    data = TEXT
    for _ in range(4):
        data = gzip.compress(data)
    assert isinstance(read(data)[0], Document)
    (error,) = read(gzip.compress(data))
    assert "deeply" in error.message


def test_an_office_document_is_named_as_one():
    (error,) = read(zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}))
    assert "office" in error.message
