"""Look-ups: questions that a service of the company answers, such as where an order is."""
