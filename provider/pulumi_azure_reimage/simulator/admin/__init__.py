"""What a served simulator answers under `/_simulator/`: an API and a page, both over the same commands."""
