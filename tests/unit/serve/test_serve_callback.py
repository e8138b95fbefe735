"""What our callbacks answer to hubs, and to whoever says that he is one."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import LARGEST_LETTER, Letter, Push, digest_of
from feeds.serve import callback
from tests.make import NOW

TOPIC = "https://s.example/atom"
NEW = Push(source="s", hub="https://hub.example/", topic=TOPIC, token="t" * 43, secret="s3cret", act_at=NOW)
ASKED = NEW.when_asked(NOW)
VERIFIED = ASKED.verified(timedelta(days=10), NOW)
FAILED = ASKED.refused("http_500", NOW)
ENDED = VERIFIED.denied("no")
BODY = b"<feed/>"


def greeted(push: Push | None, **said: str) -> tuple[int, bytes, Letter | None]:
    query = {"mode": "subscribe", "topic": TOPIC, "challenge": "c<h>", "lease_seconds": "864000"} | said
    response, letter = callback.greet(push, urlencode({f"hub.{name}": v for name, v in query.items()}), NOW)
    return response.status, response.body, letter


@pytest.mark.parametrize("push", [pytest.param(ASKED, id="asked"), pytest.param(VERIFIED, id="asked before")])
def test_what_we_asked_for_is_confirmed_and_noted(push: Push) -> None:
    status, body, letter = greeted(push)
    assert (status, body) == (200, b"c<h>")
    assert letter == Letter(kind="push", key="t" * 43, at=NOW, head={"mode": "subscribe", "lease": "864000"})


@pytest.mark.parametrize("lease", ["", "-5", "1e9", "٣", "1" * 10])
def test_a_lease_that_is_none(lease: str) -> None:
    letter = greeted(ASKED, lease_seconds=lease)[2]
    assert letter is not None
    assert letter.head["lease"] == ""


@pytest.mark.parametrize(
    ("push", "said"),
    [
        pytest.param(None, {}, id="an unknown token"),
        pytest.param(NEW, {}, id="not asked for yet"),
        pytest.param(FAILED, {}, id="asked for, and given up"),
        pytest.param(ENDED, {}, id="ended"),
        pytest.param(ASKED, {"topic": "https://s.example/other"}, id="another topic"),
        pytest.param(ASKED, {"topic": ""}, id="no topic"),
        pytest.param(ASKED, {"mode": "unsubscribe"}, id="we never asked for that"),
        pytest.param(VERIFIED, {"mode": "unsubscribe"}, id="we want it"),
        pytest.param(None, {"mode": "unsubscribe"}, id="an unknown token to end"),
        pytest.param(ENDED, {"mode": "unsubscribe", "topic": "https://s.example/other"}, id="another topic to end"),
        pytest.param(ENDED, {"mode": "unsubscribe", "challenge": ""}, id="no challenge to end"),
        pytest.param(ASKED, {"mode": "publish"}, id="another mode"),
        pytest.param(ASKED, {"challenge": ""}, id="no challenge"),
        pytest.param(ASKED, {"challenge": "c" * 1025}, id="more than a challenge"),
        pytest.param(None, {"mode": "denied"}, id="an unknown token is denied"),
        pytest.param(ASKED, {"mode": "denied", "topic": "https://s.example/other"}, id="another topic is denied"),
    ],
)
def test_nothing_else_is_confirmed_or_noted(push: Push | None, said: dict[str, str]) -> None:
    status, body, letter = greeted(push, **said)
    assert (status, letter) == (404, None)
    assert b"c<h>" not in body


@pytest.mark.parametrize("query", ["hub.topic=%ff", "&".join(["a=1"] * 30), "", "hub.mode"])
def test_a_query_that_is_none(query: str) -> None:
    assert callback.greet(ASKED, query, NOW) == (callback.UNKNOWN, None)


def test_what_we_want_no_more_may_end() -> None:
    assert greeted(ENDED, mode="unsubscribe") == (200, b"c<h>", None)


def test_a_denial_is_noted_with_its_reason() -> None:
    status, _, letter = greeted(VERIFIED, mode="denied", reason="not\r\nfor you" + "." * 300)
    assert status == 202
    assert letter is not None
    assert letter.head == {"mode": "denied", "reason": ("notfor you" + "." * 300)[:200]}


def test_a_challenge_is_no_page() -> None:
    response, _ = callback.greet(
        ASKED, urlencode({"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "<script>"}), NOW
    )
    fields = dict(response.headers)
    assert response.body == b"<script>"
    assert fields[b"content-type"].startswith(b"text/plain")
    assert fields[b"x-content-type-options"] == b"nosniff"


# --------------------------------------------------------------------------------------------------- pushes


def signed(body: bytes = BODY, method: str = "sha256", secret: str = "s3cret") -> bytes:
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}".encode()


def taken(*fields: tuple[bytes, bytes], body: bytes = BODY) -> Letter | None:
    response, letter = callback.take(VERIFIED, fields, body, NOW)
    assert response.status == 202
    return letter


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_what_the_hub_signed_is_taken(method: str) -> None:
    letter = taken((b"x-hub-signature", signed(method=method)), (b"content-type", b"application/atom+xml"))
    assert letter == Letter(kind="push", key="t" * 43, at=NOW, head={"content-type": "application/atom+xml"}, body=BODY)
    assert taken((b"x-hub-signature", signed(method=method).upper().replace(b"SHA", b"sha"))) is not None


FORGED = [
    pytest.param([], id="no signature"),
    pytest.param([b""], id="an empty one"),
    pytest.param([signed(method="sha1")], id="sha1"),
    pytest.param([signed(method="md5")], id="md5"),
    pytest.param([signed(secret="other")], id="another secret"),
    pytest.param([signed(secret="")], id="no secret"),
    pytest.param([signed(BODY + b" ")], id="of another body"),
    pytest.param([signed(b"")], id="of nothing"),
    pytest.param([signed()[:-1]], id="cut short"),
    pytest.param([signed()[:-1] + b"g"], id="not hexadecimal"),
    pytest.param([signed() + b"0"], id="too long"),
    pytest.param([signed()[7:]], id="without its method"),
    pytest.param([b"sha256=" + signed(method="sha512")[7:]], id="of another method"),
    pytest.param([b"sha512=" + signed()[7:]], id="called another method"),
    pytest.param([b"sha256:" + signed()[7:]], id="spelled otherwise"),
    pytest.param([b" " + signed()], id="after a blank"),
    pytest.param([signed() + b", " + signed(secret="other")], id="two in one field"),
    pytest.param([signed(), signed()], id="two fields"),
    pytest.param([b"sha256=" + hashlib.sha256(BODY).hexdigest().encode()], id="a digest without a secret"),
    pytest.param([b"sha256=" + hashlib.sha256(b"s3cret" + BODY).hexdigest().encode()], id="a digest that is no HMAC"),
    pytest.param([b"sha256=" + b"0" * 64], id="zeros"),
    pytest.param([b"sha3_256=" + b"0" * 64], id="a method that hashlib knows"),
    pytest.param([b"sha256=\xff" + b"0" * 63], id="no ASCII"),
]


@pytest.mark.parametrize("signatures", FORGED)
def test_what_it_did_not_sign_leaves_nothing_behind(signatures: list[bytes]) -> None:
    assert taken(*((b"x-hub-signature", signature) for signature in signatures)) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_nothing_but_the_signature_of_this_body_will_do(body: bytes, signature: bytes) -> None:
    assert callback.is_signed("s3cret", body, [signed(body)])
    assert not callback.is_signed("s3cret", body, [signature])
    assert callback.is_signed("s3cret", body, [signed(signature)]) == (body == signature)


def test_a_body_that_came_before_leaves_nothing_behind() -> None:
    """Else whoever recorded one could fill the inbox with it, and bring back what an article said then."""
    known = VERIFIED.brought(digest_of(BODY), NOW)
    fields = [(b"x-hub-signature", signed())]
    assert callback.take(known, fields, BODY, NOW)[0].status == 202
    assert callback.take(known, fields, BODY, NOW)[1] is None
    assert callback.take(known, [(b"x-hub-signature", signed(BODY + b" "))], BODY + b" ", NOW)[1] is not None


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs late takes no longer than what differs early: hmac.compare_digest has the word."""
    compared = []
    monkeypatch.setattr(hmac, "compare_digest", lambda ours, theirs: compared.append((ours, theirs)))
    assert not callback.is_signed("s3cret", BODY, [signed()])
    assert compared == [(signed()[7:], signed()[7:])]


def test_a_body_is_so_long_and_no_longer() -> None:
    most = LARGEST_LETTER["push"]
    body = b"x" * most
    assert taken((b"x-hub-signature", signed(body)), body=body) is not None
    assert callback.take(VERIFIED, [(b"x-hub-signature", signed(body + b"x"))], body + b"x", NOW) == (
        callback.TOO_LARGE,
        None,
    )


@pytest.mark.parametrize(
    ("push", "length", "status"),
    [
        pytest.param(None, b"7", 410, id="an unknown token, which may have been ours"),
        pytest.param(ENDED, b"7", 410, id="ended"),
        pytest.param(VERIFIED, b"2097152", 0, id="as long as may be"),
        pytest.param(VERIFIED, b"2097153", 413, id="longer"),
        pytest.param(VERIFIED, b"9" * 5000, 413, id="longer than a number"),
        pytest.param(VERIFIED, b"x", 413, id="no length"),
        pytest.param(FAILED, b"7", 0, id="signed is signed, whatever became of the lease"),
    ],
)
def test_what_is_refused_before_it_is_read(push: Push | None, length: bytes, status: int) -> None:
    refused = callback.refuse(push, [(b"host", b"h"), (b"content-length", length)])
    assert (refused.status if refused else 0) == status


def test_a_body_without_a_length_is_read_as_far_as_it_may_be_long() -> None:
    assert callback.refuse(VERIFIED, []) is None


@pytest.mark.parametrize(
    ("path", "token"),
    [
        pytest.param("/websub/" + "t" * 43, "t" * 43, id="a callback"),
        pytest.param("/websub/" + "t" * 43 + "/", "", id="below it"),
        pytest.param("/websub/", "", id="the folder"),
        pytest.param("/websub/short", "", id="too short to be one"),
        pytest.param("/websub/" + "t" * 65, "", id="too long to be one"),
        pytest.param("/other/" + "t" * 43, "", id="elsewhere"),
        pytest.param("/websub/" + "%74" * 20, "", id="escaped"),
    ],
)
def test_the_paths_of_callbacks(path: str, token: str) -> None:
    assert callback.token_of(path) == token


def test_a_hub_whose_lease_was_given_up_may_still_be_verified_when_it_is_asked_again() -> None:
    assert greeted(replace(FAILED, asked=NOW))[0] == 200
