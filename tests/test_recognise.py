"""What a file is, from its first bytes."""

import pytest

from ivigraph.ingest.readers.recognise import Format, recognise


@pytest.mark.parametrize(("head", "format"), [
    (b"A 40-year-old woman was treated.", Format.TEXT),
    (b"# Markdown\n\nText.", Format.TEXT),
    (b"<5% of patients had headache.", Format.TEXT),
    (b"[Article in German]", Format.TEXT),
    (b"", Format.TEXT),
    (b"<!DOCTYPE html><html><body>", Format.HTML),
    (b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', Format.HTML),
    (b"<article><h1>Title</h1><p>One</p><p>Two</p></article>", Format.HTML),
    (b'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM" "x.dtd">\n<PubmedArticleSet>', Format.PUBMED),
    (b"<!-- saved -->\n<PubmedArticle>", Format.PUBMED),
    ('\ufeff<?xml version="1.0" encoding="UTF-16"?><PubmedArticleSet>'.encode("utf-16-le"), Format.PUBMED),
    (b'<!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "x.dtd">\n<article>', Format.JATS),
    (b'<article xmlns:xlink="x" article-type="case-report"><front>', Format.JATS),
    (b"<pmc-articleset><article>", Format.JATS),
    (b"<article><front><journal-meta>", Format.JATS),
    (b'<?xml version="1.0"?><!DOCTYPE collection SYSTEM "BioC.dtd"><collection>', Format.BIOC_XML),
    (b'<?xml version="1.0"?><feed><entry/></feed>', Format.OTHER_XML),
    (b'{"documents": [{"id": "1"', Format.BIOC_JSON),
    (b'[{"bioctype": "BioCCollection",', Format.BIOC_JSON),
    (b'{"id": 1, "text": "T."}\n{"id": 2', Format.RECORDS),
    (b'{"name": "x", "version": 1}', Format.OTHER_JSON),
    (b"\nPMID- 12345678\nOWN - NLM", Format.MEDLINE),
    (b"\xef\xbb\xbfTY  - JOUR\r\nTI  - x", Format.RIS),
    (b"12|t|A title\n12|a|", Format.PUBTATOR),
    (b"%PDF-1.7\n", Format.PDF),
    (b"\n%PDF-1.4\n", Format.PDF),
    (b"\x1f\x8b\x08\x00", Format.GZIP),
    (b"PK\x03\x04\x14\x00\x00\x00\x08\x00aaaaaaaaaaaaaaa.txt", Format.ZIP),
    (b"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", Format.OFFICE),
    (b"PK\x03\x04\x14\x00\x00\x00mimetypeapplication/epub+zip", Format.OFFICE),
    (b"a.txt".ljust(257, b"\0") + b"ustar", Format.TAR),
    (b"PK\x03\x04\x14\x00\x00\x00\x00\x00a.pdf%PDF-1.4\n", Format.ZIP),
    (b"a.pdf".ljust(257, b"\0") + b"ustar".ljust(255, b"\0") + b"%PDF-1.4\n", Format.TAR),
])  # fmt: skip
def test_a_file_is_known_by_its_first_bytes(head, format):
    assert recognise(head) is format
