"""Invariants on a tree. One file a kind; the registry is `.registry`."""
