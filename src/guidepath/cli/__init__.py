"""The command `guidepath`: one file a command.

    app        which commands there are
    option     the options that several commands share, and how they are read
    mistake    what ends a command: lines on stderr and an exit code
    output     what goes to stdout and into files
    listing    mistakes for people
    because    a decision for people
    watch      what a person sees of long work, on stderr
    log        a Segment-format log, line by line
    source     where a command's events come from: a store, or a log taken into memory
    warehouse  the same log by SQL: `engines` opens one, `census` tells of whom the log tells
    outcome    what a replay writes of each subject: milestones and decisions
    verdict    what became of personas, for people; `junit` for build servers
    golden     decisions that were kept, to be compared with those of now
    annotation a mistake as a note on a pull request
    framework  which web framework a folder uses, and what to add to it

Exit codes: 0 done, 1 it went wrong or the playbook has errors, 2 the command line is wrong, 130
interrupted.
"""

import sys

_EXTRA = ("typer", "rich", "click")


def main() -> None:
    """Run the command line of this process."""
    try:
        from guidepath.cli.app import run
    except KeyboardInterrupt:
        raise SystemExit(130) from None  # before there was anything to interrupt
    except ModuleNotFoundError as problem:
        if (problem.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write("the command line is an extra: pip install 'guidepath[cli]'\n")
        raise SystemExit(1) from None
    run()
