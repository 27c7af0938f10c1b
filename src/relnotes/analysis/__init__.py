"""What is computed from a collection: ``compute_*``, and nothing is drawn."""
