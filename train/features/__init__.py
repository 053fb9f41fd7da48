"""What backbones are fed, and their frozen features, computed once."""
