"""Encrypted or not at all."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feeds.fetch.guard import Resolver
from feeds.fetch.http import HttpFetch
from tests.certificate import certified, serving
from tests.origin import Origin
from tests.unit.fetch.asking import FEED, Fetcher, ask, failed, got


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself."""
    return certified(tmp_path_factory.mktemp("tls"), "IP:127.0.0.1")


@pytest.fixture
def secure(certificate: Path) -> Iterator[Origin]:
    with Origin(tls=serving(certificate)) as origin:
        origin.put("/feed", FEED)
        yield origin


def test_https_with_a_certificate_that_the_operator_trusts(
    secure: Origin, certificate: Path, monkeypatch: pytest.MonkeyPatch, fetcher: Fetcher
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert got(ask(fetcher(tls=None), secure.url("/feed"))).documents[0].body == FEED


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Origin, fetch: HttpFetch) -> None:
    answer = failed(ask(fetch, secure.url("/feed")))
    assert answer.why == "tls"
    assert "self-signed" in answer.detail
    assert secure.requests == [], "no request was sent"


def test_a_certificate_for_another_name_is_refused(secure: Origin, certificate: Path, fetcher: Fetcher) -> None:
    tls = ssl.create_default_context(cafile=certificate)
    fetch = fetcher(tls=tls, resolver=Resolver(lambda host, port: ["127.0.0.1"]))
    answer = failed(ask(fetch, secure.url("/feed", host="other.test")))
    assert answer.why == "tls"
    assert secure.requests == []


def test_encryption_is_not_given_up_on_the_way(
    secure: Origin, origin: Origin, certificate: Path, fetcher: Fetcher
) -> None:
    secure.redirect("/feed", origin.url("/feed"))
    fetch = fetcher(tls=ssl.create_default_context(cafile=certificate), allow=(f"127.0.0.1:{origin.port}",))
    answer = failed(ask(fetch, secure.url("/feed")))
    assert answer.why == "bad_redirect"
    assert "not encrypted" in answer.detail
    assert origin.requests == []


def test_a_server_that_does_not_speak_tls_is_named(fetch: HttpFetch) -> None:
    def refuse(listener: socket.socket) -> None:
        with listener.accept()[0] as client:
            client.recv(4096)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refuse, args=(listener,), daemon=True).start()
        answer = failed(ask(fetch, f"https://127.0.0.1:{listener.getsockname()[1]}/feed"))
    assert answer.why == "tls"


def test_a_handshake_that_never_ends_does(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        start = time.monotonic()
        answer = failed(ask(fetcher(timeout=0.4), f"https://127.0.0.1:{mute.getsockname()[1]}/"))
    assert answer.why == "deadline"
    assert time.monotonic() - start < 1


def test_a_handshake_that_drips_ends_too(fetcher: Fetcher) -> None:
    def drip(listener: socket.socket) -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as client:
            client.recv(4096)
            for byte in b"\x16\x03\x03\x40\x00" + bytes(16_000):  # a record of 16 KB, a byte at a time
                client.sendall(bytes([byte]))
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=(listener,), daemon=True).start()
        start = time.monotonic()
        answer = failed(ask(fetcher(timeout=0.5), f"https://127.0.0.1:{listener.getsockname()[1]}/"))
    assert answer.why in ("deadline", "tls")
    assert time.monotonic() - start < 1.5, "a second after its deadline at most"


class Tunnel:
    """A proxy that does CONNECT and nothing else."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.head = self.listener.getsockname()[1], b""
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        client, _ = self.listener.accept()
        while b"\r\n\r\n" not in self.head:
            self.head += client.recv(1)
        host, _, port = self.head.split()[1].decode().partition(":")
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection((host, int(port))) as server, client:
            back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
            back.start()
            self.pump(client, server)
            back.join(5)

    def pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # whoever hangs up first
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def test_https_through_a_proxy_is_encrypted_to_the_source(secure: Origin, certificate: Path, fetcher: Fetcher) -> None:
    tunnel = Tunnel()
    fetch = fetcher(tls=ssl.create_default_context(cafile=certificate), proxy=f"http://desk:pw@127.0.0.1:{tunnel.port}")
    with tunnel.listener:
        assert got(ask(fetch, secure.url("/feed"))).documents[0].body == FEED
    assert tunnel.head.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % secure.port)
    assert b"Proxy-Authorization: Basic ZGVzazpwdw==" in tunnel.head
    assert "proxy-authorization" not in secure.requests[0].headers
