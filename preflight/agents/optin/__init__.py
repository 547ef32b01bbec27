"""Parts of agents that a host gets only where the site says so in its inventory; nothing here is imported.

`reads_updates.ps1` calls a method of a CIM provider, as no other part does: Windows Update looks for what is
outstanding (`checklist: {windows_update: ask}`). A lint for what may change a target flags that call, and is meant to.
"""
