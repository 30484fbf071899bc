"""What the assistant understands: Rasa's domain and data, NLU components, and the gateway channel."""
