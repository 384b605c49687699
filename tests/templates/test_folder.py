import os
from pathlib import Path

import pytest

from guidepath.templates.folder import LARGEST, files, text


def made(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", "utf-8")


def found(folder: Path, *folders: str) -> list[str]:
    asked = [folder / one for one in folders or (".",)]
    return [str(one.relative_to(folder)) for one in files(asked)]


def test_templates_and_sources_are_found_in_order(tmp_path: Path) -> None:
    names = ["a.html", "b/c.tsx", "b/d.vue", "b/e/f.py", "b/g.JSX", "h.erb", "i.jinja2"]
    made(tmp_path, *names)
    assert sorted(found(tmp_path)) == names
    assert found(tmp_path) == found(tmp_path)


def test_what_a_tool_made_and_what_only_a_test_has_is_passed_over(tmp_path: Path) -> None:
    made(
        tmp_path,
        *("node_modules/a/b.js", ".git/a.html", ".next/a.js", "build/a.html", "dist/a.js"),
        *("venv/lib/a.py", "__pycache__/a.py", "app.min.js", "a.css", "b.png", "c.md", "d"),
        *("tests/a.html", "src/__tests__/a.tsx", "src/a.test.tsx", "src/a.spec.ts"),
        *("src/a.stories.tsx", "test_a.py", "a_test.go", "src/building.html"),
    )
    assert found(tmp_path) == ["src/building.html"]


def test_a_folder_or_file_that_is_named_is_read_whatever_its_name(tmp_path: Path) -> None:
    made(tmp_path, "build/a.html", "tests/b.html", "page.tpl")
    assert found(tmp_path, "build", "tests", "page.tpl") == [
        "build/a.html",
        "tests/b.html",
        "page.tpl",
    ]


def test_folders_within_each_other_give_each_file_once(tmp_path: Path) -> None:
    made(tmp_path, "a/b/c.html")
    assert len(found(tmp_path, ".", "a", "a/b")) == 1
    assert len(files([tmp_path, tmp_path / "a" / ".." / "a"])) == 1


def test_links_are_not_followed(tmp_path: Path) -> None:
    made(tmp_path, "a/b.html")
    (tmp_path / "a" / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "c.html").symlink_to(tmp_path / "a" / "b.html")
    assert found(tmp_path) == ["a/b.html"]


def test_what_is_no_file_is_passed_over_and_nobody_waits_for_it(tmp_path: Path) -> None:
    made(tmp_path, "a/b.html")
    os.mkfifo(tmp_path / "a" / "pipe.html")
    (tmp_path / "a" / "gone.html").symlink_to(tmp_path / "gone.html")
    (tmp_path / "a" / "folder.html").mkdir()
    assert found(tmp_path) == ["a/b.html"]


@pytest.mark.parametrize("content", [b"a\0b", b"x" * (LARGEST + 1)])
def test_what_is_no_text_or_too_long_is_not_read(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.html"
    file.write_bytes(content)
    assert text(file) is None
    assert text(tmp_path / "gone.html") is None


def test_a_text_in_another_encoding_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_bytes("<a data-guide='x' title='Übung'>\r\n".encode("latin-1"))
    told = text(file)
    assert told is not None
    assert told.startswith("<a data-guide='x'")
    assert told.endswith(">\n")
