"""What is proven of a playbook before anyone sees it: what can never be shown, reached or true.

condition   what must hold for an item to be shown, each part a rule with its place
life        a made-up user, lived through: what the engine decides for her
items       whether an item can be shown, and who comes first if not
rules       whether milestones, segments and conditions can hold, or fail
told        what was found, in words

Needs the extra `prove`.
"""

from guidepath.proofs.prover import LIMIT, prove, witnesses

__all__ = ["LIMIT", "prove", "witnesses"]
