"""What is known of the rooms now; pure values and no clock."""
