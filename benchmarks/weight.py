"""How much `import guidepath` weighs beside pydantic, which it is built on, and beside nothing.

    python -m benchmarks.weight

Each is a fresh interpreter, warm (byte code and files are cached): the median of several runs,
taken in turns so that a busy moment hits all alike. "cpu" is what the run cost, whatever else the
machine did. Memory is the peak of the whole interpreter.
"""

import resource
import subprocess
import sys
from statistics import median
from time import perf_counter

RUNS = 15
NOTHING, PYDANTIC, GUIDEPATH = "pass", "from pydantic import BaseModel", "import guidepath"
STATEMENTS = (NOTHING, PYDANTIC, GUIDEPATH)
# what a child says of itself: modules loaded, and its peak memory in kB
ASK = """
import sys
modules = len(sys.modules)
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak //= 1024 if sys.platform == "darwin" else 1
print(modules, peak)
"""


def run(statement: str) -> tuple[float, float]:
    """How long a fresh interpreter takes for the statement, start to end: wall and cpu, in ms."""
    begin, spent = perf_counter(), cpu()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return (perf_counter() - begin) * 1000, (cpu() - spent) * 1000


def cpu() -> float:
    """Seconds that ended child processes have computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def weigh(statement: str) -> tuple[int, float]:
    """How many modules are loaded after the statement, and the peak memory in MB."""
    command = [sys.executable, "-c", f"{statement}\n{ASK}"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    modules, peak = told.stdout.split()
    return int(modules), int(peak) / 1024


def import_time() -> float:
    """What `-X importtime` says of guidepath and all that it imports, in ms."""
    command = [sys.executable, "-X", "importtime", "-c", "import guidepath"]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(told.stderr.splitlines()[-1].split("|")[1]) / 1000


def main() -> None:
    for statement in STATEMENTS:
        run(statement)  # the first one fills the caches
    taken: dict[str, list[tuple[float, float]]] = {statement: [] for statement in STATEMENTS}
    imports = []
    for _ in range(RUNS):
        for statement in STATEMENTS:
            taken[statement].append(run(statement))
        imports.append(import_time())
    print(f"{'':30} {'wall ms':>8} {'cpu ms':>8} {'modules':>8} {'MB':>6}")
    cost = {}
    for statement in STATEMENTS:
        wall, cost[statement] = (median(one) for one in zip(*taken[statement], strict=True))
        modules, peak = weigh(statement)
        print(f"{statement:30} {wall:8.0f} {cost[statement]:8.0f} {modules:8} {peak:6.1f}")
    print(f"guidepath : pydantic, cpu: {cost[GUIDEPATH] / cost[PYDANTIC]:.2f}")
    print(f"python -X importtime says {median(imports):.0f} ms")


if __name__ == "__main__":
    main()
