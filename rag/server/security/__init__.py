"""Who may come in, how often and with how much. May import: index, render."""
