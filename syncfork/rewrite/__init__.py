"""Rewrites: pure, idempotent edits of one file's text. One file an action; the registry is `.registry`."""
