"""config.toml -> Settings: every mistake at once, with file, line, key and remedy."""

from feeds.config.settings import FetchSettings, PollSettings, PublishSettings, ServeSettings, Settings

__all__ = ["FetchSettings", "PollSettings", "PublishSettings", "ServeSettings", "Settings"]
