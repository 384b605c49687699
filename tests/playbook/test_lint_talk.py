"""Texts: how long, and in which languages. The plain examples are those of `docs/lint.md`."""

import pytest
from tests.playbook.sketch import HEAD, MILESTONES, codes, found, items

from guidepath.playbook.lint.talk import length


@pytest.mark.parametrize(
    ("key", "kind", "most"),
    [("title", "banner", 72), ("body", "banner", 240), ("body", "modal", 720)],
)
def test_a_text_is_too_long_by_what_it_stands_in(key: str, kind: str, most: int) -> None:
    def item(count: int) -> str:
        texts = {"title": "X", key: "x" * count}
        written = ", ".join(f"{name}: {text}" for name, text in texts.items())
        return items(f"{{id: x, type: {kind}, moment: onboard, toward: first, {written}}}")

    assert codes(MILESTONES, item(most)) == []
    assert codes(MILESTONES, item(most + 1)) == ["long-text"]


def test_only_what_is_read_counts() -> None:
    assert length("{% if user.first_name %}Ada{% endif %}  [here](/a/long/address)\n") == len(
        "Ada here"
    )


def test_a_long_translation_is_told_at_its_language() -> None:
    texts = f"{{en: X, de: {'y' * 73}}}"
    item = f"{{id: x, type: banner, moment: onboard, toward: first, title: {texts}}}"
    one = found("long-text", MILESTONES, items(item))
    line = (HEAD + MILESTONES + items(item)).splitlines()[one.place.line - 1]
    assert line[one.place.column - 1 :].startswith("yyy")


def speaking(*titles: str) -> str:
    written = (
        f'  - {{id: m{n}, title: {title}, reached_when: count("sent") > {n}'
        f"{', first_value: true' if n == 0 else ''}}}\n"
        for n, title in enumerate(titles)
    )
    return "milestones:\n" + "".join(written)


@pytest.mark.parametrize(
    ("titles", "missing"),
    [
        (("{en: A, de: A}", "{en: B, de: B}", "{en: C}"), 1),
        (("{en: A, de: A}", "{en: B, de: B}", "C"), 1),
        (("{en: A, de: A}", "B", "C"), 1),  # one language too many, told once
        (("{en: A, de: A}", "{en: B, de: B, de-AT: B}", "{en: C, de: C}"), 0),
        (("{en: A, de-AT: A}", "{en: B, de-AT: B}", "{en: C, de: C}"), 1),
        (("A", "{en: B}", "C"), 0),
    ],
)
def test_a_language_is_there_for_all_texts_or_for_none(
    titles: tuple[str, ...], missing: int
) -> None:
    assert codes(speaking(*titles)).count("missing-translation") == missing
