"""What can go wrong for a user, as values with a next step; rendered in one place (`syncfork.cli.app`)."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller."""

    OK = 0
    NEEDS_HUMAN = 1
    USAGE = 2
    ENVIRONMENT = 3
    BUG = 4
    INTERRUPTED = 130


class SyncforkError(Exception):
    """A problem the user can solve.

    `problem` says what and where, `hint` what to do next. Never raised for a mistake of ours: those surface
    as ordinary exceptions and end with exit code 4.
    """

    exit_code = ExitCode.ENVIRONMENT

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


class UsageError(SyncforkError):
    """The command line asked for something that cannot be."""

    exit_code = ExitCode.USAGE


class UnresolvedError(SyncforkError):
    """A person has not finished yet what only a person can do."""

    exit_code = ExitCode.NEEDS_HUMAN


class RuleError(SyncforkError):
    """A rule file or `syncfork.toml` is not valid; `problem` lists every place at once."""


class GitError(SyncforkError):
    """git failed in a way that the caller did not expect; `code` is git's own exit code."""

    def __init__(self, problem: str, hint: str = "", code: int = 1) -> None:
        super().__init__(problem, hint)
        self.code = code


class CannotReadError(Exception):
    """The text is not of the form a selector needs (does not parse, no such language); says why."""
