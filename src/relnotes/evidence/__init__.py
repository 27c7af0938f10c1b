"""What a collection is and whether it is sound: tables, bibliography, rules."""
