"""Progress as the bytes that stores keep, and whose was read or written lately.

Who is active is read again and again, and as she was last written: to see that the bytes are the
same takes a fraction of what reading them takes. Nobody changes progress in place.
"""

import msgspec

from guidepath.progress import Progress

_MOST = 512  # subjects
_LARGEST = 8_192  # bytes; an account with thousands of users is not kept

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Progress).decode
_lately: dict[tuple[str, str], tuple[bytes, Progress]] = {}
_NEVER = b"", None


def packed(account: str, user: str, progress: Progress) -> bytes:
    """The bytes of a subject's progress, which is about to be saved."""
    stored = _encode(progress)
    _keep(account, user, stored, progress)
    return stored


def unpacked(account: str, user: str, stored: bytes) -> Progress:
    """The progress of a subject that was saved as these bytes."""
    known, progress = _lately.get((account, user), _NEVER)
    if progress is None or known != stored:
        progress = _decode(stored)
        _keep(account, user, stored, progress)
    return progress


def anew(stored: bytes) -> Progress:
    """The same where all subjects are gone through: it pushes nobody out."""
    return _decode(stored)


def forget() -> None:
    """Know nobody any more: somebody was erased."""
    _lately.clear()


def _keep(account: str, user: str, stored: bytes, progress: Progress) -> None:
    if len(stored) <= _LARGEST:
        if len(_lately) >= _MOST:
            _lately.clear()  # in one step, whatever other threads do; soon it is as it was
        _lately[account, user] = stored, progress
