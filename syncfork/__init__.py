"""syncfork merges upstream into a long-lived fork and keeps the fork's intents."""

__version__ = "0.1.0"
