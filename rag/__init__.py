"""有据 Youju: answers questions over Chinese news by quoting, with every quote verified."""
