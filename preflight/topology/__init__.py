"""What the site is: inventory.yaml, validated, as frozen values."""
