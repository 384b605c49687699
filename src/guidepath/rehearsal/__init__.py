"""Personas through the real engine: what each gets is held against what she must get.

staging   a persona's life, told to a guide on a memory store, as it happened
pages     the pages that a playbook names
outcome   what became of one expectation, in words
judging   an expectation held against what the guide answers
rehearse  all of it for all personas: the face of the room
"""

from guidepath.rehearsal.outcome import Outcome
from guidepath.rehearsal.rehearse import rehearse
from guidepath.rehearsal.starter import starter

__all__ = ["Outcome", "rehearse", "starter"]
