"""The remote agents: their contract, and the scripts that are sent to the hosts."""
