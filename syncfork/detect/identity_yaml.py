"""What the values of a pipeline name: see `syncfork.detect.identity_names`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from syncfork.detect.blocks import SHELL_KEYS
from syncfork.detect.identity_names import EXPRESSION, HOLE, LONGEST, Mention, image, in_line, repository
from syncfork.detect.pipelines import Flavour, root_of, scalars
from syncfork.parsing.values import Value
from syncfork.text import Document

_PROSE_KEYS = frozenset(
    ["description", "name", "displayname", "title", "body", "message", "summary", "comment"]
)
_SECRET = re.compile(r"(?<![\w.])secrets(?:\.(\w+)|\[\s*'(\w+)'\s*\])")
_SETTING = re.compile(r"(?<![\w.])vars(?:\.(\w+)|\[\s*'(\w+)'\s*\])")
_INSIDE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_AZURE_SECRET = re.compile(
    r"\$\((?!(?:build|system|agent|pipeline|release|environment|strategy|checks|resources)\.)([A-Za-z][\w.-]*)\)",
    re.IGNORECASE,
)
_SECRETLIKE = re.compile(
    r"secret|token|passw(?:or)?d|passphrase|pwd|credential|(?:api|access|account|signing|private)[_.-]?key"
    r"|[_.-]pat$|(?-i:PAT$)",
    re.IGNORECASE,
)
_CONNECTION = re.compile(
    r"azuresubscription|.*connectedservice(?:name)?\w*|endpoint|.*serviceconnections?(?:name)?|"
    r"azureresourcemanagerconnection|.*serviceendpoint|dockerregistryendpoint|containerregistry|"
    r"publishfeedcredentials|externalfeedcredentials|externalendpoints?",
    re.IGNORECASE,
)
_FEED = re.compile(
    r"feeds?|vstsfeed\w*|publishvstsfeed|artifacts?feeds?|feed(?:publish|restore)", re.IGNORECASE
)
_SIGNING = re.compile(
    r"(?:\w*(?:code|trusted)?sign(?:ing)?[-_]?(?:identity|profile|account|certificate|name|cert)(?:[-_]?name)?)"
    r"|certificate[-_]?(?:profile[-_]?)?(?:name|subject|thumbprint)|(?:\w*key[-_]?vault[-_]?name)",
    re.IGNORECASE,
)
_ORG_KEY = re.compile(r"(?:\w*[_-])?(?:org|owner|organi[sz]ation)(?:[_-]?name)?", re.IGNORECASE)
_OWNER_REPO = re.compile(r"[A-Za-z0-9][\w-]*/[\w.-]+")
_LITERAL = re.compile(r"([=!]=\s?)?'([^']*)'(?!\s?[=!]=)")
_INNER = r"(?:[^()']++|'[^']*+')*+"
# What an expression asks about is none of what it chooses from. Upstream's text may be long: nothing is tried twice.
_ASKED = re.compile(
    rf"\b(?:startsWith|endsWith|contains)\s*+\({_INNER}(?:\({_INNER}\){_INNER})*+\)"
    r"|(?<![\w.-])[\w.-]++\s*+[=!]=\s*+'[^']*+'|'[^']*+'\s*+[=!]=\s*+[\w.-]++|\['[^']*+'\]",
    re.IGNORECASE,
)
_MATRIX = re.compile(r"matrix\.([\w-]+)")
# Where a finished pool's machines come from the service itself: nothing to set up.
_HOSTED = re.compile(
    r"(?:ubuntu|windows|macos|vs)[-\w]*?-?(?:latest|\d[\w.]*)(?:-[\w-]+)?|self-hosted|linux|windows|macos|x64|arm64|arm",
    re.IGNORECASE,
)


def hosted(name: str) -> bool:
    """True for a runner that the service offers to everybody, and for the labels that every own one has."""
    return _HOSTED.fullmatch(name) is not None


def in_yaml(document: Document, flavour: Flavour) -> Iterator[Mention]:
    """What a pipeline names, by its keys and in its shell."""
    root = root_of(document)
    if root is None or root.kind != "map":
        # A pointer to where the text is kept, or no pipeline at all.
        return
    text = document.text
    matrix = {
        name for line in re.findall(r"runs-on:[^\n]*", text) for name in _MATRIX.findall(_ASKED.sub("", line))
    }
    own = _own_names(root, flavour)
    starts = [found.end() for found in re.finditer("\n", text)]
    for keys, value in scalars(root):
        if not isinstance(value.scalar, str) or not value.scalar:
            continue
        number = bisect_right(starts, value.start) + 1
        yield from _named(flavour, keys, value.scalar, number, matrix)
        for offset, line in enumerate(text[value.start : value.end].split("\n")):
            yield from _anywhere(flavour, keys, line, number + offset, own)


def _own_names(root: Value, flavour: Flavour) -> set[str]:
    """Names that the file itself gives a meaning to: declared secrets of a called workflow, own variables."""
    found: set[str] = set()

    def look(value: Value, keys: tuple[str, ...]) -> None:
        for entry in () if value.alias else value.entries:
            key = entry.key if value.kind == "map" else ""
            if flavour == "github" and keys == ("on", "workflow_call", "secrets"):
                found.add(key)
            if flavour == "azure" and keys and keys[-1] in ("variables", "parameters"):
                scalar = entry.value.scalar
                found.add(str(scalar) if key == "name" else key)
            if flavour == "azure" or key in ("on", "workflow_call", "secrets"):
                look(entry.value, (*keys, key) if key and not key.startswith("${{") else keys)

    look(root, ())
    return found


def _anywhere(
    flavour: Flavour, keys: tuple[str, ...], line: str, number: int, own: set[str]
) -> Iterator[Mention]:
    """What a line of a value names, whatever its key."""
    if len(line) > LONGEST:
        return
    key = keys[-1].lower() if keys else ""
    if flavour == "github" and ("secrets" in line or "vars" in line):
        inside = line if key == "if" else " ".join(_INSIDE.findall(line))
        for kind, form in (("secret", _SECRET), ("configuration variable", _SETTING)):
            for found in form.finditer(inside):
                name = found[1] or found[2]
                if name not in own and name != "GITHUB_TOKEN":
                    yield Mention(kind, name, number)
    if flavour == "azure" and "$(" in line:
        for found in _AZURE_SECRET.finditer(line):
            if found[1] not in own and _SECRETLIKE.search(found[1]):
                yield Mention("secret", found[1], number)
    if key in _PROSE_KEYS:
        return
    for mention in in_line(line, number):
        # A value that is an address is there to be used; one that contains an address may be a sentence.
        used = mention.used or (
            line.lstrip(" \"'|>-").startswith(("http", "git@", "ssh://"))
            and not any(one.lower() in SHELL_KEYS or one == "args" for one in keys)
        )
        yield mention if used == mention.used else mention._replace(used=used)


def _named(
    flavour: Flavour, keys: tuple[str, ...], scalar: str, number: int, matrix: set[str]
) -> Iterator[Mention]:
    """What a value names because of the keys above it."""
    if len(scalar) > LONGEST:
        return
    lowered = tuple(key.lower() for key in keys)
    above, key = ("", "", *lowered)[-2:]
    if (flavour == "github" and "runs-on" in (key, above)) or ("matrix" in lowered and key in matrix):
        yield from (Mention("runner", name, number) for name in _plain_parts(scalar))
        return
    literal = not EXPRESSION.search(scalar) and "\n" not in scalar
    if not literal:
        return
    if key == "uses":
        yield from _action(scalar, number)
    elif key in ("image", "container") or (above == "services" and flavour != "azure"):
        if flavour != "azure" or "/" in scalar or ":" in scalar:
            yield from image(scalar, number)
    elif flavour != "circle" and _is_environment(flavour, lowered):
        yield Mention("environment", scalar.partition(".")[0] if flavour == "azure" else scalar, number)
    elif kind := _kind(flavour, lowered):
        yield Mention(kind, scalar, number)
    elif _names_repository(key, above) and _OWNER_REPO.fullmatch(scalar):
        yield from repository(scalar, number, "option")
    elif _ORG_KEY.fullmatch(key) and re.fullmatch(r"[\w-]+", scalar):
        yield Mention("organisation", scalar, number, "option")


def _kind(flavour: Flavour, keys: tuple[str, ...]) -> str | None:
    """The kind of what stands under these keys."""
    key, above = keys[-1] if keys else "", keys[-2] if len(keys) > 1 else ""
    if kind := _by_key(key):
        return kind
    if flavour == "azure":
        if key == "pool" or (above == "pool" and key in ("name", "vmimage")):
            return "runner"
        if key == "group" and "variables" in keys[:-1]:
            return "variable group"
        if _CONNECTION.fullmatch(key):
            return "service connection"
    if flavour == "gitlab":
        if key == "tags" and above not in ("release", "rules"):
            return "runner"
        if key == "project" and above == "include":
            return "repository"
    if flavour == "circle":
        if key == "context":
            return "context"
        if key == "resource_class":
            return "runner"
    return None


@lru_cache(maxsize=1024)
def _by_key(key: str) -> str | None:
    """The kind that a key tells wherever it stands."""
    if _FEED.fullmatch(key):
        return "feed"
    return "signing name" if _SIGNING.fullmatch(key) else None


def _names_repository(key: str, above: str) -> bool:
    return key in ("repository", "repo") or (key == "name" and above == "repositories")


def _is_environment(flavour: Flavour, keys: tuple[str, ...]) -> bool:
    """Whether the keys lead to the environment of a job, not to one of the variables of that name."""
    if flavour == "github":
        keys = keys[2:] if keys[:1] == ("jobs",) else ()
    else:
        keys = keys[-2:] if keys[-1:] == ("name",) else keys[-1:]
    return keys in (("environment",), ("environment", "name"))


def _plain_parts(scalar: str) -> list[str]:
    """A label, or the labels that an expression chooses from."""
    if "${{" in scalar:
        return [
            name
            for inside in _INSIDE.findall(scalar)
            for compared, name in _LITERAL.findall(_ASKED.sub("", inside))
            if name and not compared
        ]
    return [scalar] if not EXPRESSION.search(scalar) else []


def _action(scalar: str, number: int) -> Iterator[Mention]:
    if scalar.startswith("docker://"):
        yield from image(scalar.removeprefix("docker://"), number)
        return
    parts = scalar.partition("@")[0].split("/")
    if len(parts) > 1 and not scalar.startswith((".", "/", "$")) and HOLE not in scalar:
        yield Mention("action", f"{parts[0]}/{parts[1]}", number)
        yield Mention("organisation", parts[0], number, "action")
