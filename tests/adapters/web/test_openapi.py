import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.adapters.web.browser_side import Site, ok

from guidepath.adapters.web import openapi
from guidepath.adapters.web.ingestion import CALLS
from guidepath.adapters.web.site import PERSONAL


def test_the_description_is_openapi(site: Site) -> None:
    described = ok(Site(site.app, who="").get("openapi.json"))
    OpenAPIV31SpecValidator(described).validate()


def test_every_path_is_described_with_its_method(site: Site) -> None:
    described = ok(site.get("openapi.json"))
    methods = {path: set(operations) for path, operations in described["paths"].items()}
    assert methods == {
        **{f"/{path}": {method.lower()} for path, (method, _) in PERSONAL.items()},
        **{f"/{path}": {"post"} for path in CALLS},
        "/client/{file}": {"get"},
        "/healthz": {"get"},
        "/openapi.json": {"get"},
    }


def test_objects_are_told_apart_by_their_discriminator(site: Site) -> None:
    schemas = ok(site.get("openapi.json"))["components"]["schemas"]
    assert schemas["WireDecision"]["properties"]["object"] == {"enum": ["decision"]}
    assert schemas["WireError"]["properties"]["object"] == {"enum": ["error"]}


def test_addresses_are_relative_so_that_it_holds_wherever_it_is_mounted(site: Site) -> None:
    assert ok(site.get("openapi.json"))["servers"] == [{"url": "."}]


@pytest.mark.parametrize("path", ["/v1/next", "/v1/progress"])
def test_a_server_may_name_of_whom_it_asks(path: str) -> None:
    parameters = openapi.description()["paths"][path]["get"]["parameters"]
    assert {"userId", "groupId", "locale"} <= {one["name"] for one in parameters}
