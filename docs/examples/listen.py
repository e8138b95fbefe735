"""Print each story as it is published: python3 listen.py https://news.example.org/ [TOPIC ...]"""

import json
import sys
import time
import urllib.parse
import urllib.request

site, topics = sys.argv[1], sys.argv[2:]
address = f"{site}events?{urllib.parse.urlencode([('topic', topic) for topic in topics])}"
last = ""  # keep it in a file to hear what came while this was not running
while True:
    request = urllib.request.Request(address, headers={"Last-Event-ID": last} if last else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as stream:  # it says something every 15 s
            print("listening", file=sys.stderr)
            event = {}
            for line in stream:
                name, _, value = line.decode().strip().partition(": ")
                if name:
                    event[name] = value
                elif event.get("event") == "story":
                    story = json.loads(event["data"])
                    print(f"{story['topic']}: {story['title']} {story['link']}", flush=True)
                    last, event = event["id"], {}
                elif event.get("event") == "missed":
                    print("fetch the feed: too much has happened", file=sys.stderr)
                    last, event = event["id"], {}
                else:
                    event = {}
    except OSError as problem:
        print(problem, file=sys.stderr)
    time.sleep(5)
