"""What is: actors, ties, places, and the luck that belongs to them."""
