"""The site: an address for every row, and pages for people who never clone."""
