"""Customers, inboxes, conversations, messages, files, texts and the socket."""
