"""Learning: rules that the fork's own changes and its past merges bear out, each with the evidence."""
