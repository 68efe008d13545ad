"""How far a fork can merge upstream by itself."""

from __future__ import annotations

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.session import Session
from syncfork.commands.trial import blocked, trial
from syncfork.merge.engine import expect_related
from syncfork.merge.reach import Way, reach
from syncfork.merge.workspace import Workspace
from syncfork.report import Reach, Report

_EMPTY = Report(__version__, "drift")


class Needs(Struct, frozen=True):
    """Merges upstream commits for real, rules and all but the detectors."""

    space: Workspace
    session: Session
    today: date

    def of(self, commit: str) -> tuple[str, ...]:
        """What a person has to do before the merge of upstream's `commit` can be committed."""
        session = self.session.at(replace(self.session.upstream, commit=commit))
        # What a detector finds keeps no merge from being committed.
        _, report, _ = trial(self.space, session, _EMPTY, self.today, look=False)
        return blocked(report)


def how_far(space: Workspace, session: Session, today: date) -> Reach:
    """How far the fork can merge upstream with its rules and without a person."""
    if expect_related(session.bases) == [session.upstream.commit]:
        return Reach()
    needs = Needs(space, session, today)
    merge, report, _ = trial(space, session, _EMPTY, today, look=False)
    way = Way(space, merge, session.web, session.log)
    return reach(way, needs.of, blocked(report), rules=True, lapsed=bool(session.setup.lapsed))
