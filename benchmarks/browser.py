"""One tooltip on a page: guidepath's client beside driver.js and shepherd.js, in one Chromium.

    python -m benchmarks.browser

Each library gets the same payload from the same page and draws one tooltip, the rest of the page
dimmed. The others are bundled and minified by esbuild, as their users do; guidepath's files are
those of its own app. Every run is a fresh context with nothing cached, taken in turns, so that a
busy moment hits all alike; the CPU is slowed down, since on a fast one all is over in a frame.

"Before" is what has come over the wire, packed, where there is nothing to show; "all" is what can
ever come. "From payload" begins when the library is given what to draw and ends when the frame with
the tooltip is painted: guidepath loads what draws in this time, the others have it already. "From
opening" begins with the page. "Busy" is how long the page's main thread has worked until then,
"idle" the share of the time it works when nothing happens any more. Times are medians.
"""

import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from benchmarks.table import Cell, show
from playwright.sync_api import Browser, CDPSession, sync_playwright
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from tests import node
from tests.browser.chromium import launch
from tests.browser.serving import answering
from tests.client.host import decision, silence, step

from guidepath.adapters.web import client

HERE = Path(__file__).parent / "browser"
OURS, OTHERS = "guidepath", ("driver", "shepherd")
LIBRARIES = (OURS, *OTHERS)
RUNS = 31
IDLE_S = 2.0
SLOWER = 4  # times: a phone, or a laptop of some years ago
ROWS = 200  # of the product's own page
RARE = "inspect"  # only for who is allowed to look into it
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".json": "text/json"}

Files = Mapping[str, bytes]  # what the server has, by path


class Weight(NamedTuple):
    """Packed bytes over the wire."""

    before: int
    all: int


class Run(NamedTuple):
    """What one opening of the page cost: milliseconds, shares of one, a number of tasks."""

    from_payload: float
    from_opening: float
    busy: float
    long_tasks: int
    longest: float
    moved: float
    idle: float


def files(folder: Path) -> Files:
    """The pages and the libraries; what is bundled is made in this folder."""
    found = {f"/{name}": (HERE / name).read_bytes() for name in ("measure.js", "product.css")}
    found |= {f"/guidepath/client/{name}": one.plain.body for name, one in client.files().items()}
    for name in OTHERS:
        found |= {f"/{file.name}": file.read_bytes() for file in bundle(name, folder)}
    drawn = decision(step(overlay={"enabled": True}))
    found["/tooltip.json"] = json.dumps(drawn).encode()
    found["/silence.json"] = json.dumps(silence()).encode()
    return found | {f"/{name}.html": page(name) for name in LIBRARIES}


def bundle(name: str, folder: Path) -> list[Path]:
    """A library with the few lines that use it, as one script and one style sheet."""
    kept = node.packages(HERE / "package.json")
    made = [folder / f"{name}.js", folder / f"{name}.css"]
    said = node.run(
        kept,
        "esbuild",
        HERE / f"{name}.js",
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=esnext",
        f"--outfile={made[0]}",
    )
    if said.returncode != 0:
        raise RuntimeError(said.stderr)
    return made


def page(name: str) -> bytes:
    """The product's page with one of the libraries in it."""
    if name == OURS:
        head = '<script type="module" src="/guidepath/client/guidepath.js"></script>'
        rows = '<guide-path base="/guidepath"></guide-path>'
    else:
        head = f'<link rel="stylesheet" href="/{name}.css">'
        head += f'<script type="module" src="/{name}.js"></script>'
        rows = ""
    rows += "".join(f"<p>Contact {number}</p>" for number in range(ROWS))
    html = (HERE / "page.html").read_text("utf-8")
    return html.replace("HEAD", head).replace("ROWS", rows).encode()


@contextmanager
def serving(found: Files) -> Iterator[str]:
    """The files on a free port of the loopback, packed as a server in earnest does it."""
    packed = {path: gzip.compress(body, 9, mtime=0) for path, body in found.items()}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = Request(scope).url.path
        answer = Response(status_code=404)
        if path in packed:
            headers = {"content-encoding": "gzip", "content-type": TYPES[Path(path).suffix]}
            answer = Response(packed[path], headers=headers)
        await answer(scope, receive, send)

    with answering(app) as url:
        yield url


def weigh(browser: Browser, url: str, found: Files, name: str) -> Weight:
    """What comes where there is nothing to show, and what can ever come."""
    if name != OURS:
        size = sum(packed(found[f"/{name}{suffix}"]) for suffix in (".js", ".css"))
        return Weight(size, size)
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda one: asked.append(one.url.removeprefix(url)))
    tab.goto(f"{url}/{name}.html?payload=silence")
    tab.evaluate("asked.promise")
    context.close()
    ours = {path: packed(body) for path, body in found.items() if path.startswith("/guidepath/")}
    usual = {path: size for path, size in ours.items() if not Path(path).name.startswith(RARE)}
    return Weight(sum(ours.get(path, 0) for path in set(asked)), sum(usual.values()))


def packed(body: bytes) -> int:
    return len(gzip.compress(body, 9, mtime=0))


def run(browser: Browser, url: str, name: str, *, idle_s: float) -> Run:
    """Opens the page once, in a context with nothing cached."""
    context = browser.new_context(reduced_motion="reduce")
    tab = context.new_page()
    devtools = context.new_cdp_session(tab)
    devtools.send("Performance.enable")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tab.goto(f"{url}/{name}.html", wait_until="domcontentloaded")
    painted = tab.evaluate("painted.promise")
    busy = worked(devtools)
    idle = idling(devtools, idle_s)
    facts = tab.evaluate("facts()")
    context.close()
    tasks: list[float] = facts["longTasks"]
    return Run(
        painted["fromPayload"],
        painted["fromOpening"],
        busy * 1000,
        len(tasks),
        max(tasks, default=0.0),
        facts["moved"],
        idle,
    )


def idling(devtools: CDPSession, seconds: float) -> float:
    """The share of the time that the main thread works, when nothing happens."""
    if seconds == 0:
        return 0.0
    time.sleep(seconds / 4)  # what was begun is ended
    before = worked(devtools)
    time.sleep(seconds)
    return (worked(devtools) - before) / seconds


def worked(devtools: CDPSession) -> float:
    """Seconds that the page's main thread has worked since it was opened."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def measure(browser: Browser, url: str, *, runs: int, idle_s: float) -> dict[str, list[Run]]:
    """The runs of each library, taken in turns; a few of them watch the page being idle."""
    taken: dict[str, list[Run]] = {name: [] for name in LIBRARIES}
    for number in range(runs):
        for name in LIBRARIES:
            watched = idle_s if number % 10 == 0 else 0.0
            taken[name].append(run(browser, url, name, idle_s=watched))
    return taken


def table(weights: Mapping[str, Weight], taken: Mapping[str, Sequence[Run]]) -> None:
    """Prints what was measured; in brackets how often guidepath's number goes into it."""

    def row(label: str, number: Callable[[str], float]) -> list[Cell]:
        ours = number(OURS)
        cells = [beside(number(name), ours) for name in OTHERS]
        return [label, shown(ours), *cells]

    def runs(name: str, field: str) -> list[float]:
        return [getattr(one, field) for one in taken[name]]

    show(
        f"One tooltip, {len(taken[OURS])} runs each, CPU slowed down {SLOWER} times",
        ("", OURS, *(f"{name}.js" for name in OTHERS)),
        [
            row("before, bytes", lambda name: weights[name].before),
            row("all, bytes", lambda name: weights[name].all),
            row("from payload, ms", lambda name: median(runs(name, "from_payload"))),
            row("from opening, ms", lambda name: median(runs(name, "from_opening"))),
            row("busy, ms", lambda name: median(runs(name, "busy"))),
            row("long tasks", lambda name: fmean(runs(name, "long_tasks"))),
            row("longest task, ms", lambda name: median(runs(name, "longest"))),
            row("layout shift, worst", lambda name: max(runs(name, "moved"))),
            row("idle, %, worst", lambda name: 100 * max(runs(name, "idle"))),
        ],
    )


def beside(theirs: float, ours: float) -> str:
    return f"{shown(theirs)} ({theirs / ours:.2f})" if ours else shown(theirs)


def shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def main(*, runs: int = RUNS, idle_s: float = IDLE_S) -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        found = files(Path(made))
        browser = launch(playwright)
        with serving(found) as url:
            weights = {name: weigh(browser, url, found, name) for name in LIBRARIES}
            taken = measure(browser, url, runs=runs, idle_s=idle_s)
        browser.close()
    table(weights, taken)


if __name__ == "__main__":
    main()
