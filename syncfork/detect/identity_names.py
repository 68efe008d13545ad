"""Whom and what a pipeline, recipe, script or image file names outside of its repository.

A mention is a name with its kind and its place: `place` tells apart where an organisation stands (in an
action, an address, an image, an option), because a fork may replace it in one place and keep it in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from syncfork.detect.searching import anchored, lines_with
from syncfork.text import Document


class Mention(NamedTuple):
    """A name in line `line` (from 1). `used` is false where nothing shows that the line reaches out to it."""

    kind: str
    name: str
    line: int
    place: str = ""
    used: bool = True


# Lines of shell

# A longer line was written by a program, or to keep a reader busy.
LONGEST = 2000
# Whatever is put in at run time: what is known of a name ends there.
EXPRESSION = re.compile(
    r"\$\{\{[^\n]*?\}\}|\{\{[^\n{}]*\}\}|\$\{[^}\n]*\}|\$\([^)\n]*\)|\$\[[^\]\n]*\]|\$\w+|%\w+%"
)
HOLE = "\x01"
# What a line, in lower case, must have to be worth a look: in shell, and anywhere.
_WORTH = re.compile(
    r"://|git@|\.io/|/io/|\.azurecr\.|\.dkr\.|gcr\.|pkg\.dev/|-r |--repo|org|owner|"
    + anchored(r"\b", "repos/")
    + "|"
    + anchored("^", "from "),
    re.MULTILINE,
)
_SIGNS = re.compile("sign")
_ANY = re.compile(r"://|git@|\.io|\.pkg\.dev|\.ecr\.|-r[=\s]|repo|org|owner|sign")
_COMMENT = re.compile(r"[\s+\-]*+(?:#(?!!)|//|\*|;|REM\b|::|<!--)", re.IGNORECASE)
_TRAILING = re.compile(r"\s#\s.*")
_REACHES = re.compile(
    r"\b(?:curl|wget|fetch|git|gh|glab|pip3?|pipx|uv|uvx|npm|npx|yarn|pnpm|cargo|docker|podman|buildah|skopeo|helm|"
    r"az|aws|gcloud|nuget|dotnet|twine|apt|apt-get|apt-key|add-apt-repository|dnf|yum|apk|brew|choco|winget|go|gem|"
    r"rsync|scp|iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadFile|oras|conda|mamba|ADD)\b",
)
# `X=`, `X :=`, `"x":` and the like right before a value.
_GIVES = re.compile(r"(?:[\w\"'\]]\s*[:?+]?=|[\"']\s*:)\s*[\"']?$")
_URL = re.compile(
    r"(?:https?|ssh|git)://(?:[^\s/@\"']*@)?([\w.\x01-]+)(?::\d+)?((?:/[^\s\"'<>()\]},;|`]*)?)", re.IGNORECASE
)
_SCP = re.compile(r"\bgit@([\w.-]+):([^\s\"']+)")
_PART = re.compile(r"[\w.-]+")
_FORGES = {"github.com": 0, "www.github.com": 0, "gitlab.com": 0, "bitbucket.org": 0, "codeberg.org": 0}
_FORGES |= {"raw.githubusercontent.com": 0, "api.github.com": 1, "dev.azure.com": 0}
# Pages of a forge that are read by people.
_READING = frozenset(
    ["issues", "pull", "pulls", "discussions", "wiki", "commit", "compare", "merge_requests"]
)
_PLAIN_HOSTS = re.compile(
    r"(?:^|\.)(?:localhost|example(?:\.\w+)?|local|test|invalid|internal)$|^[\d.]+$|^[^.]*$", re.IGNORECASE
)
_REGISTRY = re.compile(
    r"(?<![\w./@-])((?:ghcr\.io|quay\.io|docker\.io|(?:[\w-]+\.)?gcr\.io)(?=/)|[\w-]+\.azurecr\.io|[\w-]+\.pkg\.dev"
    r"|\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com|public\.ecr\.aws(?=/))(/[\w.-]+)?"
)
_SHARED = frozenset(["ghcr.io", "quay.io", "docker.io", "gcr.io", "public.ecr.aws"])
_ORG_OPTION = re.compile(r"(?<!\S)--(?:org|owner|organi[sz]ation)(?:=|\s+)[\"']?([\w-]+)(?![\w.\x01-])")
_REPO_OPTION = re.compile(r"(?:(?<!\S)(?:-R|--repo|--repository)(?:=|\s+)[\"']?|\brepos/)([\w-]+/[\w.-]+)")
_ORG_NAME = re.compile(
    r"^\s*(?:export\s+|set\s+|ARG\s+|ENV\s+)?(?:\w*_)?(?:org|owner|organi[sz]ation)(?:_?name)?\s*[:?]?=\s*[\"']?([\w-]+)[\"']?\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_SIGN = re.compile(
    r"\b(?:codesign|signtool|productsign|jarsigner)\b.*?\s(?:-s|--sign|/n|/sha1|/a)\s+(?:\"([^\"\x01]+)\"|'([^'\x01]+)')"
)


def in_shell(document: Document) -> Iterator[Mention]:
    """What the lines of a script, a recipe or an image file name."""
    stages: set[str] = set()
    docker = PurePosixPath(document.path).name.lower().startswith(("dockerfile", "containerfile"))
    docker = docker or document.path.lower().endswith(".dockerfile")
    lines = document.text.split("\n")
    for number in sorted({*lines_with(_WORTH, document.text.lower()), *lines_with(_SIGNS, document.text)}):
        line = lines[number - 1]
        yield from in_line(line, number)
        if docker and (origin := _FROM.match(line)):
            if origin[1] not in stages:
                yield from image(origin[1], number)
            stages.add(origin[2] or "")


def in_line(line: str, number: int) -> Iterator[Mention]:
    """What a line of shell names."""
    if len(line) > LONGEST or not _ANY.search(line.lower()) or _COMMENT.match(line):
        return
    text = _TRAILING.sub("", EXPRESSION.sub(HOLE, line))
    reaches = bool("://" in text and _REACHES.search(text))
    for url in _URL.finditer(text) if "://" in text else ():
        used = reaches or bool(_GIVES.search(text[max(0, url.start() - 80) : url.start()]))
        yield from _address(url[1].lower(), url[2], number, used)
    for scp in _SCP.finditer(text):
        yield from _address(scp[1].lower(), "/" + scp[2], number, used=True)
    yield from _registries(text, number)
    for option in _ORG_OPTION.finditer(text):
        yield Mention("organisation", option[1], number, "option")
    for option in _REPO_OPTION.finditer(text):
        yield from repository(option[1], number, "option")
    if given := _ORG_NAME.match(text):
        yield Mention("organisation", given[1], number, "option")
    if signed := _SIGN.search(text):
        yield Mention("signing name", signed[1] or signed[2], number)


def _address(host: str, path: str, number: int, used: bool) -> Iterator[Mention]:
    """The repository or the host of an address."""
    if host in _FORGES:
        parts = path.split("?")[0].split("#")[0].strip("/").split("/")[_FORGES[host] :]
        # An address may end before it comes to an owner.
        if not parts or (len(parts) > 2 and parts[2] in _READING):
            return
        if _PART.fullmatch(parts[0]) and parts[0] not in ("repos", "orgs", "users", "apps", "features"):
            whole = len(parts) > 1 and _PART.fullmatch(parts[1]) and host != "dev.azure.com"
            if whole:
                yield Mention(
                    "repository", f"{parts[0]}/{parts[1].removesuffix('.git')}", number, "address", used
                )
            yield Mention("organisation", parts[0], number, "address", used)
        return
    known = host.rpartition(HOLE)[2].lstrip(".-")
    if HOLE in host and known.count(".") < 1:
        return
    if not _PLAIN_HOSTS.search(known) and not _REGISTRY.fullmatch(known):
        yield Mention("host", known, number, used=used)


def repository(name: str, number: int, place: str) -> Iterator[Mention]:
    """OWNER/NAME as a repository and its organisation."""
    yield Mention("repository", name, number, place)
    yield Mention("organisation", name.partition("/")[0], number, place)


def _registries(text: str, number: int) -> Iterator[Mention]:
    for found in _REGISTRY.finditer(text):
        owner = (found[2] or "").strip("/")
        if found[1] not in _SHARED and not found[1].endswith(".gcr.io"):
            yield Mention("registry", found[1], number)
        elif owner:
            yield Mention("registry", f"{found[1]}/{owner}", number)
            yield Mention("organisation", owner, number, "image")


def image(text: str, number: int) -> Iterator[Mention]:
    """The name of a container image, without its tag."""
    name = re.split(r"@|:(?=[^/]*$)", EXPRESSION.sub(HOLE, text.strip("\"'")))[0]
    if name in ("", "scratch") or HOLE in name:
        return
    yield Mention("image", name, number)
    first, slash, _ = name.partition("/")
    if slash and "." not in first and ":" not in first:
        yield Mention("organisation", first, number, "image")
    known = list(_registries(text, number))
    yield from known
    # Only the name of a registry has a dot or a port in its first part.
    if slash and not known and ("." in first or ":" in first):
        yield Mention("registry", first, number)
