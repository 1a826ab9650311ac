"""The demo: a made-up software company, and its exports as its CRM would give them."""
