import pytest

from guidepath.content.link import kind


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a?b=c#d", "https"),
        ("HTTPS://EXAMPLE.COM", "https"),
        ("https://example.com/@ada?to=a@b.c#@", "https"),
        ("/invoices/7?new=1", "path"),
        ("/", "path"),
        ("#top", "fragment"),
        ("mailto:help@example.com", "mailto"),
    ],
)
def test_a_link_within_the_allowed_ways_is_followed(url: str, expected: str) -> None:
    assert kind(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "contacts",
        "http://example.com",
        "//example.com",
        "/\\example.com",
        "\\\\example.com",
        "https:example.com",
        "https:///example.com",
        "https://",
        "https://example.com@evil.example/",
        "https://@evil.example",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "/a\nb",
        "/a b",
        "\x01javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "https://exa\u202emple.com",
    ],
)
def test_any_other_link_is_not(url: str) -> None:
    assert kind(url) is None
