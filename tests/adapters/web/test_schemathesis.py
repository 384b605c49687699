"""Requests that nobody thought of, made from openapi.json: no server error, no undeclared answer.

They go to the real app on a real file. What a browser knows, a decision of its own, is put into
every other feedback: without it none would get past the first check.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.adapters.web.browser_side import guide, header

from guidepath import Guidepath
from guidepath.adapters.web import openapi

KEY = "secret"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# somebody who is signed in, a server, and nobody
ASKING: list[dict[str, str]] = [
    {"x-user": "ada@acme"},
    {"authorization": "Basic c2VjcmV0Og=="},
    {},
]
OPERATIONS = {
    (path, method): operation
    for path, operations in openapi.description()["paths"].items()
    for method, operation in operations.items()
}
TAKING = [key for key, one in OPERATIONS.items() if "query" in str(one) or "requestBody" in one]
bounded = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guidepath]:
    with guide(f"sqlite:///{tmp_path_factory.mktemp('product')}/guidepath.db") as opened:
        opened.identify(user="ada", account="acme", role="owner")
        yield opened


@pytest.fixture(scope="module")
def described(product: Guidepath) -> schemathesis.BaseSchema:
    app = product.asgi(identify=header, write_keys=[KEY], rate=None)
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize(
    ("path", "method", "mode"),
    [(*operation, GenerationMode.POSITIVE) for operation in OPERATIONS]
    + [(*operation, GenerationMode.NEGATIVE) for operation in TAKING],
)
def test_no_request_gets_a_server_error_or_an_answer_that_is_not_declared(
    product: Guidepath,
    described: schemathesis.BaseSchema,
    path: str,
    method: str,
    mode: GenerationMode,
) -> None:
    operation = described[path][method]

    @bounded
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Case[Any]) -> None:
        if path == "/v1/feedback" and isinstance(case.body, dict):
            knows(case.body, product)
        for headers in ASKING:
            case.call_and_validate(headers=headers, checks=CHECKS)

    holds()


def knows(body: dict[str, Any], product: Guidepath) -> None:
    """Every other feedback is about a decision that was really made."""
    if len(str(body)) % 2:
        decided = product.next(user="ada", account="acme", page="/contacts")
        body.update({"decisionId": decided.id, "claim": None, "itemId": None})
