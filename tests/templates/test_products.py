"""The products in this repository have the elements that their playbooks point at."""

from pathlib import Path

import pytest

from guidepath.playbook.loading import contents
from guidepath.playbook.playbook import Playbook
from guidepath.templates.check import check
from guidepath.templates.folder import files

ROOT = Path(__file__).parents[2]
PRODUCTS = sorted(
    [ROOT / "src/guidepath/demo", *(one.parent for one in ROOT.glob("examples/*/guidepath.yaml"))]
)


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda one: one.name)
def test_a_product_has_what_its_playbook_points_at(product: Path) -> None:
    file = product / "guidepath.yaml"
    text = contents(file)
    found = check(Playbook.load(file), text, str(file), files([product]), lambda done, total: None)
    assert [str(one) for one in found if one.severity == "error"] == []


def test_the_demo_builds_its_menu_so_that_it_cannot_be_told() -> None:
    file = ROOT / "src/guidepath/demo/guidepath.yaml"
    found = check(
        Playbook.load(file),
        contents(file),
        str(file),
        files([file.parent / "templates"]),
        lambda done, total: None,
    )
    (menu,) = [one for one in found if "nav-payments" in one.message]
    assert menu.code == "dynamic-target"
    assert "templates/base.html" in menu.message
