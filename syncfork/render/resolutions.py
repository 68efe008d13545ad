"""What `syncfork resolutions` says: on a terminal, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from syncfork.render.styled import styled
from syncfork.words import count, one_line, place, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.memory import Folder
    from syncfork.commands.resolutions import Checked, Uses
    from syncfork.resolve.memory import Judged

_STYLES = {"valid": "green", "expired": "dim"}
_REMEDIES = {
    "altered": "altered by hand since it was recorded: look at it, then `syncfork resolutions seal FILE`",
    "contradicting": "contradicts {others}: delete all but one",
    "expired": "its region is gone from the fork: `syncfork resolutions prune`",
}


def listing(found: Folder) -> Iterable[Text]:
    """One line a resolution, and no other: the output is a table to search in."""
    widths = [max((len(item.state) for item in found.judged), default=0)]
    widths += [max((len(one_line(_place(item)[n], 60)) for item in found.judged), default=0) for n in (0, 1)]
    for item in found.judged:
        file, path, *rest = _place(item)
        yield styled(
            (f"{item.state:<{widths[0]}}  ", _style(item)), (f"{one_line(file, 60):<{widths[1]}}", "bold"),
            f"  {one_line(path, 60):<{widths[2]}}  ", one_line("  ".join(rest)),
        )  # fmt: skip


def _place(item: Judged) -> tuple[str, ...]:
    r = item.filed.resolution
    merge = f"{r.merge.upstream[:9]} into {r.merge.fork[:9]}"
    return (item.filed.id, place(r.path), r.date.isoformat(), merge, r.author)


def _style(item: Judged) -> str:
    return _STYLES.get(item.state, "red")


def notes(found: Folder) -> Iterable[Text]:
    """What is worth a line next to the list itself."""
    for mistake in found.mistakes:
        yield styled(("warning: ", "yellow"), plain(mistake))
    if not found.judged and not found.mistakes:
        where = one_line(found.name) if found.name else "switched off in syncfork.toml"
        yield styled(
            f"no resolutions ({where}): `syncfork continue` writes them when a conflict was resolved"
        )


def shown(item: Judged) -> Iterable[Text]:
    """A resolution in full, its texts as they are."""
    r = item.filed.resolution
    yield styled((one_line(item.filed.file), "bold"), "  ", (item.state, _style(item)))
    if item.state != "valid":
        yield styled(f"  {_remedy(item)}")
    facts = {
        "path": r.path,
        "by": f"{r.author}, {r.date.isoformat()}",
        "merge": f"upstream {r.merge.upstream} into {r.merge.fork}",
        "reason": r.reason,
    }
    for name, value in facts.items():
        if value:
            yield styled((f"  {name:<7} ", "dim"), one_line(value, 1000))
    if r.kind == "path":
        yield styled("  the fork had deleted it, upstream changed it: it stays deleted")
        return
    for name, text in (("base", r.base), ("ours", r.ours), ("theirs", r.theirs), ("result", r.result)):
        yield styled((f"  {name}", "bold" if name == "result" else "dim"))
        for line in plain(text or "").splitlines():
            yield styled(f"    {line}")


def _remedy(item: Judged) -> str:
    others = one_line(" and ".join(item.others), 500)
    return _REMEDIES[item.state].replace("{others}", others).replace("FILE", one_line(item.filed.file))


def checked(found: Checked) -> Iterable[Text]:
    """What is wrong with any of them, what past merges say, and a closing line."""
    for warning in found.warnings:
        yield styled(("warning: ", "yellow"), one_line(warning, 500))
    for mistake in found.folder.mistakes:
        yield styled(("invalid        ", "red"), plain(mistake))
    for item in found.folder.judged:
        if item.state != "valid":
            name = one_line(item.filed.file)
            yield styled((f"{item.state:<15}", _style(item)), (name, "bold"), f"  {_remedy(item)}")
        yield from _worth(item, found.uses.get(item.filed.file))
    number = len(found.folder.judged) + len({mistake.partition(":")[0] for mistake in found.folder.mistakes})
    right, wrong = (
        sum(len(getattr(uses, name)) for uses in found.uses.values()) for name in ("right", "wrong")
    )
    again = sum(uses.again is True for uses in found.uses.values())
    told = (
        f"{count(number, 'resolution')}, {len(found.folder.of('valid'))} in use; over "
        f"{count(found.merges, 'past merge')}: {again} as committed in their own, {right} right and {wrong} wrong "
        "in others"
    )
    yield styled((told, "bold red" if found.exit_code else "bold green"))


def _worth(item: Judged, uses: Uses | None) -> Iterable[Text]:
    name = (one_line(item.filed.file), "bold")
    if uses and uses.again is False:
        yield styled(("different      ", "red"), name, "  its own merge was committed in another way")
    for merge in uses.wrong[:10] if uses else ():
        yield styled(("wrong          ", "red"), name, f"  {one_line(merge)}")
    if uses and uses.right:
        yield styled(("right          ", "green"), name, f"  in {count(len(uses.right), 'other conflict')}")


def sealed(item: Judged) -> Iterable[Text]:
    """That it is, and what is left to do."""
    yield styled(("sealed ", "green"), (one_line(item.filed.file), "bold"))
    if item.state != "valid":
        yield styled(f"  {_remedy(item)}")
    yield styled("  it is used once it is committed")


def pruned(files: Sequence[str]) -> Iterable[Text]:
    """What was deleted."""
    for file in files:
        yield styled(("deleted ", "yellow"), one_line(file))
    yield styled("commit what was deleted" if files else "nothing has expired")


def folder_data(found: Folder) -> dict[str, Any]:
    """A list of resolutions as plain data."""
    items = [judged_data(item, texts=False) for item in found.judged]
    return {"folder": found.name, "resolutions": items, "mistakes": list(found.mistakes)}


def judged_data(item: Judged, *, texts: bool) -> dict[str, Any]:
    """A resolution as plain data; bytes that are not UTF-8 are marks."""
    r = item.filed.resolution
    told = {"base": r.base, "ours": r.ours, "theirs": r.theirs, "result": r.result} if texts else {}
    return {
        "file": item.filed.file,
        "state": item.state,
        "contradicts": list(item.others),
        "path": _marked(r.path),
        "kind": r.kind,
        "key": r.key,
        "fork": r.merge.fork,
        "upstream": r.merge.upstream,
        "author": r.author,
        "date": r.date.isoformat(),
        "reason": r.reason,
        **{name: None if text is None else _marked(text) for name, text in told.items()},
    }


def _marked(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def checked_data(found: Checked) -> dict[str, Any]:
    """A check as plain data."""
    data = folder_data(found.folder)
    for item in data["resolutions"]:
        uses = found.uses.get(item["file"])
        item["replay"] = uses and {
            "again": uses.again,
            "right": [_marked(place) for place in uses.right],
            "wrong": [_marked(place) for place in uses.wrong],
        }
    return {**data, "merges": found.merges, "warnings": list(found.warnings)}
