"""What programs of others call. May import: text, index, editing, query, retrieval, bot, render."""
