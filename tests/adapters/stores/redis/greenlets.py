"""Thirty greenlets that track one user ten times each, at once: python -m … URL."""

if __name__ == "__main__":
    from gevent import monkey  # type: ignore[import-untyped]  # it has no stubs

    monkey.patch_all()  # before anything else is imported

    import sys

    import gevent
    from tests.acceptance.crowd import PLAYBOOK, track

    from guidepath import Guidepath

    with Guidepath(PLAYBOOK, sys.argv[1]) as guide:
        tasks = [gevent.spawn(track, guide, f"g{number}", 10) for number in range(30)]
        gevent.joinall(tasks, raise_error=True)
