"""All stories up to a bound on the shipped providers: nothing is sent twice, and nothing is lost."""
