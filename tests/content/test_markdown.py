from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidepath.content import markdown
from guidepath.content.template_parser import parse

TAGS = frozenset(
    {"a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"img", "li", "ol", "p", "pre", "strong", "ul"}
)
ATTRIBUTES = {("a", "href"), ("a", "title"), ("a", "rel"), ("ol", "start")}
PICTURES = {("img", "src"), ("img", "alt"), ("img", "title")}


class Reader(HTMLParser):
    """Collects what a browser would make of some HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def check_harmless(html: str, *, images: bool) -> None:
    for tag, attributes in read(html).tags:
        assert tag in TAGS
        assert images or tag != "img"
        for name, value in attributes:
            assert (tag, name) in (ATTRIBUTES | PICTURES if images else ATTRIBUTES)
            if name in ("href", "src"):
                check_address(value or "", mail=name == "href")


def check_address(url: str, *, mail: bool) -> None:
    scheme = urlsplit(url).scheme
    assert scheme in ("https", "", *(["mailto"] if mail else []))
    if not scheme:
        assert url.startswith(("/", "#"))
        assert not url.startswith(("//", "/\\"))


PIECES = (
    "<script>|</script>|<img src=x onerror=alert(1)>|[x](javascript:alert(1))|![x](/p.png)|`|```\n"
    "|**|<a href=|'|\"|>|javascript:|JAVASCRIPT&colon;|&#106;avascript:|data:text/html,|//evil|/\\"
    "|\\|<style>|style=|[a]: |[a]|(|)|\n\n|    |- |1. |# |<https://a.b/|&lt;|\x00|<!--|<![CDATA["
    "|on|\t|mailto:a@b.c|![|](|http://|https://a.b"
)
HOSTILE = st.lists(st.sampled_from(PIECES.split("|")) | st.text(max_size=5), max_size=12).map(
    "".join
)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, st.booleans())
def test_no_body_makes_html_that_does_anything(body: str, images: bool) -> None:
    check_harmless(markdown.render(body, images=images), images=images)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, st.sampled_from(["{}", "Hi **{}**, [go](/x)", "- {}\n- b", "[{}](/x)", "# {}"]))
def test_a_value_is_shown_as_it_was_typed(value: str, around: str) -> None:
    template = parse(around.replace("{}", "{{ user.name }}"))
    plain = template.render({"user.name": "N"}, locale="en", escape=markdown.escape)
    filled = template.render({"user.name": value}, locale="en", escape=markdown.escape)
    before, after = read(markdown.render(plain)), read(markdown.render(filled))
    check_harmless(markdown.render(filled), images=False)
    if value.strip():
        assert [tag for tag, _ in after.tags] == [tag for tag, _ in before.tags]
    expected = value.replace("\x00", "\ufffd")
    assert "".join(expected.split()) in "".join(after.text.split())


@settings(max_examples=100, deadline=None)
@given(HOSTILE)
def test_a_value_in_an_address_leads_nowhere_else(value: str) -> None:
    template = parse("[go]({{ user.name }}) <https://a.b/{{ user.name }}> ![p]({{ user.name }})")
    body = template.render({"user.name": value}, locale="en", escape=markdown.escape)
    check_harmless(markdown.render(body, images=True), images=True)


def test_a_user_who_is_called_like_a_tag_is_shown_like_that() -> None:
    name = "<img src=x onerror=alert(1)>"
    assert markdown.render(markdown.escape(name)) == ("<p>&lt;img src=x onerror=alert(1)&gt;</p>\n")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "http://a.b", "ftp://a"])
def test_a_link_that_may_not_be_followed_is_shown_as_text(url: str) -> None:
    assert "<a" not in markdown.render(f"[x]({url})")


def test_links_to_other_hosts_give_nothing_away() -> None:
    html = markdown.render("[a](https://a.b) [b](/b) [c](#c) [d](mailto:a@b.c)")
    assert [dict(attributes) for _, attributes in read(html).tags[1:]] == [
        {"href": "https://a.b", "rel": "noopener noreferrer nofollow"},
        {"href": "/b"},
        {"href": "#c"},
        {"href": "mailto:a@b.c"},
    ]


def test_pictures_are_shown_only_where_asked_for() -> None:
    assert "<img" not in markdown.render("![p](/p.png)")
    assert markdown.render("![p](/p.png)", images=True) == '<p><img src="/p.png" alt="p"></p>\n'


def test_html_in_a_body_is_shown_as_text() -> None:
    assert markdown.render("a <b>b</b>") == "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n"
