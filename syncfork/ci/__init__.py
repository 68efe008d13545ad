"""Templates of pipelines: YAML with `@NAME@` for values and `@include FILE@` for the shell of a step."""
