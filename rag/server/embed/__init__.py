"""What other sites put into their pages. May import: render."""
