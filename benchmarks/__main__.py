"""All benchmarks, one after the other. They print; nothing is asserted.

python -m benchmarks
"""

from benchmarks import browser, decide, growth, rules, stores, weight

for benchmark in (weight, rules, decide, growth, stores, browser):
    print(f"\npython -m {benchmark.__name__}\n")
    benchmark.main()
