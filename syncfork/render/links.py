"""Addresses that a reader may follow: a saved report can hold any text where a link is expected."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from syncfork.words import plain


def web_link(url: str | None) -> str | None:
    """`url` with all that could end a link escaped; None where it is no plain address on the web."""
    if not url or len(url) > 2000 or plain(url) != url:
        return None
    try:
        parts = urlsplit(url)
        # `urlsplit` forgives blanks before an address; a browser is not asked to.
        begins = url.startswith(("https://", "http://"))
        named = begins and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return quote(url, safe=":/?#[]!$&+,;=%~-._") if named else None
