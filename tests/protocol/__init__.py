"""All stories up to a bound, played on the shipped providers: nothing is sent twice, and nothing is lost."""
