"""What the assistant may do: thin Rasa actions that call the services."""
