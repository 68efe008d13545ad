"""syncfork merges upstream into a long-lived fork and keeps the fork's intents."""

__version__ = "0.1.0"

# What this process sets in its own environment, and no program that it starts for the user should see.
OWN_VARIABLE = ("PYDANTIC_DISABLE_PLUGINS", "true")
