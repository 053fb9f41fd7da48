"""The yardstick of real faces: what a pain model says of people whom nobody rendered."""
