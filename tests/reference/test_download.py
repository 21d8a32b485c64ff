"""Downloads against a server on this machine: slow, cut off, wrong, absent, silent."""

import contextlib
import hashlib
import http.server
import socket
import threading
import time

import pytest

from leakcheck.exceptions import ValidationError
from leakcheck.reference.download import DownloadError, NotThereError, RemoteFile, Transfer, fetch

CONTENT = bytes(range(256)) * 4_000  # 1,024,000 bytes
DIGEST = hashlib.sha256(CONTENT).hexdigest()
CHUNK = 65_536  # bytes are kept in chunks of this size
QUICK = Transfer(attempts=3, timeout=2.0, pause=0.01)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves one file, as badly as the test asks."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def do_GET(self):
        server = self.server
        server.seen.append((self.path, dict(self.headers)))
        status = server.statuses.pop(0) if server.statuses else 200
        if status != 200:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        begin = self._begin()
        body = server.content[begin:]
        self.send_response(206 if begin else 200)
        if begin:
            begin += server.shift
            self.send_header(
                "Content-Range",
                f"bytes {begin}-{len(server.content) - 1}/{server.total or len(server.content)}",
            )
        if server.etag:
            self.send_header("ETag", server.etag)
        if server.modified:
            self.send_header("Last-Modified", server.modified)
        if server.stated:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body)

    def _begin(self):
        asked = self.headers.get("Range")
        fresh = self.headers.get("If-Range") in {self.server.etag, self.server.modified}
        if asked is None or not fresh or not self.server.ranges:
            return 0
        return int(asked.removeprefix("bytes=").rstrip("-"))

    def _send(self, body):
        server = self.server
        cut = server.cuts.pop(0) if server.cuts else len(body)
        step = 50_000 if server.delay else max(cut, 1)
        with contextlib.suppress(OSError):
            for place in range(0, min(cut, len(body)), step):
                self.wfile.write(body[place : min(place + step, cut)])
                self.wfile.flush()
                time.sleep(server.delay)
            if cut < len(body) or not server.stated:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    http_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http_server.daemon_threads = True
    http_server.seen, http_server.statuses, http_server.cuts = [], [], []
    http_server.content, http_server.etag, http_server.modified = CONTENT, '"one"', ""
    http_server.delay, http_server.ranges, http_server.stated = 0.0, True, True
    http_server.shift, http_server.total = 0, None
    thread = threading.Thread(target=http_server.serve_forever, args=(0.01,))
    thread.start()
    yield http_server
    http_server.shutdown()
    http_server.server_close()
    thread.join()


def remote(server, sha256=DIGEST, **changes):
    url = f"http://127.0.0.1:{server.server_address[1]}/file.bin"
    return RemoteFile(**{"path": "sub/file.bin", "url": url, "sha256": sha256, **changes})


def names(folder):
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def ranges(server):
    return [headers.get("Range") for _, headers in server.seen]


@pytest.mark.parametrize("sha256", [DIGEST, None])
def test_a_file_comes_whole_and_once(server, tmp_path, sha256):
    progress = []
    for _ in range(2):
        path = fetch(
            remote(server, sha256), tmp_path, report=lambda *a: progress.append(a), transfer=QUICK
        )
    assert path == tmp_path / "sub" / "file.bin"
    assert path.read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin"]
    assert len(server.seen) == 1
    assert progress[-1] == ("file.bin", len(CONTENT), len(CONTENT))
    assert path.stat().st_mode & 0o444 == 0o444


def test_a_transfer_that_is_cut_off_goes_on_where_it_was(server, tmp_path):
    server.cuts = [4 * CHUNK, 3 * CHUNK + 17]  # the 17 are lost
    path = fetch(remote(server), tmp_path, transfer=QUICK)
    assert path.read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={4 * CHUNK}-", f"bytes={7 * CHUNK}-"]
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize(
    ("etag", "modified"), [('"one"', ""), ("", "Sun, 22 Nov 2026 10:00:00 GMT")]
)
def test_a_later_call_goes_on_and_no_half_has_the_final_name(server, tmp_path, etag, modified):
    server.etag, server.modified = etag, modified
    server.cuts = [CHUNK] * 3
    with pytest.raises(DownloadError, match=r"in 3 attempts: .*196,608 bytes are kept"):
        fetch(remote(server), tmp_path, transfer=QUICK)
    assert not (tmp_path / "sub" / "file.bin").exists()
    assert all(name.startswith(".") for name in names(tmp_path))
    server.seen.clear()
    path = fetch(remote(server), tmp_path, transfer=QUICK)
    assert path.read_bytes() == CONTENT
    assert ranges(server) == [f"bytes={3 * CHUNK}-"]
    assert names(tmp_path) == ["file.bin"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(server, tmp_path):
    server.cuts = [CHUNK]
    with pytest.raises(DownloadError):
        fetch(remote(server), tmp_path, transfer=Transfer(attempts=1, pause=0))
    server.etag, server.content = '"two"', CONTENT[::-1]
    digest = hashlib.sha256(server.content).hexdigest()
    assert fetch(remote(server, digest), tmp_path, transfer=QUICK).read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_validator_nothing_is_pieced_together(server, tmp_path, etag):
    server.etag, server.cuts = etag, [CHUNK]
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert ranges(server) == [None, None]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.ranges, server.cuts = False, [CHUNK]
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={CHUNK}-"]


def test_a_wrong_part_is_not_taken(server, tmp_path):
    server.cuts, server.shift = [CHUNK], 7
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={CHUNK}-", None]


def test_a_part_beyond_the_end_is_dropped(server, tmp_path):
    server.cuts, server.statuses = [CHUNK], [200, 416]
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={CHUNK}-", None]


def test_a_part_shorter_than_stated_counts_as_cut_off(server, tmp_path):
    server.cuts, server.total = [CHUNK], len(CONTENT) + 5
    with pytest.raises(DownloadError, match="1,024,000 of 1,024,005 bytes came"):
        fetch(remote(server), tmp_path, transfer=Transfer(attempts=2, pause=0))


def test_a_length_that_is_not_stated_is_checked_by_the_sum(server, tmp_path):
    server.stated = False
    progress = []
    fetch(remote(server), tmp_path, report=lambda *a: progress.append(a), transfer=QUICK)
    assert progress[-1] == ("file.bin", len(CONTENT), 0)


def test_a_slow_server_is_waited_for(server, tmp_path):
    server.delay = 0.02
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert len(server.seen) == 1


def test_a_silent_server_is_given_up(server, tmp_path):
    server.delay = 1.0
    patience = Transfer(attempts=2, timeout=0.2, pause=0)
    with pytest.raises(DownloadError, match=r"in 2 attempts: .*bytes are kept"):
        fetch(remote(server), tmp_path, transfer=patience)
    assert not (tmp_path / "sub" / "file.bin").exists()


def test_a_wrong_sum_keeps_nothing(server, tmp_path):
    with pytest.raises(DownloadError, match=f"must have the SHA-256 {'0' * 64}.*Nothing of it"):
        fetch(remote(server, "0" * 64), tmp_path, transfer=QUICK)
    assert names(tmp_path) == []


def test_a_damaged_file_that_is_there_is_fetched_again(server, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file.bin").write_bytes(b"damaged")
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT


@pytest.mark.parametrize("status", [404, 410])
def test_an_absent_file_is_said_at_once(server, tmp_path, status):
    server.statuses = [status]
    with pytest.raises(NotThereError, match=f"`file.bin` is not at .*answers {status}"):
        fetch(remote(server), tmp_path, transfer=QUICK)
    assert len(server.seen) == 1
    assert names(tmp_path) == []


def test_a_refusal_is_said_at_once(server, tmp_path):
    server.statuses = [403]
    with pytest.raises(DownloadError, match="the server answers 403"):
        fetch(remote(server), tmp_path, transfer=QUICK)
    assert len(server.seen) == 1


def test_a_server_in_trouble_is_asked_again(server, tmp_path):
    server.statuses = [503, 500]
    assert fetch(remote(server), tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert len(server.seen) == 3


def test_without_a_network_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = RemoteFile(path="a.bin", url=f"http://127.0.0.1:{port}/a.bin")
    with pytest.raises(DownloadError, match=r"no connection .*Check the network, and HTTPS_PROXY"):
        fetch(file, tmp_path, transfer=Transfer(attempts=2, pause=0))
    assert names(tmp_path) == []


def test_proxies_of_the_environment_are_used(server, tmp_path, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name)
    proxy = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    file = remote(server, url="http://data.invalid/file.bin")
    assert fetch(file, tmp_path, transfer=QUICK).read_bytes() == CONTENT
    assert server.seen[0][0] == "http://data.invalid/file.bin"


def test_no_attempt_is_refused():
    with pytest.raises(ValidationError, match="`attempts` must be at least 1; it is 0"):
        Transfer(attempts=0)
