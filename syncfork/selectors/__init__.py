"""Selectors: how a rule names places in a text. One file a kind; the registry is `syncfork.selectors.registry`."""
