"""What counts as an anchor in the languages that templates are written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidepath.templates.anchor import Anchors, Pieces
from guidepath.templates.look import Look
from guidepath.templates.markup import gather
from guidepath.templates.selector import Part

PARTS = (
    Part("data-guide", "=", "import"),
    Part("data-test-id", "=", "import"),
    Part("id", "=", "import"),
    Part("class", "~=", "import"),
)
HOLE: Pieces = ("", "")


def read(text: str, file: str, selectors: tuple[str, ...] = ()) -> Anchors:
    anchors = Anchors()
    gather(anchors, Look(PARTS, selectors), text, file)
    return anchors


def values(text: str, file: str, name: str = "data-guide") -> set[Pieces]:
    """What the text gives to the attribute."""
    found = read(text, file)
    return {(one,) for one in found.plain.get(name, ())} | set(found.built.get(name, ()))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.html", '<a data-guide="import">'),
        ("a.html", "<a data-guide='import'>"),
        ("a.html", "<a data-guide=import>"),
        ("a.html", '<a\n  data-guide = "import"\n>'),
        ("a.html", '<a href="{{ url_for("x") }}" data-guide="import">'),
        ("a.html", "<script>el.dataset.guide = 'import'</script>"),
        ("a.js", 'button.setAttribute("data-guide", "import")'),
        ("a.js", "button.dataset.guide = `import`"),
        ("a.js", 'h("a", {"data-guide": "import"})'),
        ("a.js", 'h("a", {["data-guide"]: "import"})'),
        ("a.js", 'page.innerHTML = "<a data-guide=\\"import\\">"'),
        ("a.jsx", '<Anchor data-guide="import" />'),
        ("a.jsx", '<a data-guide={"import"}>'),
        ("a.jsx", '<a href="https://x.example" data-guide="import">'),
        ("a.jsx", "<a data-guide={open ? 'import' : \"import\"}>"),
        ("a.tsx", "<a data-guide={mayImport && 'import'}>"),
        ("a.tsx", '<Step dataGuide="import">'),
        ("a.vue", "<a :data-guide=\"'import'\">"),
        ("a.vue", '<a v-bind:data-guide="`import`">'),
        ("a.component.html", "<a [attr.data-guide]=\"'import'\">"),
        ("a.svelte", "{#if open}<a data-guide='import'>{/if}"),
        ("a.py", 'button(data_guide="import")'),
        ("a.js", 'button.dataset["guide"] = "import"'),
        ("a.js", "button.dataset['guide'] = 'import'"),
        ("a.js", 'h("a", {dataset: {id: 1, guide: "import"}})'),
        ("a.js", "Object.assign(button.dataset, { guide: `import` })"),
        ("a.js", "button.setAttribute(`data-guide`, `import`)"),
        ("a.py", "forms.TextInput(attrs={'data-guide': 'import'})"),
        ("a.py", "f'<a data-guide=\"import\">{name}</a>'"),
        ("a.erb", '<%= link_to "Go", go_path, data: { turbo: true, guide: "import" } %>'),
        ("a.erb", '<%= link_to "Go", go_path, "data-guide" => "import" %>'),
        ("a.haml", "%a{:data => {:guide => 'import'}}"),
        ("a.pug", "a(data-guide='import')"),
        ("a.php", '<a data-guide="import"><?= $name ?></a>'),
        ("a.blade.php", '<a @class(["x"]) data-guide="import">'),
        ("a.heex", '<.link data-guide="import">'),
    ],
)
def test_an_anchor_in_plain_letters_is_found(file: str, text: str) -> None:
    assert values(text, file) == {("import",)}


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("a.html", '<a data-guide="{{ name }}">', HOLE),
        ("a.html", "<a data-guide={{ name }}>", HOLE),
        ("a.html", '<a data-guide="nav-{{ path[1:] }}">', ("nav-", "")),
        ("a.html", '<a data-guide="{{ t("a \'b\'") }}-nav" id="x">', ("", "-nav")),
        ("a.html", '<a data-guide="nav{% for a in b %}{{ a }}{% endfor %}">', ("nav", "", "", "")),
        ("a.html", '<a data-guide="{% if a %}nav">', ("", "nav")),
        ("a.erb", '<a data-guide="nav-<%= name %>">', ("nav-", "")),
        ("a.php", '<a data-guide="nav-<?= $name ?>">', ("nav-", "")),
        ("a.erb", "<%= link_to 'x', y, data: { guide: name } %>", HOLE),
        ("a.jsx", "<a data-guide={name}>", HOLE),
        ("a.jsx", "<a data-guide={`nav-${name}`}>", ("nav-", "")),
        ("a.jsx", '<a data-guide={"nav-" + name}>', HOLE),
        ("a.jsx", '<a data-guide={names["nav"]}>', HOLE),
        ("a.svelte", '<a data-guide="nav-{name}">', ("nav-", "")),
        ("a.vue", '<a :data-guide="name">', HOLE),
        ("a.component.html", '<a [attr.data-guide]="name">', HOLE),
        ("a.js", "button.dataset.guide = name", HOLE),
        ("a.js", 'button.setAttribute("data-guide", name)', HOLE),
        ("a.js", '({"data-guide": "nav-" + name})', ("nav-", "")),
        ("a.py", 'button(data_guide=f"nav-{name}")', ("nav-", "")),
        ("a.py", "\"<a data-guide='nav-%s'>\" % name", ("nav-", "")),
        ("a.py", 'button(data_guide="nav-{}".format(name))', ("nav-", "", "")),
    ],
)
def test_of_a_value_that_is_put_together_the_plain_letters_are_known(
    file: str, text: str, found: Pieces
) -> None:
    assert values(text, file) == {found}


IMPORT_OR_NAV = {("import",), ("nav",)}


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("a.html", "{% if a %}import{% else %}nav{% endif %}", IMPORT_OR_NAV),
        ("a.html", "{%- if a -%}import{%- elif b -%}nav{%- endif -%}", IMPORT_OR_NAV),
        ("a.liquid", "{% unless a %}import{% else %}nav{% endunless %}", IMPORT_OR_NAV),
        ("a.erb", "<% if a %>import<% else %>nav<% end %>", IMPORT_OR_NAV),
        ("a.heex", "<%= if a do %>import<% else %>nav<% end %>", IMPORT_OR_NAV),
        ("a.ejs", "<% if (a) { %>import<% } else { %>nav<% } %>", IMPORT_OR_NAV),
        ("a.php", "<?php if ($a): ?>import<?php else: ?>nav<?php endif; ?>", IMPORT_OR_NAV),
        ("a.blade.php", "@if($a)import @else nav @endif", {("import ",), (" nav ",)}),
        ("a.hbs", "{{#if a}}import{{else}}nav{{/if}}", IMPORT_OR_NAV),
        ("a.gohtml", "{{if .A}}import{{else}}nav{{end}}", IMPORT_OR_NAV),
        ("a.html", "{% if a %}{% if b %}import{% else %}nav{% endif %}{% endif %}", IMPORT_OR_NAV),
        ("a.html", "a{% if a %}-{{ b }}{% endif %}", {("a-", ""), ("a",)}),
        ("a.html", "a{% if a %}-b{% elif c %}-c{% endif %}", {("a-b",), ("a-c",), ("a",)}),
        (
            "a.html",
            "a{% if a %}-b{% elif c %}-c{% else %}-d{% endif %}",
            {("a-b",), ("a-c",), ("a-d",)},
        ),
        ("a.html", "{% if a %}a{% endif %}" * 7, {HOLE}),
        ("a.html", "{{ 'import' if a else 'nav' }}", IMPORT_OR_NAV),
        ("a.html", "{{ 'import' if a else ('nav' if b else c) }}", {("import",), HOLE}),
        ("a.html", "{{ a|default:'import' }}", {("import",), HOLE}),
        ("a.html", "{{ a|default('import') }}", {("import",), HOLE}),
        ("a.html", "{{ a|date:'Y' }}", {HOLE}),
        ("a.twig", "{{ a ? 'import' : 'nav' }}", IMPORT_OR_NAV),
        ("a.php", "<?= $a ? 'import' : 'nav' ?>", IMPORT_OR_NAV),
        ("a.php", "<?php echo $a ? 'import' : 'nav'; ?>", IMPORT_OR_NAV),
        ("a.hbs", "{{if a 'import' 'nav'}}", IMPORT_OR_NAV),
        ("a.svelte", "{a ? 'import' : 'nav'}", IMPORT_OR_NAV),
    ],
)
def test_where_a_template_chooses_between_texts_each_is_found(
    file: str, text: str, found: set[Pieces]
) -> None:
    assert values(f'<a data-guide="{text}">', file) == found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.js", 'button.dataset.guide = open ? "import" : "nav"'),
        ("a.js", 'button.setAttribute("data-guide", open ? "import" : "nav")'),
        ("a.js", 'h("a", {"data-guide": open ? "import" : "nav", title: "x"})'),
        ("a.py", 'attrs={"data-guide": "import" if opened else "nav"}'),
        ("a.py", 'button(data_guide="import" if opened else "nav")'),
    ],
)
def test_where_a_script_chooses_between_texts_each_is_found(file: str, text: str) -> None:
    assert values(text, file) == IMPORT_OR_NAV


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.html", '<!-- <a data-guide="import"> -->'),
        ("a.html", '{# <a data-guide="import"> #}'),
        ("a.html", '{% comment "old" %}{% x %}<a data-guide="import">{% endcomment %}'),
        ("a.hbs", '{{!-- <a data-guide="import"> --}}'),
        ("a.erb", '<%-- <a data-guide="import"> --%>'),
        ("a.jsx", '{/* <a data-guide="import"> */}'),
        ("a.js", '  // <a data-guide="import">'),
        ("a.ts", 'go(); // <a data-guide="import">'),
        ("a.jsx", 'return null; // <a data-guide="import">'),
        ("a.py", '# button(data_guide="import")'),
        ("a.js", "document.querySelector(\"[data-guide='import']\")"),
        ("a.html", "<style>[data-guide='import'] {color: red}</style>"),
        ("a.html", "<a x-data-guide='import' data-guides='import' data-guide-x='import'>"),
        ("a.js", 'if (button.dataset.guide === "import") go()'),
        ("a.html", "<p>The attribute data-guide, as it is called</p>"),
        ("a.erb", "<% guide: 'import' %>"),
        ("a.js", '({data: {guide: "import"}})'),
        ("a.js", "({guide: 'import'})"),
    ],
)
def test_what_is_no_attribute_of_an_element_is_not_found(file: str, text: str) -> None:
    assert values(text, file) == set()


def test_a_pattern_of_paths_begins_no_comment() -> None:
    text = 'glob("src/*.ts"); h({"data-guide": "import"}); glob("lib*/x.ts")'
    assert values(text, "a.js") == {("import",)}


def test_an_attribute_without_a_value_is_there() -> None:
    assert values("<main data-guide>", "a.html") == {("",)}


def test_classes_are_words_and_those_put_together_are_holes_among_them() -> None:
    text = '<a class="button {{ kind }} is-{{ size }}\n import">'
    assert values(text, "a.html", "class") == {("button",), HOLE, ("is-", ""), ("import",)}
    assert values('<a className="button import">', "a.jsx", "class") == {("button",), ("import",)}
    assert values('a(class_="import")', "a.py", "class") == {("import",)}


def test_short_names_of_class_and_id_are_read_where_a_language_has_them() -> None:
    for file in ("a.haml", "a.slim", "a.pug"):
        assert values("  a.button.import#top", file, "class") == {("button",), ("import",)}
        assert values("  a.button.import#top", file, "id") == {("top",)}
    assert values("a.button.import#top", "a.html", "class") == set()


def test_an_id_that_a_script_computes_says_nothing_of_elements() -> None:
    assert values("const order = {id: row.id, total: 3}", "a.ts", "id") == set()
    assert values('<tr id={row.id}><td id="import">', "a.tsx", "id") == {HOLE, ("import",)}


def test_longer_names_have_their_spellings_too() -> None:
    for text in (
        "el.dataset.testId = 'import'",
        'x(data_test_id="import")',
        "{dataTestId: `import`}",
    ):
        assert values(text, "a.js", "data-test-id") == {("import",)}


def test_the_place_is_that_of_the_attribute_where_the_value_stands_first() -> None:
    found = read('<p>\n  <a data-guide="x">\n<a data-guide="import">\n<b data-guide="x">', "a.html")
    assert {value: str(at) for value, at in found.plain["data-guide"].items()} == {
        "x": "a.html:2:6",
        "import": "a.html:3:4",
    }


def test_entities_are_the_characters_that_they_stand_for() -> None:
    assert values('<a data-guide="Q&amp;A">', "a.html") == {("Q&A",)}


def test_wanted_words_in_quotes_are_remembered_with_their_place() -> None:
    found = read("const kinds = ['export', 'import']", "a.js")
    assert {word: str(at) for word, at in found.said.items()} == {"import": "a.js:1:27"}


def test_an_element_that_a_script_gives_to_a_selector_is_known() -> None:
    selector = "[data-guide='import']"
    text = f'connect({{targets: {{"{selector}": () => button, "#other": x}}}})'
    assert read(text, "a.js", (selector,)).given == {selector}
    assert read(f'$("{selector}")', "a.js", (selector,)).given == set()


@pytest.mark.parametrize(
    "begun",
    [
        *('data-guide="', 'data-guide={"', "data-guide='{{", 'data-guide=\\"', "data: {guide: "),
        *("<!--", "/*", "{{!--", "{# ", "{% comment ", "\\", "<%= "),
    ],
)
@pytest.mark.parametrize("file", ["a.html", "a.erb", "a.jsx"])
def test_a_file_where_nothing_is_closed_is_read_to_its_end(begun: str, file: str) -> None:
    # where each beginning were searched to the end of the file, this would take long
    text = begun * (10_000 // len(begun)) + '\n<a data-guide="import">'
    assert "data-guide" in read(text, file).plain or "data-guide" in read(text, file).built


SUFFIXES = st.sampled_from(["html", "erb", "haml", "jsx", "vue", "svelte", "py", "js", "php"])
SCRAPS = st.sampled_from(
    [
        *(
            "data-guide",
            "class",
            "id",
            "data_guide",
            "guide",
            "data: {",
            "dataset.guide",
            " ",
            "\n",
        ),
        *("=", ":", "=>", ",", "'", '"', "`", "\\", "{", "}", "{{", "}}", "<%", "%>", "[", "]"),
        *("import", "${", "/*", "*/", "<!--", "-->", "{#", "#}", "?", "&&", "+", "f", "\0", "ü"),
    ]
)


@given(st.lists(SCRAPS, max_size=40).map("".join), SUFFIXES)
def test_whatever_a_file_holds_its_places_are_in_it(text: str, suffix: str) -> None:
    found = read(text, f"a.{suffix}")
    lines = text.split("\n")
    for kinds in (found.plain, found.built):
        for at in (one for values in kinds.values() for one in values.values()):
            assert 1 <= at.line <= len(lines)
            assert 1 <= at.column <= len(lines[at.line - 1]) + 1


WORDS = st.text("abcxyz019-_", min_size=1)


@given(WORDS, st.sampled_from(["html", "jsx", "vue", "svelte", "erb", "php"]), SCRAPS)
def test_an_anchor_is_found_whatever_text_stands_before_it(
    word: str, suffix: str, before: str
) -> None:
    text = f"<p>{before}</p>\n<a data-guide='{word}'>"
    if before != "<!--":
        assert (word,) in values(text, f"a.{suffix}")
