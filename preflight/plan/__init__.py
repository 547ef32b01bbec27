"""Catalogue x topology -> cases. Pure: nothing here touches a host."""
