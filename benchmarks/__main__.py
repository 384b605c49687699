"""All benchmarks, one after the other. They print; nothing is asserted.

python -m benchmarks
"""

from benchmarks import browser, decide, growth, proofs, rules, stores, warehouses, weight

for benchmark in (weight, rules, decide, growth, proofs, warehouses, stores, browser):
    print(f"\npython -m {benchmark.__name__}\n")
    benchmark.main()
