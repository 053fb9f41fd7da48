"""What is known of every room at this moment."""
