"""What the assistant may do: rasa-sdk actions, thin, which call services and return messages and commands."""
