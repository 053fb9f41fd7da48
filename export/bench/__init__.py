"""What models cost on this machine."""
