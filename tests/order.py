"""Which test files begin first: those that would keep one worker busy when the others are done."""

LONG = (
    "tests/faults/test_simulation.py",
    "tests/adapters/warehouses/test_spark.py",
    "tests/adapters/stores/redis/test_contract.py",
    "tests/faults/test_crowd.py",
    "tests/faults/kills/test_relays.py",
    "tests/faults/test_disorder.py",
    "tests/adapters/warehouses/test_together.py",
    "tests/client/test_types.py",
    "tests/demo/test_browser.py",
    "tests/demo/test_keyboard.py",
    "tests/test_compaction.py",
    "tests/test_next_evaluation.py",
    "tests/test_overdue.py",
    "tests/test_plain.py",
    "tests/test_fold.py",
    "tests/proofs/test_random.py",
    "tests/faults/test_tabs.py",
    "tests/cli/test_warehouse.py",
    "tests/acceptance/test_interrupted.py",
    "tests/acceptance/test_segment_sdk.py",
)
