"""What becomes of conflicts that git and the rules leave: resolutions that are remembered, and resolvers."""
