"""The firewall change request: the fewest rules that let through what failed, and nothing that nobody asks for."""
