"""Files in which people keep the lines of both sides, conflict after conflict."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.globs import exactly
from syncfork.learn.base import Dispute, Ledger, Past, Proposal
from syncfork.resolve.base import Clash
from syncfork.rules.naming import identifier

# So many conflicts, all of them resolved so, as for taking a side: on 36 public forks the next one after three was so in 5
# of 7, after five in 1 of 2.
_LEAST = 8


def learn(past: Past) -> Iterator[Proposal]:
    """`own: union` for paths whose conflicts all became ours and theirs, one below the other."""
    for path, disputes in past.disputes.items():
        met = [dispute for dispute in disputes if dispute.file.clashes]
        ledger = Ledger(past.merges)
        for dispute in met:
            ledger.add(dispute.merge, path, _both(dispute) == dispute.committed)
        if len(ledger.bearing) < _LEAST or ledger.against:
            continue
        rule = {
            "id": identifier("union", path),
            "why": f"Both sides add lines here: all of the last {len(met)} conflicts kept those of both.",
            "files": [exactly(path)],
            "own": "union",
        }
        yield Proposal("unions", rule, (path,), ledger.evidence())


def _both(dispute: Dispute) -> str:
    """The text with both sides' lines, ours first."""
    parts = dispute.file.parts
    return "".join(part.ours + part.theirs if isinstance(part, Clash) else part for part in parts)
