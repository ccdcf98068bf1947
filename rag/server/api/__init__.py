"""What programs of others call. May import: query, retrieval, bot, render."""
