"""What a served simulator answers under `/_simulator/`: an API and a page, with the same commands."""
