"""The one edge towards git: nothing outside this package starts a git process."""
