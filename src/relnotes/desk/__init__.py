"""What analysts do: read exports, match, merge, write."""
