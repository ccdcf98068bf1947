"""Files that are packages of others: spreadsheets, slides, books, archives. May import: text."""
