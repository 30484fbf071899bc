"""What a message names: numbers, addresses, telephones, products. The app and the bot read it alike."""
