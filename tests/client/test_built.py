from tests.client.building import CLIENT, built


def test_what_browsers_load_is_made_of_these_modules() -> None:
    there = {file.name: file.read_bytes() for file in (CLIENT / "built").iterdir()}
    assert there == built(), "run `make client` after a change of the client"
