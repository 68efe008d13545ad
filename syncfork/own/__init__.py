"""Path-level intents: whose file it is. One file a kind of effect; the registry is `.registry`."""
