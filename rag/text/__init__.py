"""Chinese text: what a string says, found without moving an offset. May import: nothing."""
