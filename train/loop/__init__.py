"""The loop that every network learns in: epochs, steps, what is kept, going on where it stopped."""
