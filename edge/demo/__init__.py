"""The demonstration: a clip, a broker, the real daemon and the live board, judged at the end."""
