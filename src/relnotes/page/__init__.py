"""The source page: read, outlined, aligned with the passages of the collection."""
