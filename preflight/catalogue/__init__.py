"""The vendor page as data: rows, their conditions and ports, loaded and validated."""
