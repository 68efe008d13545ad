"""Rules: the written form, its validation, and the compiled form that the merge works with."""
