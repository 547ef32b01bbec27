"""The port matrix: what must be opened at a site, from inventory and catalogue alone, before any test."""
