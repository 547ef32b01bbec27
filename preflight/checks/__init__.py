"""What a checklist item's test works with: the host it asks about, and what comes of it."""
