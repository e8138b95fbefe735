"""Heads that are refused."""

from __future__ import annotations

import pytest

from feeds.serve.limits import MAX_FIELDS, MAX_HEAD, MAX_TARGET, find_fault

HOST = (b"host", b"news.example.org")


@pytest.mark.parametrize(
    ("target", "fields", "version", "status"),
    [
        pytest.param(b"/", [HOST], "1.1", None, id="ordinary"),
        pytest.param(b"/", [], "1.0", None, id="HTTP/1.0 knows no Host"),
        pytest.param(b"/", [], "1.1", 400, id="no Host"),
        pytest.param(b"/", [HOST, HOST], "1.1", 400, id="two Hosts"),
        pytest.param(b"/", [(b"host", b"[::1]:8080")], "1.1", None, id="a literal address"),
        pytest.param(b"/", [(b"host", b"")], "1.1", None, id="an empty Host is one"),
        pytest.param(b"/", [(b"host", b"a, b")], "1.1", 400, id="two Hosts in one field"),
        pytest.param(b"/", [(b"host", b"a@b")], "1.1", 400, id="a user in the Host"),
        pytest.param(b"/", [(b"host", b"a/b")], "1.1", 400, id="a path in the Host"),
        pytest.param(b"/", [], "0.9", 505, id="HTTP/0.9"),
        pytest.param(b"/", [HOST, HOST], "1.0", 400, id="two Hosts in HTTP/1.0"),
        pytest.param(b"/" * MAX_TARGET, [HOST], "1.1", None, id="longest target"),
        pytest.param(b"/" * (MAX_TARGET + 1), [HOST], "1.1", 414, id="longer target"),
        pytest.param(b"/", [HOST] + [(b"x", b"")] * (MAX_FIELDS - 1), "1.1", None, id="most fields"),
        pytest.param(b"/", [HOST] + [(b"x", b"")] * MAX_FIELDS, "1.1", 431, id="one field more"),
        pytest.param(b"/", [HOST, (b"x", b"y" * (MAX_HEAD - 30))], "1.1", None, id="large head"),
        pytest.param(b"/", [HOST, (b"x", b"y" * MAX_HEAD)], "1.1", 431, id="larger head"),
        pytest.param(b"/", [HOST, (b"content-length", b"0")], "1.1", None, id="an empty body"),
        pytest.param(b"/", [HOST, (b"content-length", b"4")], "1.1", 400, id="a body"),
        pytest.param(b"/", [HOST, (b"transfer-encoding", b"chunked")], "1.1", 400, id="a body in chunks"),
    ],
)
def test_a_head(target: bytes, fields: list[tuple[bytes, bytes]], version: str, status: int | None) -> None:
    fault = find_fault(target, fields, version=version)
    assert (fault[0] if fault else None) == status


def test_who_writes_may_have_a_body() -> None:
    assert find_fault(b"/", [HOST, (b"content-length", b"4")], version="1.1", reads=False) is None
