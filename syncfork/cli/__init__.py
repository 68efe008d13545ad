"""The command line: options in, a report out. One file a group of verbs; no logic of its own."""
