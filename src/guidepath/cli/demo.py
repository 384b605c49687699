"""`guidepath demo`: a small product with guidance in it, ready in a browser."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from guidepath.errors import ConfigurationError

EXAMPLE = "Example: `guidepath demo --port 8400`"
_EXTRA = ("uvicorn", "starlette", "altair", "vl_convert")


def demo(
    *,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where it answers.")] = 8400,
    host: Annotated[str, typer.Option("--host", help="To whom: this machine only.")] = "127.0.0.1",
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Keep its data there; default: nowhere."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what an earlier run kept.")
    ] = False,
) -> None:
    """Run Ledgerly, a small invoicing product with guidance in it, until Ctrl-C."""
    try:
        from guidepath.demo.server import serve
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise ConfigurationError(
            f"the demo needs {problem.name}; pip install 'guidepath[demo]'"
        ) from None
    with suppress(KeyboardInterrupt):  # the way in which it ends
        serve(host=host, port=port, folder=folder, fresh=fresh)
