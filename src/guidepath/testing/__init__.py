"""For those who test what they build on guidepath, or build a store or sink of their own.

The contracts are classes of pytest tests: subclass one, give it a fixture that makes your adapter,
and every test in it must pass.
"""

from guidepath.testing.clock import FrozenClock
from guidepath.testing.sink_contract import SinkContract
from guidepath.testing.store_contract import StoreContract

__all__ = ["FrozenClock", "SinkContract", "StoreContract"]
