"""Whether two records are one work."""
