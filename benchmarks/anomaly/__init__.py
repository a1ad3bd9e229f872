"""How soon and how surely incidents planted in synthetic traffic are found, and how often there is a false alarm."""
