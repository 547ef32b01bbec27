"""The agents in Windows PowerShell 5.1: texts that scripts.py joins and sends; nothing here is imported."""
