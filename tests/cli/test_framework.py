import ast
import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from django import conf  # type: ignore[import-untyped]
from django.test import RequestFactory  # type: ignore[import-untyped]
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette

from guidepath.cli.framework import FRAMEWORKS, detected, lines


@pytest.mark.parametrize("framework", [None, *FRAMEWORKS])
def test_the_lines_are_python_that_mounts_the_app(framework: str | None) -> None:
    text = lines(framework)  # type: ignore[arg-type]  # one of them
    names = {one.name for one in ast.walk(ast.parse(text)) if isinstance(one, ast.FunctionDef)}
    assert "identify" in names
    assert "guide, identify=identify" in text or "guide.asgi(identify=identify)" in text


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("pyproject.toml", 'dependencies = ["fastapi[standard]>=0.100"]', "fastapi"),
        ("pyproject.toml", "[tool.poetry.dependencies]\nFlask = '^3'", "flask"),
        ("requirements.txt", "uvicorn\nstarlette==0.45", "starlette"),
        ("requirements.txt", "fastapi\nstarlette", "fastapi"),
        ("requirements.txt", "my-flask-fork\n# flask", None),
        ("manage.py", "", "django"),
        ("notes.txt", "django", None),
    ],
)
def test_a_framework_is_told_from_what_the_product_requires(
    tmp_path: Path, file: str, text: str, found: str | None
) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    assert detected(tmp_path) == found


def test_an_empty_folder_and_one_that_is_not_there_have_none(tmp_path: Path) -> None:
    assert detected(tmp_path) is None
    assert detected(tmp_path / "nope") is None


@pytest.mark.parametrize(
    ("framework", "app"), [("fastapi", FastAPI()), ("starlette", Starlette()), (None, None)]
)
def test_the_lines_run_as_they_stand(playbook: Path, framework: Any, app: Any) -> None:
    names = {"app": app}
    exec(lines(framework), names)
    where = "/v1/next" if framework is None else "/guidepath/v1/next"

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        await names["app"]({**scope, "session": {"user": "ada"}}, receive, send)

    async def answer() -> Any:
        transport = httpx.ASGITransport(signed_in)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get(where)).json()

    assert asyncio.run(answer())["item"]["id"] == "send-one"
    names["guide"].close()


def test_the_lines_for_flask_run_as_they_stand(playbook: Path) -> None:
    app = Flask("product")
    app.secret_key = "kept by the product"
    names: dict[str, Any] = {"app": app}
    exec(lines("flask"), names)
    client = app.test_client()
    assert client.get("/guidepath/v1/next").status_code == 401
    with client.session_transaction() as session:
        session["user"] = "ada"
    told = client.get("/guidepath/v1/next").get_json()
    assert told["item"]["id"] == "send-one"
    names["guide"].close()


def test_the_lines_for_django_run_as_they_stand(playbook: Path) -> None:
    if not conf.settings.configured:
        conf.settings.configure(SECRET_KEY="a test's")
    names: dict[str, Any] = {}
    exec(lines("django"), names)
    (mounted,) = names["urlpatterns"]
    match = mounted.resolve("guidepath/v1/next")

    class User:
        pk = 7
        is_authenticated = True

    request = RequestFactory().get("/guidepath/v1/next")
    request.user = User()
    told = json.loads(match.func(request, *match.args, **match.kwargs).content)
    assert told["item"]["id"] == "send-one"
    names["guide"].close()
