"""A bot's turn: policy before, Rasa, policy after, texts rendered, the way without Rasa."""
