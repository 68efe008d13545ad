"""`syncfork` and `python -m syncfork`: run the command line, and end every problem in one place."""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import os
import signal
import sys

from syncfork.errors import ExitCode, SyncforkError


def main() -> None:
    """Run the command line and exit with one of `ExitCode`."""
    # A short process that makes many small values which live to its end: looking for cycles costs a sixth.
    gc.set_threshold(1_000_000, 50, 50)
    from syncfork.cli.app import app
    from syncfork.cli.verbs import load
    from syncfork.scratch import clear_when_ended

    clear_when_ended()
    load(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a mark in its place, not a crash after the work is done.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="syncfork")
        sys.stdout.flush()
    except SyncforkError as error:
        _tell(error.problem, error.hint, error.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        sys.stderr.close()
        sys.exit(ExitCode.OK)
    except OSError as error:
        _tell(
            f"the system refused: {error}",
            "free some room, or check permissions, and run again",
            ExitCode.ENVIRONMENT,
        )
    except Exception as error:
        import traceback

        traceback.print_exc()
        problem = f"this is a bug in syncfork: {type(error).__name__}: {error}"
        _tell(
            problem,
            "please report it with the lines above; `syncfork status` tells where you stand",
            ExitCode.BUG,
        )


def entry() -> None:
    """`main`, and the process ends with it: to take all values apart first would take longer than many a verb."""
    code: object = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    # All is done and said: an interrupt would only show where it came.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == ExitCode.INTERRUPTED:
        from syncfork.scratch import INTERRUPTED

        print(INTERRUPTED, file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        # Whoever read it may be gone.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Loaded where it was used.
    if reading := sys.modules.get("syncfork.git.reading"):
        reading.end_all()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _tell(problem: str, hint: str, code: ExitCode) -> None:
    """Say what is wrong and what to do next: on stderr, and as the one JSON object where that was asked for."""
    from syncfork.words import harmless

    if _wants_json(sys.argv[1:]):
        import json

        from syncfork import __version__
        from syncfork.report import SCHEMA_VERSION

        error = {"problem": problem, "hint": hint}
        head = {"schema_version": SCHEMA_VERSION, "tool_version": __version__, "exit_code": int(code)}
        print(json.dumps({**head, "error": error}))
    print(f"error: {harmless(problem)}", file=sys.stderr)
    if hint:
        print(f"  try: {harmless(hint)}", file=sys.stderr)
    sys.exit(code)


def _wants_json(arguments: list[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in itertools.pairwise(arguments)


if __name__ == "__main__":
    entry()
