"""Articles and their life, and the search that answers from them."""
