"""From raw entry to Article, or to the reason why not: addresses, text, HTML and dates made safe and comparable."""
