"""The text of a merge's pull request: its report, what became of each conflict, and how it is to be merged."""

from __future__ import annotations

from syncfork.render import markdown
from syncfork.report import Report
from syncfork.words import plain

# So many characters of the message: a forge takes 65,536 for all, of which the report may have 60,000.
_MOST_TOLD = 4000
# What a person who merges it has to know.
_HOW = "Merge this pull request with a merge commit: squashed or rebased, git would merge the same changes again next time."


def render(report: Report, message: str) -> str:
    """The body as Markdown. `message` is the merge commit's, empty where there is none yet."""
    return f"{markdown.render(report)}{_folded(message) if report.git_alone else ''}\n{_HOW}\n"


def _folded(message: str) -> str:
    """The message in a fold."""
    told = plain(message).strip("\n")
    if not told:
        return ""
    if len(told) > _MOST_TOLD:
        told = f"{told[:_MOST_TOLD].rpartition(chr(10))[0]}\n… the commit has the rest"
    block = "\n".join(markdown.fenced(told))
    return f"\n<details><summary>What became of each conflict, and why: the merge's message</summary>\n\n{block}\n\n</details>\n"
