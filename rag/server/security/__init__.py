"""Who may come in, how often and with how much. May import: render."""
