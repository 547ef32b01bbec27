"""Plain values that every stage shares: what is asked, what was seen, what it means. No I/O, no imports of ours."""
