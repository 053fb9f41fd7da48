"""Tells further people of high alarms that nobody acknowledges."""
