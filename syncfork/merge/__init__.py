"""The lifted merge: result = git's own three-way merge of R(B), R(O), R(T)."""
