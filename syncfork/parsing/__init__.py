"""Texts as trees: by tree-sitter's grammars, by Python's own parsers, and as structured data with spans. Pure."""
