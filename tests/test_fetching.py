"""LOAD: only from hosts that the settings allow, never from inside a network, redirects included."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ivigraph.errors import QueryError, QueryRefusedError
from ivigraph.server.fetching import Fetcher, is_public


class Documents(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        body = b"<a> <b> <c> ." if self.path in ("/small", "/cut") else b"#" * 10_000
        self.send_response(200 if self.path in ("/small", "/large", "/cut") else 404)
        self.send_header("Content-Type", "text/turtle; charset=utf-8")
        self.send_header("Content-Length", str(len(body) + (self.path == "/cut")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Documents) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def fetcher(**more):
    """One for which this machine counts as the internet."""
    return Fetcher(hosts=("localhost",), max_bytes=1_000, seconds=10, allowed=lambda address: True, **more)


def test_a_document_of_an_allowed_host_is_fetched(site):
    content = fetcher().fetch(f"{site}/small")
    assert (content.data, content.media_type, content.base) == (b"<a> <b> <c> .", "text/turtle", f"{site}/small")
    assert fetcher().fetch(f"{site}/to//small").base == f"{site}/small"


@pytest.mark.parametrize("path", ["/large", "/none", "/cut", "/to//to//to//to//to//to//to//small"])
def test_what_is_too_large_missing_cut_off_or_goes_in_circles_is_an_error(site, path):
    with pytest.raises(QueryError):
        fetcher().fetch(site + path)


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example/x",
        "file:///etc/passwd",
        "ftp://localhost/x",
        "http://me@localhost/x",
        "http:///x",
        "x",
    ],
)
def test_any_other_host_or_scheme_is_refused(url):
    with pytest.raises(QueryRefusedError):
        fetcher().fetch(url)


def test_a_redirect_to_another_host_is_refused(site):
    with pytest.raises(QueryRefusedError):
        fetcher().fetch(f"{site}/to/http://elsewhere.example/x")


def test_an_allowed_name_that_points_into_the_network_is_refused(site):
    with pytest.raises(QueryRefusedError, match="inside a network"):
        Fetcher(hosts=("localhost",)).fetch(f"{site}/small")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "fd00:ec2::254"],
)  # fmt: skip
def test_an_address_inside_a_network_is_no_public_one(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)
