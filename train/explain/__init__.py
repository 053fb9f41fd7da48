"""What a pain model looks at: patch colours, attention, occlusion, and contributions."""
