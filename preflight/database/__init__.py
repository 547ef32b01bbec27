"""Asks an external database server (MS SQL) from the machine that runs the suite; reads only."""
