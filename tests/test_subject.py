"""Who it is about, and where: what cannot be an id is refused, what cannot be a place is mended."""

import pytest

from guidepath import EventError
from guidepath.subject import Context, Subject, subject


def test_a_user_without_an_account_is_her_own() -> None:
    assert subject("u", None) == Subject("u", "u")
    assert subject("u", "a") == Subject("a", "u")
    assert subject(None, "a") == Subject("a", None)


@pytest.mark.parametrize("id", ["", "x" * 257, "a\nb", "\ud800", 7, b"u", None, ["u"]])
def test_what_cannot_be_an_id_is_refused(id: object) -> None:
    with pytest.raises(EventError):
        subject(id, None)  # type: ignore[arg-type]


def test_a_place_is_cut_and_made_text() -> None:
    context = Context("/" + "x" * 5000, "de", "\ud800")
    assert (len(context.page or ""), context.locale, context.device) == (2048, "de", "?")
