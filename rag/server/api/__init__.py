"""What programs of others call. May import: index, query, retrieval, bot, render."""
