"""Tests of the bot, against the pinned Rasa."""
