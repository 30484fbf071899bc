"""Tickets: work items with a number, a state and a history of their own."""
