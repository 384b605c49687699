"""Addresses to post to, answers, and how long to wait."""

from datetime import UTC, datetime

import pytest

from guidepath import ConfigurationError
from guidepath.adapters.sinks.posting import (
    Answer,
    Endpoint,
    Poster,
    compressed,
    endpoint,
    retry_after,
)
from guidepath.errors import DeliveryError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://h.example", Endpoint("https", "h.example", 443, "/")),
        ("https://H.Example./a?b=c", Endpoint("https", "h.example", 443, "/a?b=c")),
        ("https://h.example:8443/a/", Endpoint("https", "h.example", 8443, "/a/")),
        ("https://[2606:4700::1111]/", Endpoint("https", "2606:4700::1111", 443, "/")),
        ("http://127.0.0.1:80/", Endpoint("http", "127.0.0.1", 80, "/")),
        ("https://a_b.example/", Endpoint("https", "a_b.example", 443, "/")),
    ],
)
def test_an_address_is_taken_apart(text: str, expected: Endpoint) -> None:
    assert endpoint(text, insecure=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h.example",
        "//h.example",
        "ftp://h.example",
        "https://",
        "https:///path",
        "https://user@h.example",
        "https://user:secret@h.example",
        "https://h.example@127.0.0.1/",
        "https://h.example#@127.0.0.1/",
        "https://h.example\\@127.0.0.1/",
        "https://h.example/\r\nX-Header: 1",
        "https://h.exa\tmple/",
        "https://h.example/a b",
        " https://h.example",
        "https://h.example:99999/",
        "https://h.example:x/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://[v1.a]/",
        "https://h%2eexample/",
        "https://-h.example/",
        "https://.../",
        "https://bücher.example/",
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        endpoint(text, insecure=True)
    assert "secret" not in str(raised.value)


def test_an_address_without_tls_must_be_permitted() -> None:
    with pytest.raises(ConfigurationError, match="insecure=yes"):
        endpoint("http://h.example/very-secret", insecure=False)


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("https://h.example:443", "h.example"),
        ("https://h.example:80", "h.example:80"),
        ("http://h.example:80", "h.example"),
        ("https://[::1]:8443", "[::1]:8443"),
    ],
)
def test_the_authority_is_what_the_host_header_says(text: str, authority: str) -> None:
    assert endpoint(text, insecure=True).authority == authority


def test_a_path_is_put_below_the_one_of_the_address() -> None:
    assert endpoint("https://h", insecure=False).at("/v1/batch").path == "/v1/batch"
    assert endpoint("https://h/proxy/", insecure=False).at("/v1/batch").path == "/proxy/v1/batch"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("0", 0),
        (" 120 ", 120),
        ("999999", 3600),
        ("Fri, 02 Jan 2026 12:01:00 GMT", 60),
        ("Fri, 02 Jan 2026 13:01:00 +0100", 60),
        ("Fri, 02 Jan 2026 12:01:00 -0000", 60),
        ("Friday, 02-Jan-26 12:01:00 GMT", 60),
        ("Fri, 02 Jan 2026 11:00:00 GMT", 0),
        ("Fri, 02 Jan 2099 12:00:00 GMT", 3600),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("1e9", None),
        ("٣", None),
        ("", None),
        ("9" * 400, None),
        ("Fri, 02 Jan 99999999999999999999 12:00:00 GMT", None),
    ],
)
def test_a_wait_is_read_in_either_form_and_never_beyond_an_hour(
    text: str | None, seconds: float | None
) -> None:
    assert retry_after(text, NOON) == seconds


@pytest.mark.parametrize("body", [b"", b"[1]", b"7", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_has_no_fields(body: bytes) -> None:
    assert Answer(200, {}, body).field("status") is None


def test_a_field_of_the_body_is_read() -> None:
    assert Answer(200, {}, b'{"status":"Ok"}').field("status") == "Ok"
    assert Answer(200, {}, b'{"status":"Ok"}').field("other") is None


def test_an_error_shows_the_start_of_the_answer_in_one_line() -> None:
    to = endpoint("https://h.example", insecure=False)
    problem = Poster().problem(to, Answer(500, {}, b"a\r\n\t\x1b[31mb\x00\xff" + b"c" * 999))
    assert str(problem).startswith("h.example answered 500 Internal Server Error; a [31mb \ufffdcc")
    assert len(str(problem)) < 300
    assert str(Poster().problem(to, Answer(418, {}, b""))) == "h.example answered 418 I'm a Teapot"
    assert str(Poster().problem(to, Answer(599, {}, b""))) == "h.example answered 599"


def test_compressing_twice_gives_the_same() -> None:
    assert compressed(b"x" * 99) == compressed(b"x" * 99)


def test_a_header_that_cannot_be_sent_is_an_error_of_delivery() -> None:
    with pytest.raises(DeliveryError):
        Poster().post(endpoint("http://127.0.0.1:9", insecure=True), b"", {"X-Id": "a\nb"})
