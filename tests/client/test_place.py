from typing import Any

import pytest
from playwright.sync_api import Page

# side, align, right to left -> x, y, side: a box of 100x50 beside a target of 40x20 at (200, 100)
MIDDLE = [
    ("bottom", "start", False, (200, 130, "bottom")),
    ("bottom", "center", False, (170, 130, "bottom")),
    ("bottom", "end", False, (140, 130, "bottom")),
    ("bottom", "start", True, (140, 130, "bottom")),
    ("bottom", "end", True, (200, 130, "bottom")),
    ("top", "start", False, (200, 40, "top")),
    ("right", "start", False, (250, 100, "right")),
    ("right", "center", True, (250, 85, "right")),
    ("left", "end", False, (90, 70, "left")),
    ("start", "center", False, (90, 85, "left")),
    ("start", "center", True, (250, 85, "right")),
    ("end", "start", True, (90, 100, "left")),
    ("nowhere", "nohow", False, (170, 130, "bottom")),
]


def placed(page: Page, **case: object) -> tuple[int, int, str]:
    got: dict[str, Any] = page.evaluate(
        """async (given) => {
          const { place } = await import("/guidepath/client/place.js");
          const target = { x: 200, y: 100, width: 40, height: 20 };
          const view = { width: 600, height: 400 };
          return place({ target, view, box: { width: 100, height: 50 }, gap: 10, ...given });
        }""",
        case,
    )
    return got["x"], got["y"], got["side"]


@pytest.mark.parametrize(("side", "align", "rtl", "expected"), MIDDLE)
def test_a_box_stands_beside_its_target(
    blank: Page, side: str, align: str, rtl: bool, expected: tuple[int, int, str]
) -> None:
    assert placed(blank, side=side, align=align, rtl=rtl) == expected


def test_where_there_is_no_room_it_flips_to_the_side_with_more(blank: Page) -> None:
    low = {"x": 200, "y": 370, "width": 40, "height": 20}
    assert placed(blank, target=low, side="bottom") == (170, 310, "top")
    last = {"x": 550, "y": 100, "width": 40, "height": 20}
    assert placed(blank, target=last, side="right") == (440, 85, "left")


def test_where_no_side_has_room_it_stays_inside_the_view(blank: Page) -> None:
    target = {"x": 30, "y": 30, "width": 60, "height": 20}
    view = {"width": 120, "height": 60}
    assert placed(blank, target=target, view=view, side="bottom") == (10, 8, "top")


def test_it_never_leaves_the_view_at_its_edges(blank: Page) -> None:
    corner = {"x": 0, "y": 0, "width": 20, "height": 20}
    assert placed(blank, target=corner, side="bottom", align="end") == (8, 30, "bottom")
